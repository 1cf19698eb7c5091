"""Counting by SQL: the same condition counts a number and finds its tickets."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import cast

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.session import Insert, dialect_of, upsert
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.db.tables.statistics import CountedRow
from api.db.visibility import visible
from api.domain.access import Viewer
from api.domain.counting import CountedTicket, RecordFact
from api.domain.period import Period
from api.domain.statistics import SPLITS, CountQuery, Line, Measure

COUNTED = cast(Table, CountedRow.__table__)
# Days that have an index of their own; the others are found by the last one of the ticket.
INDEXED = frozenset({"opened_at", "accepted_at", "decided_at"})


async def put(session: AsyncSession, ticket_id: int, counted: CountedTicket) -> None:
    await session.execute(_put(dialect_of(session)), {"id": ticket_id, **vars(counted)})


@cache
def _put(dialect: str) -> Insert:
    """Built once: it is part of every step of every ticket, and has some thirty columns."""
    start = upsert(dialect, COUNTED)
    others = {column.name: start.excluded[column.name] for column in COUNTED.columns}
    return start.on_conflict_do_update(index_elements=[COUNTED.c.id], set_=others)


async def record_facts(session: AsyncSession, ticket_ids: Iterable[int]) -> dict[int, list[RecordFact]]:
    """What is counted of the records of these tickets, oldest first; nothing is decrypted for it."""
    one = RecordRow
    query = select(one.ticket_id, one.kind, one.state, one.code, one.amount_fen, one.at, one.changed_at)
    query = query.where(one.ticket_id.in_(list(ticket_ids))).order_by(one.ticket_id, one.no)
    found: dict[int, list[RecordFact]] = {}
    for ticket_id, kind, state, code, fen, at, changed_at in await session.execute(query):
        found.setdefault(ticket_id, []).append(RecordFact(kind, state, code or "", fen, at, changed_at))
    return found


async def tally(
    session: AsyncSession,
    measures: Iterable[Measure],
    period: Period,
    *by: str,
    visible_to: Viewer,
    within: Mapping[str, str] | None = None,
) -> list[Line]:
    """Numbers by group; groups without any are left out. Sums of money are in 分.

    What happened in a period and what is open at its end lie in different stretches of the table: two passes.
    """
    if unknown := set(by) - SPLITS:
        raise ValueError(f"no such split: {sorted(unknown)}")
    wanted = list(measures)
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for part in ([one for one in wanted if not one.stock], [one for one in wanted if one.stock]):
        if part:
            for key, numbers in await _pass(session, part, period, by, visible_to, within or {}):
                found.setdefault(key, dict.fromkeys((one.code for one in wanted), 0)).update(numbers)
    return [Line(dict(zip(by, key, strict=True)), numbers) for key, numbers in sorted(found.items())]


async def _pass(
    session: AsyncSession,
    measures: Sequence[Measure],
    period: Period,
    by: Sequence[str],
    viewer: Viewer,
    within: Mapping[str, str],
) -> list[tuple[tuple[str, ...], dict[str, int]]]:
    keys = [getattr(CountedRow, name) for name in by]
    query = select(*keys, *(_number(measure, period) for measure in measures))
    query = query.where(visible(viewer, CountedRow), _window(measures, period), *_slice(within)).group_by(*keys)
    found = []
    for row in await session.execute(query):
        numbers = {one.code: int(value or 0) for one, value in zip(measures, row[len(by) :], strict=True)}
        if any(numbers.values()):
            found.append((tuple(str(value or "") for value in row[: len(by)]), numbers))
    return found


async def trend(
    session: AsyncSession, measures: Iterable[Measure], periods: Sequence[Period], *, visible_to: Viewer
) -> dict[str, dict[str, int]]:
    """Period code → measure code → number, in one pass: for periods near each other, or for stocks."""
    wanted = list(measures)
    numbers = [_number(measure, period) for period in periods for measure in wanted]
    query = select(*numbers).where(
        visible(visible_to, CountedRow), CountedRow.opened_at < max(one.until for one in periods)
    )
    if not any(one.stock for one in wanted):
        query = query.where(CountedRow.last_at >= min(one.since for one in periods))
    values = iter((await session.execute(query)).one())
    return {period.code: {one.code: int(next(values) or 0) for one in wanted} for period in periods}


def matching(query: CountQuery) -> Select[int]:
    """The ids of the tickets behind a number, for the caller to join to what may be seen."""
    inside = [_condition(query.measure, query.period), *_slice(query.within)]
    if query.measure.stock or query.measure.at not in INDEXED:
        inside.append(_window([query.measure], query.period))
    return select(CountedRow.id).where(*inside)


def _number(measure: Measure, period: Period) -> ColumnElement[int]:
    inside = _condition(measure, period)
    if measure.sums:
        return func.sum(getattr(CountedRow, measure.sums)).filter(inside)
    return func.count().filter(inside)


def _condition(measure: Measure, period: Period) -> ColumnElement[bool]:
    at = getattr(CountedRow, measure.at)
    rules = [getattr(CountedRow, name) == value for name, value in measure.where.items()]
    if measure.once:
        rules.append(CountedRow.single.is_(True))
    if measure.stock:
        rules += [at < period.until, or_(CountedRow.ended_at.is_(None), CountedRow.ended_at >= period.until)]
    else:
        rules += [at >= period.since, at < period.until]
    return and_(*rules)


def _window(measures: Sequence[Measure], period: Period) -> ColumnElement[bool]:
    """What an index can narrow: opened before the end, and touched since the start or, for a stock, open at the end."""
    if all(one.stock for one in measures):
        since = or_(CountedRow.ended_at.is_(None), CountedRow.ended_at >= period.until)
    else:
        since = CountedRow.last_at >= period.since
    return and_(CountedRow.opened_at < period.until, since)


def _slice(within: Mapping[str, str]) -> list[ColumnElement[bool]]:
    rules = []
    for name, value in within.items():
        column = getattr(CountedRow, name)
        if name == "organisation_id":
            rules.append(column == int(value) if value else column.is_(None))
        else:
            rules.append(column == value)
    return rules


async def uncounted(session: AsyncSession, *, after: int, limit: int, everything: bool = False) -> Sequence[TicketRow]:
    """Tickets with what counting reads of them, oldest first; only those that were never counted unless asked."""
    query = select(TicketRow).where(TicketRow.id > after).order_by(TicketRow.id).limit(limit)
    if not everything:
        query = query.where(~select(CountedRow.id).where(CountedRow.id == TicketRow.id).exists())
    loaded = (TicketRow.organisation, TicketRow.parties, TicketRow.events)
    return (await session.scalars(query.options(*map(selectinload, loaded)))).all()


async def number_uncounted(session: AsyncSession, *, everything: bool = False) -> int:
    query = select(func.count()).select_from(TicketRow)
    if not everything:
        query = query.where(~select(CountedRow.id).where(CountedRow.id == TicketRow.id).exists())
    return (await session.execute(query)).scalar_one()
