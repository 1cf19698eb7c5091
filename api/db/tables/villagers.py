"""What people outside the desk do with a ticket: open it by its check code from somewhere else, and rate it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime


class ClaimRow(Base):
    """One try to open a ticket by its code; `side` is empty when the code was wrong. Both are kept and counted."""

    __tablename__ = "ticket_claims"
    __table_args__ = (
        Index("ix_ticket_claims_conversation", "channel", "sender", "ticket_id"),
        Index("ix_ticket_claims_number", "no", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    channel: Mapped[str]
    sender: Mapped[str]
    side: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RatingRow(Base):
    """How content a person was with how their matter was handled; the last word counts."""

    __tablename__ = "ticket_ratings"
    __table_args__ = (UniqueConstraint("ticket_id", "channel", "sender"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    channel: Mapped[str]
    sender: Mapped[str]
    score: Mapped[str]
    comment: Mapped[str] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
