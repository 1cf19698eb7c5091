"""Where is my case: status by number or by who is asking."""

import json
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.desk import Desk, DeskError
from actions.turn import Turn, turn_of
from actions.wording import say

MOST_TOLD = 3


async def status_line(desk: Desk, ticket: Mapping[str, Any], turn: Turn) -> str:
    """Where it stands in the desk's own words: who holds it, what comes next and by when. Raises DeskError."""
    told = await desk.progress(ticket["no"], turn)
    return say("status.one", no=ticket["no"], category=ticket["category_zh"], told=told["text"])


async def tickets_meant(desk: Desk, turn: Turn) -> list[dict[str, Any]]:
    """The ticket whose number was said, else all tickets of this conversation. Raises DeskError when unknown."""
    number = turn.first("ticket_no")
    if number:
        return [await desk.ticket(str(number), channel=turn.channel, sender=turn.sender)]
    return await desk.tickets_of(channel=turn.channel, sender=turn.sender)


async def tell_status(desk: Desk, turn: Turn, dispatcher: CollectingDispatcher) -> None:
    """Of a protective ticket nothing but that somebody knows: others may read along on this telephone."""
    try:
        tickets = await tickets_meant(desk, turn)
    except DeskError:
        no = str(turn.first("ticket_no"))
        dispatcher.utter_message(text=say("status.unknown_no", no=no), buttons=[claim_button(no)])
        return
    shown = [ticket for ticket in tickets if not ticket.get("protective")]
    for ticket in shown[:MOST_TOLD]:
        dispatcher.utter_message(text=await status_line(desk, ticket, turn))
    if len(shown) < len(tickets):
        dispatcher.utter_message(text=say("status.protective"))
    if not tickets:
        dispatcher.utter_message(text=say("status.none"))


def claim_button(no: str) -> dict[str, str]:
    """我有查询码, with the number that was said already."""
    return {"title": say("status.have_code"), "payload": f"/claim{json.dumps({'ticket_no': no})}"}


class ActionTicketStatus(Action):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_ticket_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        await tell_status(self._desk, turn_of(tracker), dispatcher)
        return [SlotSet("misses", 0)]
