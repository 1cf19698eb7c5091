"""What anybody may see on a map: points that are open, and how many matters each town handled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.desk import TicketRow
from api.db.tables.work import WorkRow
from api.domain.lifecycle import Status


async def open_points(session: AsyncSession, town: str, limit: int) -> Sequence[WorkRow]:
    query = select(WorkRow).where(WorkRow.kind == "point", WorkRow.status == "open")
    query = query.where(WorkRow.town == town) if town else query
    return (await session.scalars(query.order_by(WorkRow.town, WorkRow.village, WorkRow.id).limit(limit))).all()


async def handled(session: AsyncSession, since: datetime) -> list[tuple[str, int]]:
    """(town, tickets closed since), protective ones left out."""
    query = select(TicketRow.town, func.count()).where(
        TicketRow.status == Status.CLOSED,
        TicketRow.ended_at >= since,
        TicketRow.protective.is_(False),
        TicketRow.merged_into == "",
        TicketRow.town != "",
    )
    rows = await session.execute(query.group_by(TicketRow.town).order_by(TicketRow.town))
    return [(town, count) for town, count in rows]
