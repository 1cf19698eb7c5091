"""Drafts of papers, kept for a short while behind a link."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime


class PaperRow(Base):
    """`facts` is JSON with what the person gave; nobody reads it without FENGQIAO_DATA_KEY, nor after `expires_at`."""

    __tablename__ = "papers"

    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    facts: Mapped[str] = mapped_column(EncryptedText)
    ticket_no: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
