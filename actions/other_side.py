"""The other party in a talk of their own: how to get in, and that they need not agree (人民调解法#第十七条)."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard
from actions.desk import Desk, DeskError
from actions.note import OTHER_SIDE_OF, Note
from actions.notes import LIVE
from actions.turn import Turn
from actions.wording import buttons, say

SAID_PLAINLY = {"withdraw", "disagree", "change_mediator", "statement", "claim"}


async def spoken_for(
    desk: Desk, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher
) -> list[EventType] | None:
    """None when the message is neither the other party's nor a refusal."""
    if turn.payload or turn.intent in SAID_PLAINLY:
        return None
    if heard("refuses", turn.text):
        return await _refused(desk, turn, tracker, dispatcher)
    if heard("other_side", turn.text) and not await _own(desk, turn):
        return _let_in(turn, dispatcher)
    return None


def _let_in(turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
    no = turn.first("ticket_no")
    if not no:
        dispatcher.utter_message(text=say("other_side.told"), buttons=buttons("other_side"))
        return [SlotSet("misses", 0)]
    dispatcher.utter_message(text=say("other_side.by_number"))
    note = Note("claim", {"number": str(no)})
    return [SlotSet("note", note.stored), SlotSet("misses", 0), FollowupAction("note_form")]


async def _refused(
    desk: Desk, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher
) -> list[EventType] | None:
    """Of the other party it stops the mediation, once they are sure; of the applicant it is put on the ticket."""
    no = (tracker.get_slot("note") or {}).get(OTHER_SIDE_OF)
    if no:
        note = Note("statement", {"ticket": no, "statement": turn.said[:1000]})
        return [SlotSet("note", note.stored), SlotSet("misses", 0), FollowupAction("note_form")]
    own = await _own(desk, turn)
    if len(own) == 1:
        try:
            await desk.add(own[0]["no"], turn, turn.said[:1000])
        except DeskError as error:
            dispatcher.utter_message(text=error.detail, buttons=buttons("human"))
            return [SlotSet("misses", 0)]
        dispatcher.utter_message(text=say("other_side.applicant_refuses", no=own[0]["no"]))
        return [SlotSet("misses", 0)]
    if turn.intent != "deny" or own or tracker.get_slot("pending_offer"):
        return None
    dispatcher.utter_message(text=say("other_side.refuses"), buttons=buttons("other_side"))
    return [SlotSet("misses", 0)]


async def _own(desk: Desk, turn: Turn) -> list[dict[str, Any]]:
    tickets = await desk.tickets_of(channel=turn.channel, sender=turn.sender)
    return [one for one in tickets if one["status"] in LIVE and not one.get("protective")]
