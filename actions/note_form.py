"""The form around a note, and what starts it."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import ActionAnswer, answer_text
from actions.desk import Desk
from actions.handoff import hand_over
from actions.note import FIELDS, Note
from actions.notes import FREE, NoteFlow
from actions.progress import tell_status
from actions.turn import SURE_MATTER, Turn, crisis_unspoken, turn_of
from actions.wording import say

FORM, SLOT = "note_form", "note_answer"
SURE = 0.5
LEAVING = {"handoff": "handoff", "start_intake": "intake", "ticket_status": "status", "withdraw": "withdraw"}
QUESTION_SIGNS = ("?", "？", "吗", "怎么", "多少", "什么", "能不能", "行不行", "可以不")


class ActionStartNote(Action):
    """The intent names the kind; a law question that only sounds like an addition is answered."""

    def __init__(self, desk: Desk) -> None:
        self._answer = ActionAnswer(desk)

    def name(self) -> str:
        return "action_start_note"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        intent = turn.intent
        if intent == "supplement" and asks(turn) and turn.tells_of_a_matter(from_=SURE_MATTER):
            return await self._answer.run(dispatcher, tracker, domain)
        note = Note(intent if intent in FIELDS else "supplement")
        return [SlotSet("note", note.stored), SlotSet("misses", 0), FollowupAction(FORM)]


class ValidateNoteForm(Action):
    """One call per message while a note is being taken."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._flow = NoteFlow(desk)

    def name(self) -> str:
        return "validate_note_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, note = turn_of(tracker), Note.from_slot(tracker.get_slot("note"))
        if note is None or crisis_unspoken(turn, tracker):
            return ended("crisis" if note else "none", note)
        running = tracker.get_slot("requested_slot") == SLOT
        if not running:
            await self._flow.begin(note, turn, dispatcher)
        elif outcome := left(note, turn):
            return ended(outcome, note)
        elif await self._digressed(note, turn, dispatcher):
            dispatcher.utter_message(text=say("note.back"))
        else:
            await self._flow.take(note, turn, dispatcher)
        return (
            ended(note.outcome, note)
            if note.outcome
            else [SlotSet("note", note.stored), SlotSet("requested_slot", SLOT)]
        )

    async def _digressed(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """A law question in the middle is answered; in free words it needs the look of a question to be one."""
        unsure = turn.intent != "consultation" or turn.confidence < SURE
        if unsure or (note.wanted in FREE and not asks(turn)):
            return False
        result = await self._desk.ask(turn.text, turn.parse)
        if result["answer"]:
            dispatcher.utter_message(text=answer_text(result["answer"], result["citations"]))
        return bool(result["answer"])


def asks(turn: Turn) -> bool:
    return any(sign in turn.text for sign in QUESTION_SIGNS)


def left(note: Note, turn: Turn) -> str | None:
    """What else the message wants, when it wants out; a bare number is an answer, though it could be a question too."""
    answers = note.wanted in ("ticket", "number", "code") and bool(turn.first("ticket_no") or turn.text.isdecimal())
    if answers or turn.confidence < SURE:
        return None
    return LEAVING.get(turn.intent)


def ended(outcome: str, note: Note | None) -> list[EventType]:
    kept = note.remembered if note else {}
    return [SlotSet("note", {"ended": outcome, **kept}), SlotSet(SLOT, True), SlotSet("requested_slot", None)]


class ActionFinishNote(Action):
    """What it ended with: done, cancelled, or something else wanted instead."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_finish_note"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        left = dict(tracker.get_slot("note") or {})
        outcome = left.pop("ended", None)
        cleared: list[EventType] = [
            SlotSet("note", left or None),
            SlotSet(SLOT, None),
            SlotSet("misses", 0),
            SlotSet("crisis_seen", turn.crisis_at),
        ]
        if outcome in ("handoff", "lost"):
            reason = say("handoff.reason_asked" if outcome == "handoff" else "handoff.reason_misses")
            if outcome == "lost":
                dispatcher.utter_message(text=say("fallback.human"))
            await hand_over(self._desk, turn, dispatcher, reason=reason)
        elif outcome == "crisis":
            dispatcher.utter_message(text=say("answer.after_crisis"))
        elif outcome == "status":
            await tell_status(self._desk, turn, dispatcher)
        elif outcome == "intake":
            return [*cleared, FollowupAction("intake_form")]
        elif outcome == "withdraw":
            return [*cleared, FollowupAction("action_withdraw")]
        return cleared
