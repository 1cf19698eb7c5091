"""Candidates for being the same dispute: cut by the indexes of place, person and respondent, compared in memory."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.tables.desk import TicketRow
from api.db.tickets import OPEN
from api.db.visibility import visible
from api.domain.access import Viewer


async def candidates(
    session: AsyncSession, ticket: TicketRow, *, since: datetime, visible_to: Viewer, limit: int
) -> Sequence[TicketRow]:
    """Oldest first. Protective tickets are left out: who is in danger is nobody's duplicate."""
    alike = (
        TicketRow.id != ticket.id,
        TicketRow.category == ticket.category,
        TicketRow.status.in_(OPEN),
        TicketRow.opened_at >= since,
        TicketRow.protective.is_(False),
        visible(visible_to),
    )
    ways: list[ColumnElement[bool]] = [(TicketRow.channel == ticket.channel) & (TicketRow.sender == ticket.sender)]
    if ticket.town:
        ways.append((TicketRow.town == ticket.town) & (TicketRow.village == ticket.village))
        ways.append(TicketRow.town == ticket.town)
    if ticket.respondent_org:
        ways.append(TicketRow.respondent_org == ticket.respondent_org)
    found = [
        select(
            select(TicketRow.id.label("id"))
            .where(way, *alike)
            .order_by(TicketRow.id.desc())
            .limit(limit)
            .subquery()
            .c.id
        )
        for way in ways
    ]
    query = (
        select(TicketRow)
        .where(TicketRow.id.in_(union(*found)))
        .options(selectinload(TicketRow.parties))
        .order_by(TicketRow.id.desc())
        .limit(limit)
    )
    return list(reversed((await session.scalars(query)).all()))
