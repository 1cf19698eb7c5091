"""Somebody follows the account, scans a village's code, or leaves."""

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as store
from api.db import places as places_store
from api.db.tables.conversations import Delivery, Message
from api.db.tables.hotline import CallbackRow, OperatorMark
from api.db.tables.photos import SentPhoto
from api.domain.access import Viewer
from api.domain.conversation import InboundMessage, Owner
from api.services import places, tickets


async def followed(session: AsyncSession, message: InboundMessage) -> str | None:
    """Keeps the place of the scanned code with the conversation; its name, or None when the code names no place.

    A code carries a place's name (东沟村一组) or its division code.
    """
    talk = await store.find_or_start(session, message)
    scene = str(message.extra.get("place_hint") or "")
    if not scene:
        return None
    by_code = await places_store.of_code(session, scene) if scene.isdecimal() else None
    place = by_code or (await places.match(session, scene)).place
    if place is None or not place.town:
        return None
    talk.place_hint = f"{place.town}{place.village}{place.group}"
    return talk.place_hint


async def left(session: AsyncSession, *, channel: str, sender: str) -> bool:
    """个人信息保护法#第四十七条: the address goes, and without a ticket everything that was said goes with it.

    With a ticket the transcript belongs to its file and stays; what had still to be sent is not sent any more.
    False when there was nothing to forget.
    """
    talk = await store.find(session, channel, sender, lock=True)
    if talk is None:
        return False
    talk.reply_address = talk.place_hint = None
    numbers = await tickets.numbers_of(session, channel=channel, sender=sender, visible_to=Viewer.tool())
    if numbers:
        pending = Delivery.status.in_(("waiting", "pull"))
        dropped = update(Delivery).where(Delivery.conversation_id == talk.id, pending).values(status="expired")
        await session.execute(dropped)
        return True
    await session.flush()
    for table in (Delivery, SentPhoto, CallbackRow, OperatorMark):
        await session.execute(delete(table).where(table.conversation_id == talk.id))
    await session.execute(delete(Message).where(Message.conversation_id == talk.id))
    talk.owner, talk.known, talk.crisis, talk.crisis_at = Owner.BOT, {}, [], None
    talk.attention = talk.handoff_at = talk.handoff_reason = talk.operator = talk.operator_name = None
    return True
