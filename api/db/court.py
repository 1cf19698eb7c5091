"""Figures from the courts, by place and period."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.statistics import CourtFigure


async def of_periods(session: AsyncSession, periods: Iterable[str]) -> list[CourtFigure]:
    query = select(CourtFigure).where(CourtFigure.period.in_(list(periods))).order_by(CourtFigure.id)
    return list((await session.scalars(query)).all())


async def one(session: AsyncSession, place_id: int, period: str) -> CourtFigure | None:
    query = select(CourtFigure).where(CourtFigure.place_id == place_id, CourtFigure.period == period)
    return (await session.scalars(query)).one_or_none()
