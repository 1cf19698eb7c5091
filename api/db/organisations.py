"""All queries of places, organisations and their members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from sqlalchemy import Select, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload
from sqlalchemy.sql.dml import ReturningInsert

from api.db.session import dialect_of, upsert
from api.db.tables.desk import AbsenceRow, DirectoryState, MemberRow, OrganisationPlace, OrganisationRow, PlaceRow
from api.db.tables.directory import DutyShift, PlaceChange
from api.domain.deadline import LOCAL
from api.domain.organisation import Member, Organisation, OrganisationKind, Place, Span
from api.domain.tier import Tier

STATE = cast(Table, DirectoryState.__table__)
CHUNK = 500


@dataclass(frozen=True)
class DirectoryVersion:
    """`version` counts every change; `changed` is the last one of more than of who is busy."""

    version: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Busy:
    """How much a member has to do now."""

    member: str
    organisation: str
    load: int
    last_assigned: datetime | None


async def directory_version(session: AsyncSession) -> DirectoryVersion:
    found = (await session.execute(select(DirectoryState.version, DirectoryState.changed))).one_or_none()
    return DirectoryVersion(*found) if found else DirectoryVersion()


async def busy_since(session: AsyncSession, version: int) -> list[Busy]:
    """Members whose load changed after a version."""
    columns = (MemberRow.id, MemberRow.organisation_id, MemberRow.load, MemberRow.last_assigned_at)
    found = await session.execute(select(*columns).where(MemberRow.busy_version > version))
    return [Busy(str(member), str(organisation), load, last) for member, organisation, load, last in found]


async def changed_since(session: AsyncSession, version: int) -> Sequence[OrganisationRow]:
    """Organisations changed after a version, inactive ones too (so that a cache can drop them)."""
    query = select(OrganisationRow).where(OrganisationRow.version > version).order_by(OrganisationRow.id)
    return (await session.scalars(_with_everything(query).execution_options(populate_existing=True))).all()


async def whole(session: AsyncSession, ids: Sequence[int]) -> Sequence[OrganisationRow]:
    """As they are in this transaction, with members and places, so that `to_domain` can read them."""
    return (await session.scalars(_with_everything(select(OrganisationRow).where(OrganisationRow.id.in_(ids))))).all()


async def members_of(session: AsyncSession, ids: Sequence[int]) -> list[Member]:
    """As they are in this transaction, whether they take cases or not."""
    query = select(MemberRow).where(MemberRow.id.in_(ids)).order_by(MemberRow.id)
    query = query.options(selectinload(MemberRow.absences), selectinload(MemberRow.shifts))
    return [member_of(row) for row in await session.scalars(query)]


def _with_everything(query: Select[OrganisationRow]) -> Select[OrganisationRow]:
    return query.options(
        selectinload(OrganisationRow.served).selectinload(OrganisationPlace.place),
        selectinload(OrganisationRow.members).selectinload(MemberRow.absences),
        selectinload(OrganisationRow.members).selectinload(MemberRow.shifts),
    )


async def mark_changed(session: AsyncSession, organisation_id: int) -> int:
    """Give the organisation a new directory version; the row lock keeps versions in the order of commits."""
    version = await next_version(session)
    stamp = update(OrganisationRow).where(OrganisationRow.id == organisation_id).values(version=version)
    await session.execute(stamp.execution_options(synchronize_session=False))
    return version


async def next_version(session: AsyncSession) -> int:
    """Something of the directory changes; whoever changes more locks everybody else out with this first."""
    return (await _advance(session, only_busy=False)).version


async def take_turn(session: AsyncSession) -> DirectoryVersion:
    """The next version, for who is busy then: until the end of the transaction nobody else gives out a case."""
    return await _advance(session, only_busy=True)


async def _advance(session: AsyncSession, *, only_busy: bool) -> DirectoryVersion:
    found = await session.execute(_advanced(dialect_of(session), only_busy))
    version, changed = found.one()
    return DirectoryVersion(version, changed)


@cache
def _advanced(dialect: str, only_busy: bool) -> ReturningInsert[int, int]:
    following = STATE.c.version + 1
    changed = {"version": following} if only_busy else {"version": following, "changed": following}
    start = upsert(dialect, STATE).values(id=1, version=1, changed=1)
    bump = start.on_conflict_do_update(index_elements=[STATE.c.id], set_=changed)
    return bump.returning(STATE.c.version, STATE.c.changed)


async def successors(session: AsyncSession) -> dict[Place, Place]:
    """Every former place and what it is part of today, both without the county."""
    before, after = aliased(PlaceRow), aliased(PlaceRow)
    query = (
        select(before, after)
        .join(PlaceChange, PlaceChange.from_id == before.id)
        .join(after, PlaceChange.to_id == after.id)
        .order_by(PlaceChange.id)
    )
    steps = [(place_of(old).local, place_of(new).local) for old, new in await session.execute(query)]
    known: dict[Place, Place] = {}
    for old, new in steps:
        known = {place: new if now == old else now for place, now in known.items()} | {old: new}
        known.pop(new, None)
    return known


async def find_organisation(session: AsyncSession, name_or_id: str) -> OrganisationRow | None:
    query = select(OrganisationRow).where(OrganisationRow.active.is_(True))
    if _is_id(name_or_id):
        return (await session.scalars(query.where(OrganisationRow.id == int(name_or_id)))).one_or_none()
    return (await session.scalars(query.where(OrganisationRow.name == name_or_id))).one_or_none()


async def find_member(session: AsyncSession, organisation_id: int, name_or_id: str) -> MemberRow | None:
    query = select(MemberRow).where(MemberRow.organisation_id == organisation_id, MemberRow.active.is_(True))
    wanted = MemberRow.id == int(name_or_id) if _is_id(name_or_id) else MemberRow.name == name_or_id
    return (await session.scalars(query.where(wanted).limit(1))).one_or_none()


def _is_id(name_or_id: str) -> bool:
    """A longer number fits no id column and can only be a (wrong) name."""
    return name_or_id.isdecimal() and len(name_or_id) < 10


async def account(session: AsyncSession, username: str) -> MemberRow | None:
    query = (
        select(MemberRow)
        .where(MemberRow.username == username, MemberRow.active.is_(True))
        .options(
            selectinload(MemberRow.organisation)
            .selectinload(OrganisationRow.served)
            .selectinload(OrganisationPlace.place)
        )
    )
    return (await session.scalars(query)).one_or_none()


async def places(session: AsyncSession) -> list[Place]:
    """All places in use, widest first within each town; plain columns, because there may be thousands."""
    columns = (PlaceRow.county, PlaceRow.town, PlaceRow.village, PlaceRow.group_name)
    rows = await session.execute(select(*columns).where(PlaceRow.active.is_(True)).order_by(PlaceRow.id))
    return [Place(*row) for row in rows]


async def any_organisation(session: AsyncSession) -> bool:
    return await session.scalar(select(OrganisationRow.id).limit(1)) is not None


def place_of(row: PlaceRow) -> Place:
    return Place(row.county, row.town, row.village, row.group_name)


def to_domain(row: OrganisationRow) -> Organisation:
    return Organisation(
        id=str(row.id),
        name=row.name,
        kind=OrganisationKind(row.kind),
        tier=Tier(row.tier),
        serves=tuple(place_of(one.place) for one in row.served),
        subjects=frozenset(row.subjects),
        members=tuple(member_of(member) for member in row.members if member.active and member.takes_cases),
    )


def spans(rows: Iterable[AbsenceRow | DutyShift]) -> tuple[Span, ...]:
    return tuple(Span(one.since.astimezone(LOCAL), one.until.astimezone(LOCAL)) for one in rows)


def member_of(row: MemberRow) -> Member:
    return Member(
        id=str(row.id),
        name=row.name,
        role=row.role,
        specialties=frozenset(row.specialties),
        languages=frozenset(row.languages),
        load=row.load,
        limit=row.load_limit,
        absences=spans(row.absences),
        duty_days=frozenset(row.duty_days),
        shifts=spans(row.shifts),
        household=row.household or "",
        relations=frozenset(row.relations),
        last_assigned=row.last_assigned_at,
    )


async def mark_many(session: AsyncSession, ids: Iterable[int]) -> None:
    """One new directory version for all of them."""
    wanted = sorted(set(ids))
    version = await next_version(session)
    for start in range(0, len(wanted), CHUNK):
        stamp = update(OrganisationRow).where(OrganisationRow.id.in_(wanted[start : start + CHUNK]))
        await session.execute(stamp.values(version=version).execution_options(synchronize_session=False))
