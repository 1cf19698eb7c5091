"""Work beside tickets: one table for all kinds of records, and their history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, EncryptedText, UtcDateTime
from api.db.tables.desk import OrganisationRow


class WorkCounter(Base):
    """Numbers of records count anew every day (Asia/Shanghai)."""

    __tablename__ = "work_counters"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class WorkRow(Base):
    """`facts`: dates, counts, choices; `words`: what a person wrote, encrypted JSON. `owner_id`: whom it is up to."""

    __tablename__ = "work_records"
    __table_args__ = (
        UniqueConstraint("scope", "key"),
        Index("ix_work_records_kind", "kind", "id"),
        Index("ix_work_records_place", "town", "village", "kind"),
        Index("ix_work_records_organisation", "organisation_id", "kind"),
        Index("ix_work_records_due", "due_on", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    scope: Mapped[str]
    key: Mapped[str | None]
    fingerprint: Mapped[str]
    status: Mapped[str]
    county: Mapped[str]
    town: Mapped[str]
    village: Mapped[str]
    group_name: Mapped[str]
    tier: Mapped[str]
    tier_rank: Mapped[int]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("work_records.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date | None]
    facts: Mapped[dict[str, Any]]
    words: Mapped[str] = mapped_column(EncryptedText)
    tickets: Mapped[list[str]]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int]
    head: Mapped[str]
    organisation: Mapped[OrganisationRow] = relationship(foreign_keys=[organisation_id])
    owner: Mapped[OrganisationRow | None] = relationship(foreign_keys=[owner_id])
    parent: Mapped["WorkRow | None"] = relationship(remote_side=[id])
    events: Mapped[list["WorkEventRow"]] = relationship(order_by="WorkEventRow.seq")


class WorkEventRow(Base):
    """Append-only, each row with the hash of the one before; `note` is encrypted JSON: the reason and the new words."""

    __tablename__ = "work_events"
    __table_args__ = (UniqueConstraint("record_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("work_records.id"))
    seq: Mapped[int]
    move: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str]
    actor_name: Mapped[str]
    note: Mapped[str] = mapped_column(EncryptedText)
    changes: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
