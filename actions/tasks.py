"""A sum to reckon or a paper to write: asks what is missing, one thing at a time, and gives the result."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer_text
from actions.desk import Desk, DeskError
from actions.task import Task
from actions.turn import Turn
from actions.wording import buttons, say

MAX_ASKED = {"calculator": 3, "paper": 6}
MAX_MISSES = 2
SURE_QUESTION = 0.5
QUESTION_SIGNS = ("?", "？", "吗", "怎么", "多少", "什么", "能不能")
MOST_BUTTONS = 6


class TaskFlow:
    """Drives one task; used by the form of its own and in the middle of the intake form."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, task: Task, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        state = await self._state(task)
        if state.get("safety"):
            dispatcher.utter_message(text=state["safety"])
        if self._next(task, state):
            dispatcher.utter_message(text=say(f"task.start_{task.kind}", title=task.title))
        await self._go_on(task, state, turn, dispatcher)

    async def take(self, task: Task, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        """The message as the answer to what was asked, a skip, the end, or a question in between."""
        if turn.intent == "cancel":
            task.outcome = "cancelled"
            dispatcher.utter_message(text=say("task.cancelled"))
            return
        if turn.intent == "skip":
            self._skip(task)
        elif await self._digressed(task, turn, dispatcher):
            dispatcher.utter_message(text=say("task.back"))
        elif not await self._answered(task, turn, dispatcher):
            return
        await self._go_on(task, await self._state(task), turn, dispatcher)

    def _skip(self, task: Task) -> None:
        if task.wanted:
            task.skipped.append(task.wanted["id"])
        task.misses = 0

    async def _answered(self, task: Task, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """False when it could not be read and was asked again."""
        if task.wanted is None:
            return True
        try:
            task.facts |= await self._desk.read_answer(task.kind, task.code, task.wanted["id"], turn)
            task.misses = 0
        except DeskError as error:
            task.misses += 1
            if task.misses < MAX_MISSES:
                dispatcher.utter_message(text=error.detail, buttons=self._buttons(task.wanted))
                return False
            self._skip(task)
        return True

    async def _digressed(self, task: Task, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """A law question in the middle is answered; then the task goes on where it was."""
        asks = turn.intent == "consultation" and turn.confidence >= SURE_QUESTION
        if not asks or not any(sign in turn.text for sign in QUESTION_SIGNS) or self._chosen(task, turn):
            return False
        result = await self._desk.ask(turn.text, turn.parse)
        if not result["answer"]:
            return False
        dispatcher.utter_message(text=answer_text(result["answer"], result["citations"]))
        return True

    @staticmethod
    def _chosen(task: Task, turn: Turn) -> bool:
        return any(turn.text == choice["label"] for choice in (task.wanted or {}).get("choices") or ())

    async def _state(self, task: Task) -> dict[str, Any]:
        """What the desk makes of the facts; facts it refuses together are dropped, with its reason kept to be told."""
        try:
            return await self._desk.task_state(task.kind, task.code, task.facts)
        except DeskError as error:
            task.facts, task.skipped = {}, []
            state = await self._desk.task_state(task.kind, task.code, {})
            return {**state, "refused": error.detail}

    def _next(self, task: Task, state: Mapping[str, Any]) -> dict[str, Any] | None:
        if task.asked >= MAX_ASKED[task.kind]:
            return None
        open_ = [*state["missing"], *state.get("worth_asking", ())]
        return next((one for one in open_ if one["id"] not in task.skipped), None)

    async def _go_on(self, task: Task, state: Mapping[str, Any], turn: Turn, dispatcher: CollectingDispatcher) -> None:
        if state.get("refused"):
            dispatcher.utter_message(text=state["refused"])
        wanted = self._next(task, state)
        if wanted is None:
            task.outcome = "done"
            await self._finish(task, state, turn, dispatcher)
            return
        if task.wanted is None or task.wanted["id"] != wanted["id"]:
            task.asked += 1
        task.wanted = wanted
        dispatcher.utter_message(text=wanted["question"], buttons=self._buttons(wanted))

    @staticmethod
    def _buttons(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
        choices = [{"title": one["label"][:20], "payload": one["label"]} for one in wanted.get("choices") or ()]
        return [*choices[:MOST_BUTTONS], *buttons("skip")]

    async def _finish(self, task: Task, state: Mapping[str, Any], turn: Turn, dispatcher: CollectingDispatcher) -> None:
        if task.kind == "paper":
            made = await self._desk.make_paper(task.code, task.facts, channel=turn.channel, sender=turn.sender)
            text = f"{made['read_back']}\n{made['link_note']}"
            dispatcher.utter_message(text=text, json_message={"links": [made["link"]]})
        elif state["result"]:
            dispatcher.utter_message(text=state["result"]["text"])
        else:
            labels = "、".join(one["label"] for one in state["missing"])
            dispatcher.utter_message(text=say("task.cannot", title=task.title, labels=labels))
