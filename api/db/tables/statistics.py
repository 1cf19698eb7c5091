"""What reports count: one narrow row per ticket, kept in the transaction of every move, and figures from the courts."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, UtcDateTime
from api.db.tables.desk import PlaceRow, TicketRow


class CountedRow(Base):
    """domain.statistics.CountedTicket as columns. Nothing personal, and narrow, so that a million are read quickly."""

    __tablename__ = "counted_tickets"
    __table_args__ = (
        Index("ix_counted_tickets_last", "last_at", "opened_at"),
        Index("ix_counted_tickets_open", "ended_at", "opened_at"),
        Index("ix_counted_tickets_registered", "opened_at"),
        Index("ix_counted_tickets_accepted", "accepted_at"),
        Index("ix_counted_tickets_decided", "outcome", "decided_at"),
    )

    id: Mapped[int] = mapped_column(ForeignKey(TicketRow.id), primary_key=True, autoincrement=False)
    category: Mapped[str]
    subcategory: Mapped[str]
    organisation_id: Mapped[int | None]
    kind: Mapped[str]
    origin: Mapped[str]
    town: Mapped[str]
    village: Mapped[str]
    tier: Mapped[str]
    tier_rank: Mapped[int]
    protective: Mapped[bool]
    complexity: Mapped[str]
    warning_level: Mapped[str]
    respondent_org: Mapped[str]
    single: Mapped[bool]
    people: Mapped[int]
    cents: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    referred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    days_to_court: Mapped[int | None]
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rights_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form: Mapped[str]
    performed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    prevented: Mapped[str]
    prevented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    satisfied: Mapped[bool | None]


class CourtFigure(Base):
    """Cases a court took from one place in one period, as the court gave them."""

    __tablename__ = "court_figures"
    __table_args__ = (UniqueConstraint("place_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    period: Mapped[str]
    cases: Mapped[int]
    criminal: Mapped[int | None]
    source: Mapped[str]
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[PlaceRow] = relationship()
