"""All queries of clocks. Those that show tickets to somebody ask who is looking (`visible_to`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, selectinload

from api.db.tables.clocks import ClockRow
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.clock import Clock, Ended


def to_domain(row: ClockRow) -> Clock:
    return Clock(
        key=row.key,
        ref=row.ref,
        started=row.started_at,
        due=row.due_at,
        unit=row.unit,
        yellow=row.yellow_at,
        paused=row.paused_at,
        ended=row.ended_at,
        how=Ended(row.how) if row.how else None,
        rung=row.rung,
        next_at=row.next_at,
    )


def keep(row: ClockRow, clock: Clock) -> None:
    """The row as the domain now sees it; the session writes what changed."""
    row.due_at, row.yellow_at, row.paused_at = clock.due, clock.yellow, clock.paused
    row.ended_at, row.how = clock.ended, clock.how.value if clock.how else None
    row.rung, row.next_at = clock.rung, clock.next_at


def new(ticket_id: int, clock: Clock, because: str, basis: Sequence[str]) -> ClockRow:
    row = ClockRow(
        ticket_id=ticket_id,
        key=clock.key,
        ref=clock.ref,
        unit=clock.unit,
        because=because,
        basis=list(basis),
        started_at=clock.started,
    )
    keep(row, clock)
    return row


async def running(session: AsyncSession, ticket_id: int) -> Sequence[ClockRow]:
    """Of one ticket; the ticket is locked by whoever wants to change them."""
    query = select(ClockRow).where(ClockRow.ticket_id == ticket_id, ClockRow.ended_at.is_(None))
    return (await session.scalars(query.order_by(ClockRow.id))).all()


async def of_ticket(session: AsyncSession, ticket_id: int) -> Sequence[ClockRow]:
    """Oldest first, ended ones too. Only for a ticket the viewer was found to see."""
    query = select(ClockRow).where(ClockRow.ticket_id == ticket_id).order_by(ClockRow.started_at, ClockRow.id)
    return (await session.scalars(query)).all()


async def of_tickets(session: AsyncSession, ticket_ids: Sequence[int]) -> Mapping[int, list[ClockRow]]:
    """Ticket → all its clocks; for the worker and commands, which act for nobody."""
    rows = await session.scalars(select(ClockRow).where(ClockRow.ticket_id.in_(ticket_ids)))
    found: dict[int, list[ClockRow]] = {}
    for row in rows:
        found.setdefault(row.ticket_id, []).append(row)
    return found


def _unwatched() -> ColumnElement[bool]:
    """Opened before there were clocks: none of its clocks began with it."""
    first = (ClockRow.ticket_id == TicketRow.id) & (ClockRow.started_at <= TicketRow.opened_at)
    return ~select(ClockRow.id).where(first).exists()


async def number_unwatched(session: AsyncSession) -> int:
    return (await session.execute(select(func.count()).select_from(TicketRow).where(_unwatched()))).scalar_one()


async def unwatched(session: AsyncSession, *, after: int, limit: int) -> Sequence[TicketRow]:
    """Oldest first, with their events, and locked: what somebody else is moving just now waits for the next time."""
    query = select(TicketRow.id).where(TicketRow.id > after, _unwatched()).order_by(TicketRow.id).limit(limit)
    locked = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    whole = select(TicketRow).where(TicketRow.id.in_(locked), _unwatched()).order_by(TicketRow.id)
    return (await session.scalars(whole.options(selectinload(TicketRow.events)))).all()


async def due_tickets(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[int]:
    """Ids of tickets with a clock whose next step is due, most overdue first."""
    query = select(ClockRow.ticket_id).where(ClockRow.next_at <= now).order_by(ClockRow.next_at).limit(limit)
    return list(dict.fromkeys((await session.scalars(query)).all()))


async def take(session: AsyncSession, ticket_ids: Sequence[int], *, now: datetime) -> Sequence[ClockRow]:
    """Clocks of these tickets whose step is still due, for this worker only.

    The tickets are locked, not the clocks: whoever moves a ticket holds the same lock before its clocks change. What
    is encrypted on them is not read.
    """
    mine = select(TicketRow.id).where(TicketRow.id.in_(ticket_ids)).with_for_update(skip_locked=True)
    locked = (await session.scalars(mine)).all()
    query = (
        select(ClockRow)
        .where(ClockRow.ticket_id.in_(locked), ClockRow.next_at <= now)
        .options(selectinload(ClockRow.ticket).options(selectinload(TicketRow.organisation), defer(TicketRow.text)))
        .order_by(ClockRow.next_at, ClockRow.id)
    )
    return (await session.scalars(query)).all()


async def called(session: AsyncSession, row: ClockRow) -> int | None:
    """The organisation that the record of this clock calls; None when it is about no record, or calls nobody."""
    if not row.ref:
        return None
    query = select(RecordRow.organisation_id).where(RecordRow.ticket_id == row.ticket_id, RecordRow.no == row.ref)
    return await session.scalar(query)
