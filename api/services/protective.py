"""The protective ticket of a crisis: one per conversation and kind while it is open, for a person on duty."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import tickets
from api.db.tables.conversations import Conversation
from api.domain.access import Viewer
from api.domain.lifecycle import Move
from api.domain.organisation import Place
from api.services.crisis import OpenProtectiveTicket
from api.services.places import match
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Application, open_ticket
from api.services.tickets import MoveRequest, move

GATE = Viewer.tool("安全闸")
CATEGORY_OF = {
    "domestic_violence": ("marriage_family", "domestic_violence"),
    "elder_abuse": ("marriage_family", "support_elderly"),
}
OTHER = ("other_civil", "other")


def opener(desk: RoutingDesk) -> OpenProtectiveTicket:
    """The function that the crisis desk calls; it opens a ticket, or adds the words to the one still open."""

    async def open_protective(
        session: AsyncSession, *, conversation: Conversation, kind: str, text: str, at: datetime
    ) -> str:
        channel, sender = conversation.channel, conversation.sender
        known = await tickets.open_protective(session, channel=channel, sender=sender, crisis=kind, visible_to=GATE)
        if known:
            said = MoveRequest(note=f"求助人又说：{text}"[:1000])
            await move(session, desk, known, Move.ADD_NOTE, said, by=GATE, at=at)
            return known
        place = (await match(session, text)).place
        category, subcategory = CATEGORY_OF.get(kind, OTHER)
        application = Application(channel, sender, category, subcategory, text, place=place or Place(), crisis=kind)
        return (await open_ticket(session, desk, application, by=GATE, at=at, key=None)).no

    return open_protective
