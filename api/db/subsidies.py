"""Queries of the subsidy ledger: the closed files of a town and month, what was closed before, what is held or paid."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.tables.desk import MemberRow, PlaceRow, TicketRow
from api.db.tables.evidence import EvidenceRow
from api.db.tables.oversight import SubsidyBatch, SubsidyRow
from api.domain.access import Viewer, ViewerKind
from api.domain.lifecycle import Status


async def closed(
    session: AsyncSession, town: str, since: datetime, until: datetime, outcomes: Iterable[str]
) -> Sequence[TicketRow]:
    """Tickets of a town that ended in [since, until) with one of these outcomes, with their parties."""
    query = (
        select(TicketRow)
        .where(
            TicketRow.town == town,
            TicketRow.ended_at >= since,
            TicketRow.ended_at < until,
            TicketRow.status == Status.CLOSED,
            TicketRow.outcome.in_(list(outcomes)),
            TicketRow.protective.is_(False),
            TicketRow.merged_into == "",
        )
        .options(selectinload(TicketRow.parties))
        .order_by(TicketRow.id)
    )
    return (await session.scalars(query)).all()


async def papers_of(session: AsyncSession, ids: Sequence[int]) -> list[tuple[int, str]]:
    """(ticket, digest) of every file kept on these tickets."""
    found: list[tuple[int, str]] = []
    for start in range(0, len(ids), 500):
        query = select(EvidenceRow.ticket_id, EvidenceRow.digest)
        rows = await session.execute(query.where(EvidenceRow.ticket_id.in_(ids[start : start + 500])))
        found += [(row.ticket_id, row.digest) for row in rows]
    return found


async def paid_for(session: AsyncSession, ids: Sequence[int]) -> set[int]:
    """Which of these tickets are in the ledger already."""
    found: set[int] = set()
    for start in range(0, len(ids), 500):
        query = select(SubsidyRow.ticket_id).where(SubsidyRow.ticket_id.in_(ids[start : start + 500]))
        found |= set((await session.scalars(query)).all())
    return found


async def villages(session: AsyncSession, town: str) -> list[tuple[str, int | None]]:
    """(village, population) of those in use."""
    query = select(PlaceRow.village, PlaceRow.population).where(
        PlaceRow.town == town, PlaceRow.village != "", PlaceRow.group_name == "", PlaceRow.active.is_(True)
    )
    return [(row.village, row.population) for row in await session.execute(query)]


async def batch(session: AsyncSession, town: str, period: str) -> SubsidyBatch | None:
    query = select(SubsidyBatch).where(SubsidyBatch.town == town, SubsidyBatch.period == period)
    return (await session.scalars(query)).one_or_none()


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """A mediator sees their own cases; who supervises the town sees all of its; nobody else any."""
    if viewer.kind is ViewerKind.APPLICANT:
        return false()
    if viewer.everything:
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if viewer.member:
        ways.append(SubsidyRow.mediator_id == int(viewer.member))
    if viewer.scope and viewer.scope_tier:
        inside = [TicketRow.town == viewer.scope.town] if viewer.scope.town else []
        inside += [TicketRow.village == viewer.scope.village] if viewer.scope.village else []
        ways.append(and_(TicketRow.tier_rank <= viewer.scope_tier.rank, *inside))
    return or_(*ways)


async def listed(
    session: AsyncSession,
    *,
    visible_to: Viewer,
    period: str = "",
    town: str = "",
    status: str = "",
    own: bool = False,
    after: int = 0,
    limit: int = 100,
) -> Sequence[SubsidyRow]:
    """In order of id. `own`: only cases of the viewer."""
    query = _joined().where(visible(visible_to), SubsidyRow.id > after)
    for column, value in ((SubsidyBatch.period, period), (SubsidyBatch.town, town), (SubsidyRow.status, status)):
        if value:
            query = query.where(column == value)
    if own:
        query = query.where(SubsidyRow.mediator_id == int(visible_to.member or 0))
    return (await session.scalars(query.order_by(SubsidyRow.id).limit(limit))).all()


async def find(session: AsyncSession, id: int, *, visible_to: Viewer) -> SubsidyRow | None:
    query = _joined().where(SubsidyRow.id == id, visible(visible_to)).with_for_update(of=SubsidyRow)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


def _joined() -> Select[SubsidyRow]:
    return (
        select(SubsidyRow)
        .join(SubsidyBatch, SubsidyRow.batch_id == SubsidyBatch.id)
        .join(TicketRow, SubsidyRow.ticket_id == TicketRow.id)
        .options(
            selectinload(SubsidyRow.batch),
            selectinload(SubsidyRow.ticket),
            selectinload(SubsidyRow.mediator).selectinload(MemberRow.organisation),
        )
    )


async def of_batch(session: AsyncSession, batch_id: int) -> Sequence[SubsidyRow]:
    """All files of a batch, locked."""
    query = select(SubsidyRow).where(SubsidyRow.batch_id == batch_id).order_by(SubsidyRow.id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def totals(session: AsyncSession, batch_id: int) -> dict[str, tuple[int, int]]:
    """Status → (files, yuan)."""
    query = select(SubsidyRow.status, func.count(), func.sum(SubsidyRow.yuan)).where(SubsidyRow.batch_id == batch_id)
    rows = await session.execute(query.group_by(SubsidyRow.status))
    return {status: (count, int(yuan)) for status, count, yuan in rows}
