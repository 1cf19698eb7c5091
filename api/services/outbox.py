"""Answers that could not go out with their request: delivered by the worker, or pulled by the villager."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations
from api.db.session import Database
from api.db.tables.conversations import Conversation, Delivery, Message
from api.domain.conversation import Left, MessageStatus, Reply
from api.domain.errors import Unavailable

log = logging.getLogger(__name__)

BATCH = 20
MAX_ATTEMPTS = 6
FIRST_WAIT = timedelta(seconds=15)
CLAIMED_FOR = timedelta(minutes=10)
PULL_LIFETIME = timedelta(minutes=30)
UNREACHABLE = "unreachable"


class Sender(Protocol):
    """Delivers one text to one address; raises Unavailable when it may be tried again, Undeliverable when not."""

    def parts(self, reply: Reply) -> Sequence[str]:
        """The answer as the channel takes it: plain text, in pieces that are short enough."""

    async def send(self, address: str, text: str) -> None: ...


class Undeliverable(Exception):
    """The channel will not take this message from us any more (window closed, unsubscribed)."""


async def lost_messages(database: Database, *, before: datetime) -> Sequence[Message]:
    """Messages stored before that moment whose turn never came, oldest first."""
    query = (
        select(Message)
        .where(Message.role == "user", Message.status == MessageStatus.PENDING, Message.at < before)
        .order_by(Message.id)
        .limit(BATCH)
    )
    async with database.reading() as session:
        return (await session.scalars(query)).all()


async def deliver_due(database: Database, sender: Sender, *, now: datetime, channel: str = "wechat") -> int:
    """Send what is due; a failure waits twice as long each time, then stays visible as `dead`.

    Rows are claimed in a transaction of their own, so none is open while the channel is waited for. A claim outlasts
    the slowest batch; when this worker dies, another one takes the rows after that.
    """
    async with database.transaction() as session:
        due = await conversations.due_deliveries(session, channel=channel, now=now, limit=BATCH)
        for delivery in due:
            delivery.attempts += 1
            delivery.due_at = now + CLAIMED_FOR
    for delivery in due:
        await _deliver(database, delivery.id, sender, now=now)
    return len(due)


async def _deliver(database: Database, delivery_id: int, sender: Sender, *, now: datetime) -> None:
    async with database.reading() as session:
        delivery = await session.get_one(Delivery, delivery_id)
        conversation = await session.get_one(Conversation, delivery.conversation_id)
        message = await session.get_one(Message, delivery.message_id)
    status, problem, sent = "sent", None, delivery.parts_sent
    try:
        for part in sender.parts(reply_of(message))[sent:]:
            await sender.send(conversation.reply_address or "", part)
            sent += 1
    except Undeliverable as error:
        status, problem = "pull", str(error)
    except Unavailable as error:
        status, problem = ("dead" if delivery.attempts >= MAX_ATTEMPTS else "waiting"), error.detail
    async with database.transaction() as session:
        row = await session.get_one(Delivery, delivery_id)
        row.status, row.last_error, row.parts_sent = status, problem, sent
        row.due_at = now + FIRST_WAIT * 2 ** (row.attempts - 1)
        if status in ("pull", "dead"):
            talk = await session.get_one(Conversation, row.conversation_id)
            talk.attention = talk.attention or UNREACHABLE


async def leave_to_be_pulled(database: Database, *, channel: str) -> int:
    """The account may not send by itself: what waits for it is handed out when the person asks."""
    waiting = (Delivery.status == "waiting", Delivery.channel == channel)
    async with database.reading() as session:
        ids = (await session.scalars(select(Delivery.id).where(*waiting).limit(BATCH))).all()
    if not ids:
        return 0
    async with database.transaction() as session:
        await session.execute(update(Delivery).where(Delivery.id.in_(ids), *waiting).values(status="pull"))
    return len(ids)


async def hand_out(session: AsyncSession, *, message_id: int, now: datetime, push: bool) -> None:
    """The caller no longer waits for these answers: the worker pushes them, or they wait to be asked for."""
    for reply in await conversations.replies_to(session, message_id):
        await conversations.add_delivery(session, reply, status="waiting" if push else "pull", due_at=now)


async def anything_told(session: AsyncSession, *, channel: str, sender: str, key: str) -> bool:
    """A quick look whether `take(told_only=True)` has anything to give."""
    return await conversations.anything_told(session, channel, sender, key=key)


async def take(
    session: AsyncSession, *, channel: str, sender: str, key: str, now: datetime, told_only: bool = False
) -> Left | None:
    """What waits to be pulled by this person, once. An answer of the bot grows too old; an operator's word does not.

    `key` names the message that asks: when its reply is lost on the way, asking again under it gives the same.
    `told_only` leaves late answers where they are.
    """
    conversation = await conversations.find(session, channel, sender)
    if conversation is None:
        return None
    given = await conversations.taken_by(session, conversation.id, key)
    if not given:
        ready = await conversations.ready_answer(session, conversation.id, told_only=told_only)
        if not ready:  # a request of the same message may have taken them while we waited for the lock
            given = await conversations.taken_by(session, conversation.id, key)
        for delivery, message in ready:
            fresh = message.reply_to is None or now - delivery.due_at <= PULL_LIFETIME
            delivery.status, delivery.taken_by = ("sent", key) if fresh else ("expired", None)
            if fresh:
                given.append(message)
        if given and conversation.attention == UNREACHABLE:
            conversation.attention = None
    return Left(tuple(map(reply_of, given)), from_staff=given[0].role == "staff") if given else None


def reply_of(message: Message) -> Reply:
    return Reply(message.text, tuple(message.buttons), tuple(message.links))
