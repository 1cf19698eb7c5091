"""All queries of the records beside tickets. Every one that returns records asks who is looking (`visible_to`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, and_, false, func, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from api.db.session import insert_into
from api.db.tables.work import WorkCounter, WorkEventRow, WorkRow
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import Conflict
from api.domain.events import Event
from api.domain.organisation import Place
from api.domain.work import SeenBy, WorkKind


@dataclass(frozen=True)
class WorkFilter:
    """Empty fields do not narrow; `since` and `until` are days, both included.

    `late_on`: only what is still to be done and was due before that day.
    """

    status: str = ""
    town: str = ""
    village: str = ""
    parent: str = ""
    since: date | None = None
    until: date | None = None
    late_on: date | None = None
    before: int | None = None


def visible(viewer: Viewer, kind: WorkKind) -> ColumnElement[bool]:
    """The same rule as domain.work.may_see, as SQL."""
    if kind.seen_by is SeenBy.PUBLIC:
        return true()
    if viewer.kind is ViewerKind.APPLICANT:
        return false()
    if viewer.everything or kind.seen_by is SeenBy.STAFF:
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if viewer.organisation:
        mine = int(viewer.organisation)
        ways += [WorkRow.organisation_id == mine, WorkRow.owner_id == mine]
    if viewer.scope is not None and viewer.scope_tier is not None:
        places = or_(*(inside(scope) for scope in (viewer.scope, *viewer.former)))
        ways.append(and_(WorkRow.tier_rank <= viewer.scope_tier.rank, places))
    return or_(*ways)


def inside(place: Place) -> ColumnElement[bool]:
    columns = ((WorkRow.town, place.town), (WorkRow.village, place.village), (WorkRow.group_name, place.group))
    return and_(true(), *(column == name for column, name in columns if name))


def _with() -> tuple[ORMOption, ...]:
    return (selectinload(WorkRow.organisation), selectinload(WorkRow.owner), selectinload(WorkRow.parent))


async def find(
    session: AsyncSession, kind: WorkKind, no: str, *, visible_to: Viewer, lock: bool = False
) -> WorkRow | None:
    query = (
        select(WorkRow)
        .where(WorkRow.no == no, WorkRow.kind == kind.code, visible(visible_to, kind))
        .options(*_with(), selectinload(WorkRow.events))
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query.with_for_update(of=WorkRow) if lock else query)).one_or_none()


async def by_key(session: AsyncSession, scope: str, key: str) -> WorkRow | None:
    """The record made by an earlier request with the same key of the same actor."""
    query = select(WorkRow).where(WorkRow.scope == scope, WorkRow.key == key)
    return (await session.scalars(query)).one_or_none()


async def page(
    session: AsyncSession, kind: WorkKind, wanted: WorkFilter, *, visible_to: Viewer, limit: int
) -> Sequence[WorkRow]:
    """Newest first."""
    query = select(WorkRow).where(*_narrowed(kind, wanted, visible_to)).options(*_with())
    return (await session.scalars(query.order_by(WorkRow.id.desc()).limit(limit))).all()


def _narrowed(kind: WorkKind, wanted: WorkFilter, viewer: Viewer) -> list[ColumnElement[bool]]:
    rules = [WorkRow.kind == kind.code, visible(viewer, kind)]
    columns = ((WorkRow.status, wanted.status), (WorkRow.town, wanted.town), (WorkRow.village, wanted.village))
    rules += [column == value for column, value in columns if value]
    if wanted.parent:
        rules.append(WorkRow.parent_id == select(WorkRow.id).where(WorkRow.no == wanted.parent).scalar_subquery())
    if wanted.since:
        rules.append(WorkRow.day >= wanted.since)
    if wanted.until:
        rules.append(WorkRow.day <= wanted.until)
    if wanted.late_on:
        rules += [WorkRow.due_on < wanted.late_on, WorkRow.status.in_(sorted(kind.waits))]
    if wanted.before is not None:
        rules.append(WorkRow.id < literal(wanted.before, BigInteger))
    return rules


@dataclass(frozen=True)
class Sum:
    """`records` and the sums of the kind's counted fields, of one town and village."""

    town: str
    village: str
    records: int
    sums: dict[str, int]


async def sums(
    session: AsyncSession, kind: WorkKind, wanted: WorkFilter, statuses: Iterable[str], *, visible_to: Viewer
) -> list[Sum]:
    """Adds the counted fields up by place, in the database."""
    added = [func.coalesce(func.sum(WorkRow.facts[name].as_integer()), 0) for name in kind.counts]
    query = (
        select(WorkRow.town, WorkRow.village, func.count(), *added)
        .where(*_narrowed(kind, wanted, visible_to), WorkRow.status.in_(list(statuses)))
        .group_by(WorkRow.town, WorkRow.village)
        .order_by(WorkRow.town, WorkRow.village)
    )
    return [
        Sum(town, village, records, dict(zip(kind.counts, map(int, values), strict=True)))
        for town, village, records, *values in await session.execute(query)
    ]


async def number(
    session: AsyncSession, kind: WorkKind, wanted: WorkFilter, *, visible_to: Viewer, waiting: bool = False
) -> int:
    """How many records; only those still to be done when `waiting`."""
    query = select(func.count()).select_from(WorkRow).where(*_narrowed(kind, wanted, visible_to))
    if waiting:
        query = query.where(WorkRow.status.in_(sorted(kind.waits)))
    return (await session.execute(query)).scalar_one()


async def next_number(session: AsyncSession, day: date) -> str:
    """W-YYYYMMDD-NNNN, counted in the database."""
    statement = (
        insert_into(session, WorkCounter)
        .values(day=day, last=1)
        .on_conflict_do_update(index_elements=[WorkCounter.day], set_={"last": WorkCounter.last + 1})
        .returning(WorkCounter.last)
    )
    number = (await session.execute(statement)).scalar_one()
    return f"W-{day:%Y%m%d}-{number:04d}"


async def save(session: AsyncSession, row: WorkRow, version: int, values: dict[str, object]) -> None:
    """Raises Conflict when somebody else changed the record since `version` was read."""
    statement = update(WorkRow).where(WorkRow.id == row.id, WorkRow.version == version).values(**values)
    result = await session.execute(statement.execution_options(synchronize_session=False))
    if not result.rowcount:  # type: ignore[attr-defined]
        raise Conflict("这份记录刚刚被别人改过，请刷新后再试", code="changed_meanwhile")


def add_event(session: AsyncSession, row: WorkRow, event: Event, *, actor_name: str) -> None:
    session.add(
        WorkEventRow(
            record_id=row.id,
            seq=event.seq,
            move=event.move,
            at=event.at,
            actor=event.actor,
            actor_name=actor_name,
            note=event.note,
            changes=dict(event.changes),
            previous=event.previous,
            hash=event.hash,
        )
    )


def event_of(no: str, row: WorkEventRow) -> Event:
    return Event(no, row.seq, row.move, row.at, row.actor, row.note, row.changes, row.previous, row.hash)
