"""Records on tickets (meetings, agreements, call-outs …), every version of them, and refused looks at tickets."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, EncryptedText, UtcDateTime


class RecordRow(Base):
    """`no` counts within the ticket. `content` is JSON; `day`, `due_at`, `code`, `amount_fen` and `organisation_id`
    repeat what of it is asked for across tickets, as the kind's `columns` say."""

    __tablename__ = "ticket_records"
    __table_args__ = (
        UniqueConstraint("ticket_id", "no"),
        Index("ix_ticket_records_due", "kind", "state", "due_at"),
        Index("ix_ticket_records_day", "kind", "day"),
        Index("ix_ticket_records_organisation", "organisation_id", "kind", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    no: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_records.id"), index=True)
    author: Mapped[str]
    author_name: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    day: Mapped[date | None]
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code: Mapped[str | None]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(EncryptedText)
    revision: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    versions: Mapped[list["RecordVersionRow"]] = relationship(order_by="RecordVersionRow.revision")
    parent: Mapped["RecordRow | None"] = relationship(remote_side="RecordRow.id")


class RecordVersionRow(Base):
    """Append-only. The event `event_seq` of the ticket holds the digest of `content` salted with `salt`."""

    __tablename__ = "ticket_record_versions"
    __table_args__ = (UniqueConstraint("record_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("ticket_records.id"))
    revision: Mapped[int]
    step: Mapped[str]
    state: Mapped[str]
    content: Mapped[str] = mapped_column(EncryptedText)
    salt: Mapped[str]
    event_seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str]
    actor_name: Mapped[str]


class AccessRefusalRow(Base):
    """Somebody asked for a ticket that exists and is not theirs to see; they were told that there is none."""

    __tablename__ = "access_refusals"
    __table_args__ = (Index("ix_access_refusals_ticket", "ticket_no", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_no: Mapped[str]
    actor: Mapped[str]
    actor_name: Mapped[str]
    organisation: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
