"""Photos somebody sent on a channel that only names them, until they have been fetched."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, EncryptedText, UtcDateTime


class SentPhoto(Base):
    """One to be fetched for a ticket; the row goes when the photo is kept or given up.

    `media_id` and `url` are what the channel gave to fetch it by.
    """

    __tablename__ = "sent_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    ticket_no: Mapped[str]
    media_id: Mapped[str] = mapped_column(EncryptedText)
    url: Mapped[str] = mapped_column(EncryptedText)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
