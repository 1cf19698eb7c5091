"""An application that ended without being submitted: it is kept, and goes on when its words say so."""

from rasa_sdk import Tracker

from actions.cues import heard
from actions.draft import Draft
from actions.turn import Turn

KEPT = {"cancelled", "handoff", "lost", "crisis"}
GOES_ON = {"affirm", "start_intake", "correct", "skip"}


def kept(tracker: Tracker) -> Draft | None:
    """The application broken off last, if it had come to a story and no form is running."""
    draft = Draft.from_slot(tracker.get_slot("draft"))
    broken_off = draft.outcome in KEPT and draft.story is not None and not tracker.get_slot("requested_slot")
    return draft if broken_off else None


def taken_up(tracker: Tracker, turn: Turn) -> Draft | None:
    """The kept application when this message wants it: in words, or by calling the bot back from the operators.

    A matter told since, for which a registration was just offered, goes before it.
    """
    draft = kept(tracker)
    if draft is None:
        return None
    if turn.back and (not turn.payload or turn.intent in GOES_ON):
        return draft
    if turn.payload or tracker.get_slot("pending_offer") == "intake":
        return None
    return draft if heard("go_on", turn.text) or submits(turn) else None


def submits(turn: Turn) -> bool:
    """确认提交, in words or by its button."""
    return turn.intent == "affirm" if turn.payload else bool(heard("submit", turn.text))
