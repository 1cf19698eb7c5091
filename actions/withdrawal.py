"""Taking an application back: only after a yes, and never a ticket that protects somebody."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.around import Around
from actions.cues import heard
from actions.desk import Desk, DeskError
from actions.progress import tickets_meant
from actions.turn import Turn, crisis_unspoken, turn_of
from actions.wording import buttons, say

OPEN = {"submitted", "accepted", "mediating"}
OFFER = "withdraw"
SURE = 0.5
LONGEST_YES = 8


class ActionWithdraw(Action):
    """The applicant takes the application back; nobody asks why, but it is asked once whether that was meant."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_withdraw"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, asked = turn_of(tracker), None
        try:
            tickets = [one for one in await tickets_meant(self._desk, turn) if one["status"] in OPEN]
            guarded = [one for one in tickets if one.get("protective")]
            ordinary = [one for one in tickets if not one.get("protective")]
            if heard("withdraw_no", turn.text):
                dispatcher.utter_message(text=say("status.withdraw_kept"))
            elif guarded and (turn.crisis_at or not ordinary):
                await self._note(guarded, turn, dispatcher)
            elif len(ordinary) > 1:
                dispatcher.utter_message(text=say("status.withdraw_which"), buttons=withdraw_buttons(ordinary))
            elif not ordinary:
                dispatcher.utter_message(text=say("status.none"))
            elif turn.payload:
                await withdraw(self._desk, ordinary[0]["no"], turn, dispatcher)
            else:
                asked = ordinary[0]
                text = say("status.withdraw_sure", no=asked["no"], category=asked["category_zh"])
                dispatcher.utter_message(text=text, buttons=buttons("withdraw"))
        except DeskError as error:
            dispatcher.utter_message(text=error.detail)
        offer = [SlotSet("pending_offer", {OFFER: asked["no"]})] if asked else []
        return [*offer, SlotSet("misses", 0)]

    async def _note(self, guarded: Sequence[Mapping[str, Any]], turn: Turn, dispatcher: CollectingDispatcher) -> None:
        """Whoever holds the telephone, or pushes help away, does not end it; a person reads the words and decides."""
        for ticket in guarded:
            await self._desk.add(ticket["no"], turn, say("status.withdraw_note", said=turn.spoken or turn.said))
        dispatcher.utter_message(text=say("status.withdraw_protective"))


class Withdrawing(Around):
    """Around every action: the answer to the question above, which stands for one message only."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, offer = turn_of(tracker), tracker.get_slot("pending_offer")
        if not (isinstance(offer, Mapping) and OFFER in offer):
            return list(await self._inner.run(dispatcher, tracker, domain))
        over: list[EventType] = [SlotSet("pending_offer", None)]
        if turn.intent in ("deny", "cancel") or heard("withdraw_no", turn.text):
            dispatcher.utter_message(text=say("status.withdraw_kept"))
            return [*over, SlotSet("misses", 0)]
        if meant(turn, offer[OFFER]) and not crisis_unspoken(turn, tracker):
            try:
                await withdraw(self._desk, offer[OFFER], turn, dispatcher)
            except DeskError as error:
                dispatcher.utter_message(text=error.detail)
            return [*over, SlotSet("misses", 0)]
        tracker.slots["pending_offer"] = None
        return [*over, *await self._inner.run(dispatcher, tracker, domain)]


async def withdraw(desk: Desk, no: str, turn: Turn, dispatcher: CollectingDispatcher) -> None:
    key = f"withdraw:{turn.channel}:{turn.sender}:{turn.message_id}"
    await desk.withdraw(no, channel=turn.channel, sender=turn.sender, key=key)
    dispatcher.utter_message(text=say("status.withdrawn", no=no))


def meant(turn: Turn, no: str) -> bool:
    """A yes, or the same wish once more about the same ticket."""
    if turn.intent == "affirm":
        return turn.payload or len(turn.text) <= LONGEST_YES
    return turn.intent == "withdraw" and turn.confidence >= SURE and str(turn.first("ticket_no") or no) == no


def withdraw_buttons(tickets: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "title": say("status.withdraw_one", no=ticket["no"], category=ticket["category_zh"]),
            "payload": f"/withdraw{json.dumps({'ticket_no': ticket['no']})}",
        }
        for ticket in tickets[:5]
    ]
