"""Queries of the boards: running clocks by light, each only as far as the viewer may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from api.db.tables.clocks import ClockRow
from api.db.tables.desk import OrganisationRow, TicketRow
from api.db.tables.records import RecordRow
from api.db.visibility import visible
from api.domain.access import Viewer
from api.domain.clock import Ended, Light

CALL_OUT = "call_out"


@dataclass(frozen=True)
class BoardFilter:
    """Empty fields do not narrow. `after`: due time and id of the last line of the page before; `without`: keys."""

    light: Light | None = None
    key: str = ""
    organisation_id: int | None = None
    after: tuple[datetime, int] | None = None
    without: Sequence[str] = ()


def light_of(now: datetime) -> ColumnElement[str]:
    """The same as domain.clock.Clock.light."""
    return case(
        (ClockRow.paused_at.is_not(None), Light.GREY.value),
        (ClockRow.due_at < now, Light.RED.value),
        (ClockRow.yellow_at <= now, Light.YELLOW.value),
        else_=Light.GREEN.value,
    )


async def lights(
    session: AsyncSession, *, visible_to: Viewer, without: Sequence[str], now: datetime
) -> list[tuple[str, Light, int]]:
    """(organisation, light, running clocks)."""
    light = light_of(now).label("light")
    counted = (
        select(TicketRow.organisation_id, light, func.count().label("clocks"))
        .join(ClockRow, ClockRow.ticket_id == TicketRow.id)
        .where(ClockRow.ended_at.is_(None), ClockRow.key.not_in(without), visible(visible_to))
        .group_by(TicketRow.organisation_id, light)
        .subquery()
    )
    query = select(OrganisationRow.name, counted.c.light, counted.c.clocks).outerjoin_from(
        counted, OrganisationRow, OrganisationRow.id == counted.c.organisation_id
    )
    return [(name or "还没有承办单位", Light(light), count) for name, light, count in await session.execute(query)]


async def running(
    session: AsyncSession, wanted: BoardFilter, *, visible_to: Viewer, now: datetime, limit: int
) -> Sequence[ClockRow]:
    """Earliest due first."""
    query = (
        select(ClockRow)
        .join(ClockRow.ticket)
        .where(ClockRow.ended_at.is_(None), visible(visible_to), *_narrowed(wanted, now))
        .options(contains_eager(ClockRow.ticket).options(joinedload(TicketRow.organisation)))
        .order_by(ClockRow.due_at, ClockRow.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def call_outs(session: AsyncSession, *, visible_to: Viewer, since: datetime) -> list[tuple[str, ClockRow]]:
    """(name of the department, clock) of every call-out that began since then and was not replaced."""
    of_it = and_(RecordRow.ticket_id == ClockRow.ticket_id, RecordRow.no == ClockRow.ref)
    query = (
        select(OrganisationRow.name, ClockRow)
        .join(ClockRow.ticket)
        .join(RecordRow, of_it)
        .join(OrganisationRow, OrganisationRow.id == RecordRow.organisation_id)
        .where(ClockRow.key == CALL_OUT, ClockRow.started_at >= since, visible(visible_to))
        .where(or_(ClockRow.how.is_(None), ClockRow.how != Ended.REPLACED.value))
        .options(contains_eager(ClockRow.ticket).options(joinedload(TicketRow.organisation)))
        .order_by(ClockRow.id)
    )
    return [(name, row) for name, row in await session.execute(query)]


def _narrowed(wanted: BoardFilter, now: datetime) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = [ClockRow.key.not_in(wanted.without)]
    if wanted.light:
        narrowed.append(light_of(now) == wanted.light.value)
    if wanted.light is Light.RED:
        narrowed.append(ClockRow.due_at < now)
    if wanted.key:
        narrowed.append(ClockRow.key == wanted.key)
    if wanted.organisation_id:
        narrowed.append(TicketRow.organisation_id == wanted.organisation_id)
    if wanted.after:
        due, id = wanted.after
        narrowed.append(or_(ClockRow.due_at > due, and_(ClockRow.due_at == due, ClockRow.id > id)))
    return narrowed
