"""Evidence files of a ticket; their content lies in the evidence store, found by ticket and digest."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime


class EvidenceRow(Base):
    __tablename__ = "ticket_evidence"
    __table_args__ = (UniqueConstraint("ticket_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    digest: Mapped[str]
    name: Mapped[str] = mapped_column(EncryptedText)
    media_type: Mapped[str]
    size: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str]
