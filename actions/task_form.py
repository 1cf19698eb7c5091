"""The form around a task, and what starts it: a message that asks for a sum or a paper, or a button."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import task_button
from actions.desk import Desk
from actions.handoff import hand_over
from actions.task import KIND_OF_ACT, Task
from actions.tasks import TaskFlow
from actions.turn import Turn, crisis_unspoken, turn_of
from actions.wording import say

FORM, SLOT = "task_form", "task_answer"
LEAVING = {"handoff", "complaint"}
SURE_EXIT = 0.5


def started(task: Task) -> list[EventType]:
    return [SlotSet("task", task.stored), SlotSet("misses", 0), FollowupAction(FORM)]


async def wished(desk: Desk, turn: Turn, tracker: Tracker) -> tuple[Task | None, list[dict[str, str]]]:
    """The task meant, or all there is to choose from; a button takes its facts from the story told before."""
    code = turn.first("task")
    if not code:
        found = await desk.wish(turn.text, turn.entities, act=turn.intent)
        return (Task.from_wish(found["wish"]) if found["wish"] else None), found["options"]
    kind = KIND_OF_ACT[turn.intent]
    options = (await desk.wish(turn.text, (), act=turn.intent))["options"]
    title = next((one["title"] for one in options if one["code"] == code), None)
    if title is None:
        return None, options
    story, entities = tracker.get_slot("last_story"), tracker.get_slot("last_entities") or []
    facts = await desk.task_prefill(kind, str(code), str(story), entities) if story else {}
    return Task(kind, str(code), title, facts), options


class ActionStartTask(Action):
    """Starts the calculator or paper that was asked for, or lists them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_start_task"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        task, options = await wished(self._desk, turn, tracker)
        if task:
            return started(task)
        kind = KIND_OF_ACT.get(turn.intent, "calculator")
        offered = [task_button({"kind": kind, **option}, plain=True) for option in options]
        dispatcher.utter_message(text=say(f"task.which_{kind}"), buttons=offered)
        return [SlotSet("misses", 0)]


class ValidateTaskForm(Action):
    """One call per message while a task is going on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._flow = TaskFlow(desk)

    def name(self) -> str:
        return "validate_task_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, stored = turn_of(tracker), tracker.get_slot("task") or {}
        task = Task.from_slot(None if "ended" in stored else stored)
        if task is None or crisis_unspoken(turn, tracker):
            return ended("crisis" if task else "none")
        running = tracker.get_slot("requested_slot") == SLOT
        if running and (outcome := left(turn)):
            return ended(outcome)
        other = await self._other(task, turn, tracker) if running else task
        if other:
            task = other
            await self._flow.begin(task, turn, dispatcher)
        else:
            await self._flow.take(task, turn, dispatcher)
        return ended(task.outcome) if task.outcome else [SlotSet("task", task.stored), SlotSet("requested_slot", SLOT)]

    async def _other(self, task: Task, turn: Turn, tracker: Tracker) -> Task | None:
        """Another sum or paper asked for in the middle takes the place of this one."""
        if turn.intent not in KIND_OF_ACT or turn.confidence < SURE_EXIT:
            return None
        other, _ = await wished(self._desk, turn, tracker)
        return other if other and other.code != task.code else None


def left(turn: Turn) -> str | None:
    """What else the message wants, when it wants out."""
    if turn.intent in LEAVING and turn.confidence >= SURE_EXIT:
        return "handoff"
    return "intake" if turn.intent == "start_intake" and turn.confidence >= SURE_EXIT else None


def ended(outcome: str) -> list[EventType]:
    return [SlotSet("task", {"ended": outcome}), SlotSet(SLOT, True), SlotSet("requested_slot", None)]


class ActionFinishTask(Action):
    """What the task ended with: done, cancelled, a human wanted, a registration wanted, or a crisis."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_finish_task"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        outcome = (tracker.get_slot("task") or {}).get("ended")
        cleared: list[EventType] = [
            SlotSet("task", None),
            SlotSet(SLOT, None),
            SlotSet("misses", 0),
            SlotSet("crisis_seen", turn.crisis_at),
        ]
        if outcome == "handoff":
            await hand_over(self._desk, turn, dispatcher, reason=say("handoff.reason_asked"))
        elif outcome == "crisis":
            dispatcher.utter_message(text=say("answer.after_crisis"))
        elif outcome == "intake":
            return [*cleared, FollowupAction("intake_form")]
        return cleared
