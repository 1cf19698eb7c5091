"""Queries of the photos still to be fetched."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.photos import SentPhoto


async def due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[SentPhoto]:
    """Rows for one worker: PostgreSQL skips what another worker holds, SQLite has one writer anyway."""
    query = (
        select(SentPhoto)
        .where(SentPhoto.due_at <= now)
        .order_by(SentPhoto.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()
