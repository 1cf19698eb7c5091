"""Time limits of tickets, running and ended."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, UtcDateTime

if TYPE_CHECKING:
    from api.db.tables.desk import TicketRow

RUNNING = text("ended_at IS NULL")
WAITING = text("next_at IS NOT NULL")


class ClockRow(Base):
    """`ref`: number of the record it is about, 0 for the ticket. `rung`: steps taken after it ran out; `next_at`: when
    the worker looks again. `yellow_at`: from when on its light is yellow."""

    __tablename__ = "ticket_clocks"
    __table_args__ = (
        Index("ix_ticket_clocks_ticket", "ticket_id"),
        Index("ix_ticket_clocks_next", "next_at", postgresql_where=WAITING, sqlite_where=WAITING),
        Index("ix_ticket_clocks_due", "due_at", postgresql_where=RUNNING, sqlite_where=RUNNING),
        Index("ix_ticket_clocks_key", "key", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    key: Mapped[str]
    ref: Mapped[int] = mapped_column(default=0)
    unit: Mapped[str]
    because: Mapped[str]
    basis: Mapped[list[str]] = mapped_column(default=list)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    yellow_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    how: Mapped[str | None]
    rung: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket: Mapped["TicketRow"] = relationship()
