"""Queries that erase chats and list the proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.conversations import Conversation, Delivery, Message
from api.db.tables.erasures import ErasureRow
from api.db.tables.hotline import CallbackRow, OperatorMark
from api.db.tables.notices import NoticeRow
from api.db.tables.photos import SentPhoto
from api.domain.conversation import MessageStatus


@dataclass(frozen=True)
class Span:
    """How many messages there are, from when to when."""

    messages: int
    oldest: datetime | None
    newest: datetime | None


async def span(session: AsyncSession, conversation_id: int, before: datetime) -> Span:
    query = select(func.count(), func.min(Message.at), func.max(Message.at))
    row = (await session.execute(query.where(*_old(conversation_id, before)))).one()
    return Span(row[0], row[1], row[2])


async def with_old(session: AsyncSession, before: datetime, idle_since: datetime, limit: int) -> Sequence[Conversation]:
    """Conversations that hold messages from before a moment and rest since another, nobody working on them."""
    old = exists().where(Message.conversation_id == Conversation.id, Message.at < before)
    free = or_(Conversation.lease_until.is_(None), Conversation.lease_until < idle_since)
    query = select(Conversation).where(old, Conversation.last_at < idle_since, free)
    return (await session.scalars(query.order_by(Conversation.id).limit(limit))).all()


async def wanted(session: AsyncSession, now: datetime, limit: int) -> Sequence[Conversation]:
    """Conversations whose person asked for it in the chat, and whose last answer is out and taken."""
    unsent = exists().where(Delivery.conversation_id == Conversation.id, Delivery.status == "waiting")
    unanswered = exists().where(Message.conversation_id == Conversation.id, Message.status == MessageStatus.PENDING)
    query = select(Conversation).where(Conversation.erase_wanted <= now, ~unsent, ~unanswered)
    return (await session.scalars(query.order_by(Conversation.erase_wanted).limit(limit))).all()


async def erase_messages(session: AsyncSession, conversation_id: int, before: datetime) -> None:
    """Messages, what was to be delivered or fetched of them, and the links of later answers to them."""
    gone = select(Message.id).where(*_old(conversation_id, before))
    await session.execute(delete(SentPhoto).where(SentPhoto.message_id.in_(gone)))
    await session.execute(delete(Delivery).where(Delivery.message_id.in_(gone)))
    await session.execute(update(Message).where(Message.reply_to.in_(gone)).values(reply_to=None))
    await session.execute(delete(Message).where(*_old(conversation_id, before)))


async def blank(session: AsyncSession, conversation: Conversation) -> None:
    """Everything personal of a conversation but its opaque id, which its tickets are found by."""
    conversation.reply_address = None
    conversation.handoff_reason = None
    conversation.handoff_at = None
    conversation.owner = "bot"
    conversation.attention = None
    conversation.erase_wanted = None
    conversation.known = {}
    conversation.place_hint = None
    conversation.operator = conversation.operator_name = None
    conversation.crisis = []
    conversation.crisis_at = None
    mine = conversation.id
    await session.execute(delete(CallbackRow).where(CallbackRow.conversation_id == mine))
    await session.execute(update(OperatorMark).where(OperatorMark.conversation_id == mine).values(note=None))
    cut = update(NoticeRow).where(NoticeRow.conversation_id == mine)
    await session.execute(cut.values(conversation_id=None, phone=None))
    await session.flush()


def _old(conversation_id: int, before: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (Message.conversation_id == conversation_id, Message.at < before)


async def listed(session: AsyncSession, *, before: int | None, limit: int) -> Sequence[ErasureRow]:
    """Newest first."""
    query = select(ErasureRow).order_by(ErasureRow.id.desc()).limit(limit)
    return (await session.scalars(query if before is None else query.where(ErasureRow.id < before))).all()
