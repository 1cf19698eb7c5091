"""The hotline and the operators: calls, call-backs, and what operators note about a conversation."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime


class CallRow(Base):
    """One telephone call as the exchange told of it. `sender` is the caller's conversation on the hotline channel."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_sender", "sender", "id"),
        Index("ix_calls_status", "status", "id"),
        Index("ix_calls_rang_at", "rang_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    status: Mapped[str]
    operator: Mapped[str | None]
    operator_name: Mapped[str | None]
    rang_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None]
    summary: Mapped[str | None] = mapped_column(EncryptedText)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CallbackRow(Base):
    """Somebody wants to be rung. At most one is open per conversation; `operator` is who spoke to them before."""

    __tablename__ = "callbacks"
    __table_args__ = (Index("ix_callbacks_status", "status", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    phone: Mapped[str] = mapped_column(EncryptedText)
    wish: Mapped[str] = mapped_column(EncryptedText)
    status: Mapped[str]
    operator: Mapped[str | None]
    operator_name: Mapped[str | None]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(EncryptedText)


class OperatorMark(Base):
    """An operator's mark on a conversation (abuse, out of scope): for the supervisor and the count, never a score."""

    __tablename__ = "operator_marks"
    __table_args__ = (Index("ix_operator_marks_actor", "actor", "at"), Index("ix_operator_marks_kind", "kind", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str]
    note: Mapped[str | None] = mapped_column(EncryptedText)
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
