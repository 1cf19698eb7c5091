"""Conversations and their messages: what came in, what was answered, what still has to be delivered."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime

WANTED = text("attention IS NOT NULL")
TO_ERASE = text("erase_wanted IS NOT NULL")


class Conversation(Base):
    """One person on one channel. `sender` is the channel's opaque id (for WeChat an HMAC of the open id).

    `place_hint` is the place of a scanned code, `known` what the bot had gathered when it handed over; `operator` is
    who holds the conversation (actor and name), nobody while it waits in the queue. `desk_ticket`: the desk wrote about
    this ticket and waits for an answer. `erase_wanted`: everything said up to then goes once the answer is out.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel", "sender"),
        Index("ix_conversations_queue", "owner", "handoff_at"),
        Index("ix_conversations_attention", "attention", postgresql_where=WANTED, sqlite_where=WANTED),
        Index("ix_conversations_erase_wanted", "erase_wanted", postgresql_where=TO_ERASE, sqlite_where=TO_ERASE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    sender: Mapped[str]
    reply_address: Mapped[str | None] = mapped_column(EncryptedText)
    owner: Mapped[str] = mapped_column(default="bot")
    attention: Mapped[str | None]
    handoff_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handoff_reason: Mapped[str | None]
    known: Mapped[dict[str, Any]] = mapped_column(default=dict)
    place_hint: Mapped[str | None]
    desk_ticket: Mapped[str | None]
    operator: Mapped[str | None]
    operator_name: Mapped[str | None]
    crisis: Mapped[list[str]] = mapped_column(default=list)
    crisis_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erase_wanted: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str | None]
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Message(Base):
    """A line of a conversation. A villager's line has an `external_id`; an answer points to the line it answers."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        Index("ix_messages_pending", "status", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    channel: Mapped[str]
    role: Mapped[str]
    external_id: Mapped[str | None]
    text: Mapped[str]
    status: Mapped[str]
    buttons: Mapped[list[Any]] = mapped_column(default=list)
    links: Mapped[list[Any]] = mapped_column(default=list)
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    ticket_no: Mapped[str | None]
    crisis: Mapped[str | None]
    owner_after: Mapped[str | None]
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Base):
    """The outbox: an answer whose caller no longer waits, sent by the worker or pulled by the villager.

    `parts_sent`: how much of a long answer is out already; `taken_by`: the message that pulled it, so that a reply
    lost on the way can be given again.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due", "status", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    channel: Mapped[str]
    status: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None]
    parts_sent: Mapped[int] = mapped_column(default=0)
    taken_by: Mapped[str | None]
