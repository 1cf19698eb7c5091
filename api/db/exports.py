"""Tickets with their counts, in batches, for forms of others."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db import statistics
from api.db.tables.desk import TicketRow
from api.db.tables.statistics import CountedRow
from api.db.visibility import visible
from api.domain.access import Viewer
from api.domain.statistics import CountQuery


async def count(session: AsyncSession, wanted: CountQuery, *, visible_to: Viewer) -> int:
    query = select(func.count()).select_from(CountedRow)
    query = query.where(CountedRow.id.in_(statistics.matching(wanted)), visible(visible_to, CountedRow))
    return (await session.execute(query)).scalar_one()


async def batch(
    session: AsyncSession, wanted: CountQuery, *, visible_to: Viewer, after: int, limit: int
) -> Sequence[tuple[TicketRow, CountedRow]]:
    """Oldest first, from the one after the internal id `after`."""
    query = (
        select(TicketRow, CountedRow)
        .join(CountedRow, CountedRow.id == TicketRow.id)
        .where(TicketRow.id.in_(statistics.matching(wanted)), TicketRow.id > after, visible(visible_to))
        .options(
            selectinload(TicketRow.organisation), selectinload(TicketRow.mediator), selectinload(TicketRow.parties)
        )
        .order_by(TicketRow.id)
        .limit(limit)
    )
    return [(ticket, counted) for ticket, counted in await session.execute(query)]
