"""Proof that chats were erased, without anything of what stood in them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, UtcDateTime


class ErasureRow(Base):
    """One conversation cleaned once. `subject` is a keyed digest: it tells nobody who it was, but can be checked.

    `cutoff`: everything before that moment is gone; `oldest` and `newest` are of what was erased.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    channel: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    messages: Mapped[int]
    oldest: Mapped[datetime | None] = mapped_column(UtcDateTime)
    newest: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cutoff: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str]
