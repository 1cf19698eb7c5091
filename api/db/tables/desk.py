"""The dispute desk: places, organisations and their members, tickets with their history."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from api.db.base import Base, EncryptedText, UtcDateTime, phone_digest

if TYPE_CHECKING:
    from api.db.tables.directory import DutyShift


class PlaceRow(Base):
    """County, town, village, group: an empty part means the whole of the level above. Merged places stay, inactive."""

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("county", "town", "village", "group_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county: Mapped[str]
    town: Mapped[str] = mapped_column(default="")
    village: Mapped[str] = mapped_column(default="")
    group_name: Mapped[str] = mapped_column(default="")
    division_code: Mapped[str | None]
    population: Mapped[int | None]
    households: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    revision: Mapped[int] = mapped_column(default=1)


class OrganisationRow(Base):
    """`version` is the directory version of its last change, so that a cache reads only what changed.

    `revision` counts what administrators edit, so that two of them cannot overwrite each other.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    tier: Mapped[str]
    subjects: Mapped[list[str]] = mapped_column(default=list)
    phone: Mapped[str | None]
    office_hours: Mapped[str | None]
    address: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=0, index=True)
    members: Mapped[list["MemberRow"]] = relationship(back_populates="organisation", order_by="MemberRow.id")
    served: Mapped[list["OrganisationPlace"]] = relationship(cascade="all, delete-orphan")


class OrganisationPlace(Base):
    __tablename__ = "organisation_places"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), primary_key=True, index=True)
    place: Mapped[PlaceRow] = relationship()


class MemberRow(Base):
    """A mediator or other member of staff; those with a username can log in. `seat`: in the committee, if any.

    `busy_version` is the directory version in which their load last changed.
    """

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str]
    role: Mapped[str]
    username: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    woman: Mapped[bool] = mapped_column(default=False)
    takes_cases: Mapped[bool] = mapped_column(default=True)
    specialties: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    relations: Mapped[list[str]] = mapped_column(default=list)
    duty_days: Mapped[list[Any]] = mapped_column(default=list)
    load: Mapped[int] = mapped_column(default=0)
    load_limit: Mapped[int] = mapped_column(default=30)
    last_assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    busy_version: Mapped[int] = mapped_column(default=0, server_default="0", index=True)
    seat: Mapped[str] = mapped_column(default="")
    household: Mapped[str | None] = mapped_column(EncryptedText)
    revision: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    organisation: Mapped[OrganisationRow] = relationship(back_populates="members")
    absences: Mapped[list["AbsenceRow"]] = relationship(cascade="all, delete-orphan")
    shifts: Mapped[list["DutyShift"]] = relationship(cascade="all, delete-orphan")


class AbsenceRow(Base):
    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class DirectoryState(Base):
    """One row; counts the changes of organisations and of who is busy. `changed`: the last of the former kind."""

    __tablename__ = "directory_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    changed: Mapped[int] = mapped_column(default=0, server_default="0")


class TicketCounter(Base):
    """Ticket numbers count anew every day (Asia/Shanghai)."""

    __tablename__ = "ticket_counters"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class TicketRow(Base):
    """`version` and `head` are those of the last event; what a person wrote is encrypted."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("scope", "key"),
        Index("ix_tickets_queue", "organisation_id", "status", "id"),
        Index("ix_tickets_place", "town", "village", "id"),
        Index("ix_tickets_town", "town", "id"),
        Index("ix_tickets_mediator", "mediator_id", "status"),
        Index("ix_tickets_by_status", "status", "id"),
        Index("ix_tickets_conversation", "channel", "sender"),
        Index("ix_tickets_status", "status", "accept_due_at"),
        Index("ix_tickets_respondent", "respondent_org", "category"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    key: Mapped[str | None]
    fingerprint: Mapped[str]
    status: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    category: Mapped[str]
    subcategory: Mapped[str]
    tier: Mapped[str]
    tier_rank: Mapped[int]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    mediator_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    complexity: Mapped[str]
    warning_level: Mapped[str]
    protective: Mapped[bool]
    crisis: Mapped[str | None]
    flags: Mapped[list[str]]
    reasons: Mapped[list[Any]]
    rejected: Mapped[list[Any]]
    due: Mapped[list[Any]]
    legal: Mapped[list[Any]]
    facts: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(EncryptedText)
    county: Mapped[str]
    town: Mapped[str]
    village: Mapped[str]
    group_name: Mapped[str]
    respondent_org: Mapped[str] = mapped_column(default="")
    channel: Mapped[str]
    sender: Mapped[str]
    trail: Mapped[list[Any]]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accept_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mediate_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopen_days: Mapped[int]
    extended: Mapped[bool]
    merged_into: Mapped[str]
    version: Mapped[int]
    head: Mapped[str]
    organisation: Mapped[OrganisationRow | None] = relationship()
    mediator: Mapped[MemberRow | None] = relationship()
    parties: Mapped[list["PartyRow"]] = relationship(order_by="PartyRow.id")
    events: Mapped[list["EventRow"]] = relationship(order_by="EventRow.seq")


class PartyRow(Base):
    """`phone_hash` follows `phone`: a number that rings finds its tickets without being stored in the clear.

    `represents`: for whom a representative speaks. Corrections are records of the kind `party`.
    """

    __tablename__ = "ticket_parties"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    role: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str | None] = mapped_column(EncryptedText)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    represents: Mapped[int | None] = mapped_column(ForeignKey("ticket_parties.id"))
    authority: Mapped[str] = mapped_column(default="")
    phone_hash: Mapped[str | None] = mapped_column(index=True)

    @validates("phone")
    def _hash_too(self, _key: str, phone: str | None) -> str | None:
        self.phone_hash = phone_digest(phone) if phone else None
        return phone


class EventRow(Base):
    """Append-only; each row carries the hash of the one before. `key` names the request, so a retry adds nothing."""

    __tablename__ = "ticket_events"
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq"),
        UniqueConstraint("ticket_id", "key", name="uq_ticket_events_key"),
        Index("ix_ticket_events_move", "move", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    seq: Mapped[int]
    move: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str]
    actor_name: Mapped[str]
    note: Mapped[str] = mapped_column(EncryptedText)
    changes: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None]


class TicketAccess(Base):
    """Organisations that handle, handled, or were told of a ticket: each may see it."""

    __tablename__ = "ticket_access"
    __table_args__ = (Index("ix_ticket_access_organisation", "organisation_id", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    why: Mapped[str]
