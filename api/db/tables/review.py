"""Sentences the bot was unsure of, masked, waiting for a reviewer."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime


class ReviewRow(Base):
    """`digest` keeps the same sentence from queueing twice; it is keyed, so that it does not give the text away."""

    __tablename__ = "review_items"
    __table_args__ = (Index("ix_review_items_open", "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(EncryptedText)
    reason: Mapped[str]
    category: Mapped[str | None]
    subcategory: Mapped[str | None]
    confidence: Mapped[float]
    alternatives: Mapped[list[str]]
    status: Mapped[str] = mapped_column(default="open")
    label: Mapped[str | None]
    reviewer: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
