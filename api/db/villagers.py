"""Queries of claims and ratings."""

from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.villagers import ClaimRow, RatingRow


async def failed_claims(
    session: AsyncSession, *, no: str, channel: str, sender: str, since: datetime
) -> tuple[int, int]:
    """Wrong codes since then: for this number by anybody, and by this conversation for any number."""
    wrong = and_(ClaimRow.side == "", ClaimRow.at >= since)
    of_number = select(func.count()).where(wrong, ClaimRow.no == no)
    of_person = select(func.count()).where(wrong, ClaimRow.channel == channel, ClaimRow.sender == sender)
    return (await session.scalar(of_number) or 0, await session.scalar(of_person) or 0)


async def claimed_side(session: AsyncSession, ticket_id: int, *, channel: str, sender: str) -> str:
    """How this conversation opened the ticket; empty when it did not."""
    query = (
        select(ClaimRow.side)
        .where(
            ClaimRow.ticket_id == ticket_id, ClaimRow.channel == channel, ClaimRow.sender == sender, ClaimRow.side != ""
        )
        .order_by(ClaimRow.id.desc())
    )
    return await session.scalar(query.limit(1)) or ""


async def rating_of(session: AsyncSession, ticket_id: int, *, channel: str, sender: str) -> RatingRow | None:
    query = select(RatingRow).where(
        RatingRow.ticket_id == ticket_id, RatingRow.channel == channel, RatingRow.sender == sender
    )
    return (await session.scalars(query)).one_or_none()
