"""Drafts of papers: keep one, find one that is still valid, drop what has expired."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.papers import PaperRow


async def keep(session: AsyncSession, row: PaperRow) -> None:
    """Adds it; the expired ones go at the same time, so that nothing stays longer than promised."""
    await session.execute(delete(PaperRow).where(PaperRow.expires_at <= row.made_at))
    session.add(row)
    await session.flush()


async def find(session: AsyncSession, paper_id: str, *, at: datetime) -> PaperRow | None:
    found: PaperRow | None = await session.scalar(
        select(PaperRow).where(PaperRow.id == paper_id, PaperRow.expires_at > at)
    )
    return found
