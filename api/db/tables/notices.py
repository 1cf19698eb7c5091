"""Notices: what staff, villagers, groups and other systems are told, with how far each has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, EncryptedText, UtcDateTime
from api.db.tables.desk import EventRow


class UntoldEvent(Base):
    """An event of a ticket that nobody was told of yet: stored with it, taken away by the worker."""

    __tablename__ = "untold_events"

    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_events.id"), primary_key=True)
    event: Mapped[EventRow] = relationship()


class NoticeRow(Base):
    """One message to one receiver over one medium. `key` is unique, so that nothing is ever told twice.

    `lane` names the receiver for the rate limit (a group's webhook, WeChat, …); never an address.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_due", "status", "due_at"),
        Index("ix_notices_lane", "lane", "status", "due_at"),
        Index("ix_notices_member", "member_id", "id"),
        Index("ix_notices_organisation", "organisation_id", "id"),
        Index("ix_notices_conversation", "conversation_id", "sent_at"),
        Index("ix_notices_ticket", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    audience: Mapped[str]
    medium: Mapped[str]
    lane: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    text: Mapped[str]
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    ways: Mapped[list[str]] = mapped_column(default=list)
    urgent: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None]


class NoticeRead(Base):
    """A notice to a whole organisation is read by each of its members for themselves."""

    __tablename__ = "notice_reads"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoticeLane(Base):
    """Locked while messages of one receiver are taken; `taken`: when the last ones were, in seconds since 1970."""

    __tablename__ = "notice_lanes"

    lane: Mapped[str] = mapped_column(primary_key=True)
    taken: Mapped[list[Any]] = mapped_column(default=list)
