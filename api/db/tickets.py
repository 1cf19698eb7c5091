"""All queries of tickets. Every one that returns tickets asks who is looking (`visible_to`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Table,
    and_,
    bindparam,
    exists,
    func,
    inspect,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningInsert

from api.db import organisations, statistics
from api.db.session import dialect_of, insert_into, upsert
from api.db.tables.desk import (
    EventRow,
    MemberRow,
    OrganisationRow,
    PartyRow,
    TicketAccess,
    TicketCounter,
    TicketRow,
)
from api.db.tables.notices import UntoldEvent
from api.db.visibility import of_villager, supervised, visible
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import Conflict
from api.domain.events import Event
from api.domain.lifecycle import FINAL, Status
from api.domain.organisation import Place
from api.domain.policy import WarningLevel
from api.domain.statistics import CountQuery
from api.domain.ticket import Ticket
from api.domain.tier import Tier

COUNTER = cast(Table, TicketCounter.__table__)
OPEN = [status for status in Status if status not in FINAL]

# A line of a queue: who has it, by name alone; what is told and decided at length is left where it is.
LINE = (
    joinedload(TicketRow.organisation).load_only(OrganisationRow.name, OrganisationRow.kind),
    joinedload(TicketRow.mediator).load_only(MemberRow.name, MemberRow.role),
    *(defer(column, raiseload=True) for column in (TicketRow.text, TicketRow.facts, TicketRow.legal)),
    *(defer(column, raiseload=True) for column in (TicketRow.reasons, TicketRow.rejected)),
)


@dataclass(frozen=True)
class QueueFilter:
    """Empty fields do not narrow. `before` is the internal id of the last row of the page before.

    `counted`: the tickets behind a number of a report.
    """

    status: str = ""
    tier: str = ""
    category: str = ""
    organisation_id: int | None = None
    channel: str = ""
    sender: str = ""
    open_only: bool = False
    before: int | None = None
    counted: CountQuery | None = None


async def find(session: AsyncSession, no: str, *, visible_to: Viewer, lock: bool = False) -> TicketRow | None:
    query = (
        select(TicketRow)
        .where(TicketRow.no == no, visible(visible_to))
        .options(
            joinedload(TicketRow.organisation),
            joinedload(TicketRow.mediator),
            selectinload(TicketRow.parties),
            selectinload(TicketRow.events),
        )
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query.with_for_update(of=TicketRow) if lock else query)).one_or_none()


async def complete(session: AsyncSession, row: TicketRow) -> None:
    """A ticket just stored, with its parties, gets what `find` would have read."""
    await session.flush()
    organisation: OrganisationRow | None = None
    mediator: MemberRow | None = None
    if row.organisation_id:
        query = select(OrganisationRow, MemberRow).where(OrganisationRow.id == row.organisation_id)
        organisation, mediator = (
            await session.execute(query.outerjoin(MemberRow, MemberRow.id == row.mediator_id))
        ).one()
    set_committed_value(row, "organisation", organisation)
    set_committed_value(row, "mediator", mediator)


async def whole(session: AsyncSession, id: int) -> TicketRow:
    """For the worker, which acts for nobody: with organisation and parties, without the history."""
    query = select(TicketRow).where(TicketRow.id == id)
    related = (selectinload(TicketRow.organisation), selectinload(TicketRow.parties))
    return (await session.scalars(query.options(*related))).one()


async def lock_in_order(session: AsyncSession, numbers: Iterable[str]) -> None:
    """Of everything that touches more than one ticket, the first thing: all of them are locked here, by rising id.

    The one order of locks in the product: the conversation or call it came in by, then tickets (all at once, here, or
    a single one by `find(lock=True)`), then the directory, in whose shadow members are written. Whoever holds a later
    one never waits for an earlier one, so nobody can wait for each other.
    """
    query = select(TicketRow.id).where(TicketRow.no.in_({no for no in numbers if no}))
    await session.execute(query.order_by(TicketRow.id).with_for_update())


async def parties_of(session: AsyncSession, row: TicketRow) -> Sequence[PartyRow]:
    """Read now if they were not yet."""
    if "parties" in inspect(row).unloaded:
        await session.refresh(row, ["parties"])
    return row.parties


async def master_of(session: AsyncSession, no: str) -> str:
    """The ticket it was merged into, "" when it was not; only for knowing what to lock."""
    return await session.scalar(select(TicketRow.merged_into).where(TicketRow.no == no)) or ""


async def by_key(session: AsyncSession, scope: str, key: str, *, visible_to: Viewer) -> TicketRow | None:
    """The ticket opened by an earlier request with the same key."""
    query = select(TicketRow.no).where(TicketRow.scope == scope, TicketRow.key == key)
    no = await session.scalar(query)
    return await find(session, no, visible_to=visible_to) if no else None


async def queue(session: AsyncSession, wanted: QueueFilter, *, visible_to: Viewer, limit: int) -> Sequence[TicketRow]:
    """Newest first, as lines (LINE). Each way of being allowed to see is cut to a page by its own index first."""
    ways = [select(TicketRow.id.label("id")).where(rule, *_narrowed(wanted)) for rule in _ways(visible_to, wanted)]
    if not ways:
        return []
    pages = [select(way.order_by(TicketRow.id.desc()).limit(limit).subquery().c.id) for way in ways]
    query = (
        select(TicketRow)
        .where(TicketRow.id.in_(union(*pages)))
        .options(*LINE)
        .order_by(TicketRow.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


def _ways(viewer: Viewer, wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """The page's end is said inside too, or all newer tickets of the organisation would be walked through."""
    if viewer.kind is ViewerKind.APPLICANT and viewer.sender:
        return list(of_villager(viewer))
    if viewer.kind is ViewerKind.APPLICANT or viewer.everything:
        return [visible(viewer)]
    ways = [supervised(viewer)] if viewer.scope else []
    if viewer.organisation:
        mine = select(TicketAccess.ticket_id).where(TicketAccess.organisation_id == int(viewer.organisation))
        if wanted.before is not None:
            mine = mine.where(TicketAccess.ticket_id < literal(wanted.before, BigInteger))
        ways.append(TicketRow.id.in_(mine))
    return ways


def _narrowed(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    columns = (
        (TicketRow.status, wanted.status),
        (TicketRow.tier, wanted.tier),
        (TicketRow.category, wanted.category),
        (TicketRow.organisation_id, wanted.organisation_id),
        (TicketRow.channel, wanted.channel),
        (TicketRow.sender, wanted.sender),
    )
    narrowed: list[ColumnElement[bool]] = [column == value for column, value in columns if value]
    if wanted.open_only:
        narrowed.append(TicketRow.status.in_(OPEN))
    if wanted.before is not None:
        narrowed.append(TicketRow.id < literal(wanted.before, BigInteger))
    if wanted.counted:
        narrowed.append(TicketRow.id.in_(statistics.matching(wanted.counted)))
    return narrowed


async def numbers_of(session: AsyncSession, *, channel: str, sender: str, visible_to: Viewer) -> list[str]:
    query = (
        select(TicketRow.no)
        .where(TicketRow.channel == channel, TicketRow.sender == sender, visible(visible_to))
        .order_by(TicketRow.id)
    )
    return list((await session.scalars(query)).all())


async def open_protective(
    session: AsyncSession, *, channel: str, sender: str, crisis: str, visible_to: Viewer
) -> str | None:
    """The number of the protective ticket of this conversation that is still open, so that one crisis makes one."""
    query = select(TicketRow.no).where(
        TicketRow.channel == channel,
        TicketRow.sender == sender,
        TicketRow.crisis == crisis,
        TicketRow.protective.is_(True),
        TicketRow.status.in_(OPEN),
        visible(visible_to),
    )
    return (await session.scalars(query.limit(1))).first()


async def similar(session: AsyncSession, ticket: TicketRow, *, visible_to: Viewer, limit: int = 5) -> list[str]:
    """Open tickets that may be the same dispute: same person and kind, or many against one named organisation."""
    same_person = and_(
        TicketRow.channel == ticket.channel,
        TicketRow.sender == ticket.sender,
        TicketRow.subcategory == ticket.subcategory,
    )
    same_respondent = and_(TicketRow.respondent_org == ticket.respondent_org, TicketRow.town == ticket.town)
    alike = or_(same_person, same_respondent) if ticket.respondent_org else same_person
    query = (
        select(TicketRow.no)
        .where(TicketRow.id != ticket.id, TicketRow.category == ticket.category, TicketRow.status.in_(OPEN), alike)
        .where(visible(visible_to))
        .order_by(TicketRow.id)
        .limit(limit)
    )
    return list((await session.scalars(query)).all())


async def next_number(session: AsyncSession, day: date, *, unless: tuple[str, str | None] = ("", None)) -> str:
    """T-YYYYMMDD-NNNN; counted in the database, so two processes never give the same.

    "" when there is a ticket opened with this (scope, key) already: then no number is used up.
    """
    scope, key = unless
    given = {"of_day": day, "its_scope": scope, "its_key": key}
    number = (await session.execute(_next_number(dialect_of(session)), given)).scalar_one_or_none()
    return f"T-{day:%Y%m%d}-{number:04d}" if number else ""


@cache
def _next_number(dialect: str) -> ReturningInsert[int]:
    known = exists().where(TicketRow.scope == bindparam("its_scope"), TicketRow.key == bindparam("its_key"))
    first = select(bindparam("of_day", type_=Date), literal(1)).where(~known)
    start = upsert(dialect, COUNTER).from_select(["day", "last"], first)
    count = start.on_conflict_do_update(index_elements=[COUNTER.c.day], set_={"last": COUNTER.c.last + 1})
    return count.returning(COUNTER.c.last)


async def save(session: AsyncSession, row: TicketRow, before: Ticket, after: Ticket) -> None:
    """Store the state after a move. Raises Conflict when somebody else moved the ticket since it was read."""
    statement = (
        update(TicketRow)
        .where(TicketRow.id == row.id, TicketRow.version == before.version)
        .values(**columns_of(after))
        .execution_options(synchronize_session=False)
    )
    result = await session.execute(statement)
    if not result.rowcount:  # type: ignore[attr-defined]
        raise Conflict.changed_meanwhile()


def add_event(session: AsyncSession, row: TicketRow, event: Event, *, actor_name: str, key: str | None) -> EventRow:
    """Into the history, and onto the list of what the worker still has to tell people."""
    stored = EventRow(
        ticket_id=row.id,
        seq=event.seq,
        move=event.move,
        at=event.at,
        actor=event.actor,
        actor_name=actor_name,
        note=event.note,
        changes=dict(event.changes),
        previous=event.previous,
        hash=event.hash,
        key=key,
    )
    session.add(UntoldEvent(event=stored))
    return stored


async def grant(session: AsyncSession, row: TicketRow, organisation: str, why: str) -> None:
    await grant_all(session, row, [(organisation, why)])


async def grant_all(session: AsyncSession, row: TicketRow, given: Iterable[tuple[str, str]]) -> None:
    """(organisation, why) of those who may see it; whoever may already is left as they are."""
    values = [
        {"ticket_id": row.id, "organisation_id": int(organisation), "why": why}
        for organisation, why in given
        if organisation
    ]
    if values:
        await session.execute(insert_into(session, TicketAccess).values(values).on_conflict_do_nothing())


async def granted(session: AsyncSession, row: TicketRow, why: str) -> list[str]:
    """Ids of the organisations that may see it for this reason."""
    query = select(TicketAccess.organisation_id).where(TicketAccess.ticket_id == row.id, TicketAccess.why == why)
    return [str(id) for id in (await session.scalars(query)).all()]


async def told(session: AsyncSession, row: TicketRow) -> frozenset[str]:
    query = select(TicketAccess.organisation_id).where(TicketAccess.ticket_id == row.id)
    return frozenset(str(id) for id in (await session.scalars(query)).all())


async def recount_load(
    session: AsyncSession, mediator: int, assigned_at: datetime | None, *, version: int | None = None
) -> None:
    """Open cases of a mediator; `assigned_at` only when a case was just given to them.

    `version` of the directory, when it is this transaction's turn already; otherwise it takes its turn, before anything
    is counted or written: two at once then see each other's cases, and members are always locked in its shadow.
    """
    version = version or (await organisations.take_turn(session)).version
    cases = select(func.count()).where(TicketRow.mediator_id == mediator, TicketRow.status.in_(OPEN))
    values: dict[str, object] = {"load": cases.scalar_subquery(), "busy_version": version}
    if assigned_at:
        values["last_assigned_at"] = assigned_at
    query = update(MemberRow).where(MemberRow.id == mediator).values(**values)
    await session.execute(query.execution_options(synchronize_session=False))


def columns_of(ticket: Ticket) -> dict[str, object]:
    """What a move can change, as columns."""
    return {
        "status": ticket.status.value,
        "outcome": ticket.outcome,
        "tier": ticket.tier.value,
        "tier_rank": ticket.tier.rank,
        "organisation_id": int(ticket.organisation) if ticket.organisation else None,
        "mediator_id": int(ticket.mediator) if ticket.mediator else None,
        "warning_level": ticket.warning_level.value,
        "trail": [list(step) for step in ticket.trail],
        "ended_at": ticket.ended_at,
        "extended": ticket.extended,
        "merged_into": ticket.merged_into,
        "version": ticket.version,
        "head": ticket.head,
    }


def to_domain(row: TicketRow) -> Ticket:
    return Ticket(
        no=row.no,
        category=row.category,
        subcategory=row.subcategory,
        tier=Tier(row.tier),
        organisation=str(row.organisation_id or ""),
        opened_at=row.opened_at,
        place=Place(row.county, row.town, row.village, row.group_name),
        mediator=str(row.mediator_id or ""),
        status=Status(row.status),
        warning_level=WarningLevel(row.warning_level),
        channel=row.channel,
        sender=row.sender,
        protective=row.protective,
        trail=tuple((tier, organisation) for tier, organisation in row.trail),
        outcome=row.outcome,
        ended_at=row.ended_at,
        reopen_days=row.reopen_days,
        extended=row.extended,
        merged_into=row.merged_into,
        version=row.version,
        head=row.head,
    )


def event_of(no: str, row: EventRow) -> Event:
    return Event(no, row.seq, row.move, row.at, row.actor, row.note, row.changes, row.previous, row.hash)
