"""What the directory keeps beside its places and organisations: their history, duty, committees, routing decisions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, EncryptedText, UtcDateTime
from api.db.tables.desk import PlaceRow


class PlaceChange(Base):
    """One place became another (renamed, merged, moved) or ended (`to_id` empty) on a day. Append-only."""

    __tablename__ = "place_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    from_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), index=True)
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[PlaceRow] = relationship(foreign_keys=[from_id])
    target: Mapped[PlaceRow | None] = relationship(foreign_keys=[to_id])


class DutyShift(Base):
    __tablename__ = "duty_shifts"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class CommitteeRow(Base):
    """The register of a mediation committee; `checklist` holds the codes of what has been checked and found."""

    __tablename__ = "committees"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True, autoincrement=False)
    seats: Mapped[int]
    elected_on: Mapped[date | None]
    term_ends_on: Mapped[date | None]
    elected_by: Mapped[str] = mapped_column(default="")
    multi_ethnic: Mapped[bool] = mapped_column(default=False)
    minority_member: Mapped[bool] = mapped_column(default=False)
    checklist: Mapped[list[str]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(default=1)


class RoutingRecord(Base):
    """One decision about a ticket with the policy it was made under; `note`: the written reason of an override."""

    __tablename__ = "routing_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str]
    policy: Mapped[str]
    tier: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    mediator_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    flags: Mapped[list[str]]
    reasons: Mapped[list[Any]]
    rejected: Mapped[list[Any]]
    actor: Mapped[str]
    note: Mapped[str] = mapped_column(EncryptedText, default="")
