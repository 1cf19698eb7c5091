"""删除我的记录, at any point of a talk: first what goes and what the law keeps is said, then a yes is waited for."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.around import Around
from actions.cues import heard
from actions.desk import DeskError
from actions.turn import Turn, turn_of
from actions.wording import buttons, say

LONGEST_WISH = 30
OFFER = "erase"


class Erasing(Around):
    """Around every action, because the wish is heard by its words, whatever else the sentence was taken for.

    While the question is open the slot `pending_offer` holds `{"erase": the offer before it}`, for one message.
    """

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, offer = turn_of(tracker), tracker.get_slot("pending_offer")
        asked = isinstance(offer, Mapping) and OFFER in offer
        before = offer[OFFER] if asked else offer
        if asked and confirmed(turn):
            await self._erase(turn, dispatcher)
            return staying(tracker, None)
        if asked and (turn.intent == "deny" or heard("erase_no", turn.text)):
            dispatcher.utter_message(text=say("erase.kept"))
            return staying(tracker, before)
        if asked and turn.intent == "affirm":
            dispatcher.utter_message(text=say("erase.surely"), buttons=buttons("erase"))
            return staying(tracker, offer)
        if wished(turn):
            await self._ask(turn, dispatcher)
            return staying(tracker, {OFFER: before})
        if not asked:
            return list(await self._inner.run(dispatcher, tracker, domain))
        tracker.slots["pending_offer"] = before
        return [SlotSet("pending_offer", before), *await self._inner.run(dispatcher, tracker, domain)]

    async def _ask(self, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        """The desk's own list of what stays, with its reasons."""
        data = await self._desk.my_data(turn)
        kept = "\n".join(say("erase.keeps", what=one["zh"], why=one["why"]) for one in data["kept"])
        tickets = (
            say("erase.tickets", numbers="、".join(data["tickets"])) if data["tickets"] else say("erase.no_tickets")
        )
        text = say("erase.ask", lines=len(data["messages"]), kept=kept, tickets=tickets, days=data["days"])
        dispatcher.utter_message(text=text, buttons=buttons("erase"))

    async def _erase(self, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        try:
            done = await self._desk.erase(turn)
        except DeskError as error:
            dispatcher.utter_message(text=error.detail, buttons=buttons("human"))
            return
        dispatcher.utter_message(text=done["text"])


def wished(turn: Turn) -> bool:
    return not turn.payload and len(turn.text) <= LONGEST_WISH and bool(heard("erase", turn.text))


def confirmed(turn: Turn) -> bool:
    """A bare 好的 is too little for what cannot be undone: the button, or the word itself."""
    return (turn.payload and turn.intent == "affirm") or bool(heard("erase_yes", turn.text))


def staying(tracker: Tracker, offer: Any) -> list[EventType]:
    """Nothing else moves; a form that is open asks again for what it asked before."""
    events: list[EventType] = [SlotSet("pending_offer", offer), SlotSet("misses", 0)]
    step = tracker.get_slot("requested_slot")
    return [*events, SlotSet("requested_slot", step)] if step else events
