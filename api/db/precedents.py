"""Settled tickets like one: only what can be told without telling whose they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.lifecycle import Status

SETTLED = ("agreed", "failed")


@dataclass(frozen=True)
class Settled:
    """`amount_fen`, `form` of the agreement; None and "" when there was none on paper."""

    subcategory: str
    tier: str
    outcome: str
    opened_at: datetime
    ended_at: datetime
    amount_fen: int | None
    form: str
    meetings: int


async def settled_like(session: AsyncSession, ticket: TicketRow, *, looked_at: int, limit: int) -> Sequence[Settled]:
    """Closed cases of the category in the same town, the same subject first, then the newest. Never one in danger."""
    recent = (
        select(TicketRow.id)
        .where(TicketRow.town == ticket.town, TicketRow.id != ticket.id)
        .order_by(TicketRow.id.desc())
        .limit(looked_at)
    )
    query = (
        select(TicketRow)
        .where(
            TicketRow.id.in_(recent),
            TicketRow.category == ticket.category,
            TicketRow.status == Status.CLOSED,
            TicketRow.outcome.in_(SETTLED),
            TicketRow.protective.is_(False),
        )
        .order_by(case((TicketRow.subcategory == ticket.subcategory, 0), else_=1), TicketRow.id.desc())
        .limit(limit)
    )
    return [await _told(session, row) for row in (await session.scalars(query)).all()]


async def _told(session: AsyncSession, row: TicketRow) -> Settled:
    meetings = select(func.count()).where(
        RecordRow.ticket_id == row.id, RecordRow.kind == "meeting", RecordRow.state == "held"
    )
    agreement = (
        await session.execute(
            select(RecordRow.code, RecordRow.amount_fen)
            .where(RecordRow.ticket_id == row.id, RecordRow.kind == "agreement", RecordRow.state == "effective")
            .order_by(RecordRow.no.desc())
            .limit(1)
        )
    ).first()
    return Settled(
        subcategory=row.subcategory,
        tier=row.tier,
        outcome=row.outcome,
        opened_at=row.opened_at,
        ended_at=row.ended_at or row.opened_at,
        amount_fen=agreement.amount_fen if agreement else None,
        form=(agreement.code or "") if agreement else "",
        meetings=await session.scalar(meetings) or 0,
    )
