"""Taking in a dispute: `intake_form` asks what is missing, shows it all, and submits only on 确认提交."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard, without
from actions.desk import Desk
from actions.draft import MAX_QUESTIONS, Draft
from actions.draft_kept import submits, taken_up
from actions.hearing import commands, held, misheard, question, settled, story_heard, unsure
from actions.intake_answers import MIN_STORY, Answers
from actions.intake_asides import SURE_QUESTION, digressed, steered, supplemented
from actions.intake_corrections import correct, corrects
from actions.intake_facts import note_known
from actions.intake_steps import stray_button
from actions.quantities import at_stake
from actions.summary import summary
from actions.task import KIND_OF_ACT, Task
from actions.task_form import wished
from actions.tasks import TaskFlow
from actions.turn import Turn, crisis_unspoken, turn_of
from actions.wording import buttons, say

SURE_EXIT = 0.5
MOST_MISSES = 3
EXITS = {"cancel", "handoff", "complaint"}


def abandoned(tracker: Tracker) -> bool:
    """True when a draft was left from a submission that failed, and the talk has moved on since."""
    return not tracker.get_slot("requested_slot") and tracker.get_slot("pending_offer") != "resubmit"


class ValidateIntakeForm(Action):
    """One call per message: takes the answer (or the digression, or the correction) and asks the next thing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tasks = TaskFlow(desk)
        self._answers = Answers(desk)

    def name(self) -> str:
        return "validate_intake_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, asked = turn_of(tracker), False
        task: Task | None = None
        if draft := taken_up(tracker, turn):
            draft.outcome, draft.misses = None, 0
            if draft.step == "confirmation" and submits(turn):
                asked = await self._counted(draft, turn, dispatcher)
            else:
                dispatcher.utter_message(text=say("intake.taken_up"))
        elif not tracker.get_slot("draft") or abandoned(tracker):
            draft = await self._begin(turn, tracker, dispatcher)
        else:
            draft = Draft.from_slot(tracker.get_slot("draft"))
            if crisis_unspoken(turn, tracker):
                draft.outcome = "crisis"
            else:
                turn = turn if tracker.get_slot("task") else settled(draft, turn)
                task, asked = await self._with_task(draft, turn, tracker, dispatcher)
        if not draft.outcome and not asked:
            await self._load_questions(draft, turn, tracker)
            await self._ask(draft, dispatcher)
        kept = SlotSet("task", task.stored if task else None)
        return [*draft.events(), kept, SlotSet("misses", 0), SlotSet("crisis_seen", turn.crisis_at)]

    async def _with_task(
        self, draft: Draft, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> tuple[Task | None, bool]:
        """A sum or a paper wanted in the middle is seen to first; the application then goes on where it was."""
        task = Task.from_slot(tracker.get_slot("task"))
        if task and turn.intent not in EXITS - {"cancel"}:
            await self._tasks.take(task, turn, dispatcher)
        elif turn.intent in KIND_OF_ACT and turn.confidence >= SURE_QUESTION:
            task = await self._task_begun(draft, turn, tracker, dispatcher)
        else:
            task = None
        if task is None:
            return None, await self._counted(draft, turn, dispatcher)
        if not task.outcome:
            return task, True
        dispatcher.utter_message(text=say("intake.back"))
        return None, False

    async def _begin(self, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher) -> Draft:
        """Start from what was told just before, or with the wish itself, so that nothing is asked twice."""
        draft = Draft(place=await self._place_of_code(turn))
        if heard("register_unnamed", turn.text):
            draft.contact = {}
        story = tracker.get_slot("last_story")
        if story:
            dispatcher.utter_message(text=say("intake.start_with_story"))
            triage, entities = tracker.get_slot("last_triage") or {}, tracker.get_slot("last_entities") or []
            if triage.get("by_voice"):
                draft.unsure = story_heard(turn, str(story), triage, entities)
            else:
                await self._answers.story(draft, str(story), triage, entities, dispatcher)
        elif not turn.payload:
            await self._from_the_wish(draft, turn, dispatcher)
        return draft

    async def _from_the_wish(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        """我要调解，邻居砌墙占了滴水檐：the wish and the story in one; or only for whom and where it is."""
        rest = without("opening", turn.said)
        if len(rest) >= MIN_STORY and rest != turn.said.strip():
            triage = await self._desk.triage(rest)
            if triage.get("category") not in (None, "out_of_scope"):
                dispatcher.utter_message(text=say("intake.start_with_story"))
                if turn.by_voice:
                    draft.unsure = story_heard(turn, rest, triage, turn.entities)
                    return
                await self._answers.story(draft, rest, triage, list(turn.entities), dispatcher)
                return
        if not turn.by_voice:  # whatever else was heard is asked for
            await self._answers.absorb(draft, turn)

    async def _place_of_code(self, turn: Turn) -> dict[str, Any] | None:
        """The place of the code somebody scanned at a village's wall; what they say themselves goes before it."""
        match = await self._desk.match_place(turn.place_hint) if turn.place_hint else {}
        place: dict[str, Any] | None = match.get("place")
        return place

    async def _task_begun(
        self, draft: Draft, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Task | None:
        """A bare question (抚养费要给多少) is left to the answers where they have one; it needs no reckoning."""
        task, _ = await wished(self._desk, turn, tracker)
        plain = task and task.kind == "calculator" and not task.facts and not turn.payload and "算" not in turn.text
        if task is None or (plain and draft.step != "story" and await self._desk.has_answer(turn)):
            return None
        await self._tasks.begin(task, turn, dispatcher)
        return task

    async def _counted(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """Takes the message; after the third one in a row that was of no use a person takes over.

        跳过 at the summary is no use either, but it is understood: there is nothing left to leave out.
        """
        nothing_left = draft.step == "confirmation" and turn.intent == "skip"
        unread = await self._take(draft, turn, dispatcher)
        draft.misses = draft.misses + (not nothing_left) if unread else 0
        if draft.misses >= MOST_MISSES:
            draft.outcome = "lost"
        return unread

    async def _take(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """The message as an exit, an aside, a correction, or the answer to what was asked.

        True when the answer was of no use and has already been asked for again.
        """
        waiting, draft.unsure = draft.unsure, None
        if waiting and misheard(turn) == "":
            dispatcher.utter_message(text=say("heard.again"))
            return False
        if turn.text in self._answers.offered(draft):
            return await self._answers.take(draft, turn, dispatcher)
        if steered(draft, turn, dispatcher):
            return False
        if turn.intent in EXITS and turn.confidence >= SURE_EXIT:
            draft.outcome = "cancelled" if turn.intent == "cancel" else "handoff"
        elif await digressed(self._desk, draft, turn, dispatcher):
            draft.unsure = waiting
            dispatcher.utter_message(text=say("intake.back"))
        elif waiting and draft.step == "story" and commands(turn):
            draft.unsure = waiting
        elif unsure(turn):
            draft.unsure = held(turn)
        else:
            return await self._write(draft, turn, dispatcher)
        return False

    async def _write(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """What the message brings into the draft; voice comes this far only once it is confirmed."""
        if supplemented(draft, turn, dispatcher):
            dispatcher.utter_message(text=say("intake.back"))
        elif corrects(turn) and await correct(self._desk, draft, turn):
            dispatcher.utter_message(text=say("intake.changed"))
        elif not stray_button(draft, turn):
            return await self._answers.take(draft, turn, dispatcher)
        return False

    async def _load_questions(self, draft: Draft, turn: Turn, tracker: Tracker) -> None:
        """Once the kind of matter is clear; what the story answers by itself is kept and not asked."""
        if draft.questions is not None or draft.story is None or draft.clarify is not None:
            return
        entities = turn.entities or tracker.get_slot("last_entities") or []
        category = draft.triage.get("category") or "other_civil"
        told = at_stake(draft.story, entities)
        found = await self._desk.questions(category, draft.triage.get("subcategory"), draft.story, told)
        draft.questions = [q for q in found["questions"] if q.get("fact") not in draft.facts][:MAX_QUESTIONS]
        note_known(draft, found["known"])

    async def _ask(self, draft: Draft, dispatcher: CollectingDispatcher) -> None:
        """The question of the step that comes next."""
        step = draft.step
        if draft.unsure:
            dispatcher.utter_message(text=question(draft.unsure["said"]), buttons=buttons("heard"))
        elif step == "story":
            dispatcher.utter_message(
                text=say("intake.start_for", whom=draft.behalf) if draft.behalf else say("intake.start")
            )
        elif step == "kind" and draft.clarify:
            options = [{"title": one["title"], "payload": one["title"]} for one in draft.clarify["options"]]
            dispatcher.utter_message(text=draft.clarify["question"], buttons=[*options, *buttons("neither")])
        elif step == "details" and draft.question:
            options = [{"title": b, "payload": b} for b in draft.question.get("buttons") or ()]
            dispatcher.utter_message(text=draft.question["text"], buttons=[*options, *buttons("skip")])
        elif step == "confirmation":
            preview = await self._desk.preview(draft.routing_facts())
            dispatcher.utter_message(text=summary(draft, preview), buttons=buttons("confirm"))
        else:
            key = f"intake.ask_{step}_for" if draft.behalf and step == "contact" else f"intake.ask_{step}"
            dispatcher.utter_message(text=say(key), buttons=buttons("skip"))
