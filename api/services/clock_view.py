"""Clocks as people see them: how much working time is left, which light is on; the boards of a whole area."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import boards
from api.db import clocks as store
from api.db.boards import BoardFilter
from api.db.tables.clocks import ClockRow
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer, ViewerKind
from api.domain.calendar import LOCAL, WorkingCalendar
from api.domain.clock import Clock, Ended, Light
from api.services import tickets
from api.services.clock_book import clock_book

MOST_WAITING = 100
BADNESS = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY)


@dataclass(frozen=True)
class ClockView:
    """`light` and `left` (whole minutes of office time, 0 when late) only while it runs."""

    id: int
    clock: Clock
    zh: str
    light: Light | None
    left: int | None
    late: bool
    because: str
    basis: Sequence[str]
    estimated: bool


@dataclass(frozen=True)
class BoardLine:
    ticket: TicketRow
    view: ClockView


@dataclass(frozen=True)
class SupervisionBoard:
    """`lights`: running clocks by light; `organisations`: the same per organisation, worst first."""

    lights: dict[Light, int]
    organisations: Sequence[tuple[str, dict[Light, int]]]
    lines: Sequence[BoardLine]


def viewed(row: ClockRow, now: datetime, calendar: WorkingCalendar) -> ClockView:
    clock, kind = store.to_domain(row), clock_book().kinds.get(row.key)
    return ClockView(
        id=row.id,
        clock=clock,
        zh=kind.zh if kind else row.key,
        light=clock.light(now) if clock.running else None,
        left=minutes(clock, now, calendar) if clock.running else None,
        late=clock.late(now),
        because=row.because,
        basis=row.basis,
        estimated=not calendar.knows(clock.due.astimezone(LOCAL).date()),
    )


def minutes(clock: Clock, now: datetime, calendar: WorkingCalendar) -> int:
    return int(calendar.working_time(clock.paused or now, clock.due).total_seconds() // 60)


async def of_ticket(
    session: AsyncSession, no: str, *, visible_to: Viewer, now: datetime, calendar: WorkingCalendar
) -> list[ClockView]:
    """Oldest first. A villager sees those about the ticket itself, not the reminders of staff. Raises NotFound."""
    row = await tickets.get(session, no, visible_to=visible_to)
    own = visible_to.kind is ViewerKind.APPLICANT
    rows = await store.of_ticket(session, row.id)
    return [viewed(one, now, calendar) for one in rows if not own or one.ref == 0]


async def supervision(
    session: AsyncSession,
    *,
    visible_to: Viewer,
    wanted: BoardFilter,
    now: datetime,
    calendar: WorkingCalendar,
    limit: int,
) -> SupervisionBoard:
    """Lights of everything the viewer may see; the lines are one page, earliest due first."""
    theirs = clock_book().of_parties
    by_organisation: dict[str, dict[Light, int]] = {}
    lights = dict.fromkeys(Light, 0)
    for name, light, count in await boards.lights(session, visible_to=visible_to, without=theirs, now=now):
        by_organisation.setdefault(name, dict.fromkeys(Light, 0))[light] += count
        lights[light] += count
    ranked = sorted(by_organisation.items(), key=lambda one: [-one[1][light] for light in BADNESS])
    rows = await boards.running(session, replace(wanted, without=theirs), visible_to=visible_to, now=now, limit=limit)
    lines = [BoardLine(one.ticket, viewed(one, now, calendar)) for one in rows]
    return SupervisionBoard(lights, ranked, lines)


@dataclass(frozen=True)
class DepartmentLine:
    """`late`: came too late, or is late now; `minutes_to_acknowledge`: on average, None when nobody came yet."""

    department: str
    calls: int
    acknowledged: int
    late: int
    open: int
    minutes_to_acknowledge: int | None


@dataclass(frozen=True)
class CallOutBoard:
    """`waiting`: those nobody came to yet, earliest due first."""

    departments: Sequence[DepartmentLine]
    waiting: Sequence[tuple[str, BoardLine]]


async def call_outs(
    session: AsyncSession, *, visible_to: Viewer, since: datetime, now: datetime, calendar: WorkingCalendar
) -> CallOutBoard:
    """吹哨报到: calls that began since then on tickets the viewer may see, by department, the latest first."""
    found = await boards.call_outs(session, visible_to=visible_to, since=since)
    by_department: dict[str, list[Clock]] = {}
    for name, row in found:
        by_department.setdefault(name, []).append(store.to_domain(row))
    lines = [_department(name, clocks, now) for name, clocks in by_department.items()]
    lines.sort(key=lambda line: (-line.late, -line.open, line.department))
    waiting = [(name, BoardLine(row.ticket, viewed(row, now, calendar))) for name, row in found if not row.ended_at]
    waiting.sort(key=lambda one: one[1].view.clock.due)
    return CallOutBoard(lines, waiting[:MOST_WAITING])


def _department(name: str, clocks: Sequence[Clock], now: datetime) -> DepartmentLine:
    met = [(one.ended - one.started).total_seconds() / 60 for one in clocks if one.ended and one.how is Ended.MET]
    counted = [one for one in clocks if one.how is not Ended.STOPPED]
    return DepartmentLine(
        department=name,
        calls=len(counted),
        acknowledged=len(met),
        late=sum(one.late(now) for one in counted),
        open=sum(one.running for one in counted),
        minutes_to_acknowledge=round(sum(met) / len(met)) if met else None,
    )
