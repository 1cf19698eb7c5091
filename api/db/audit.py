"""Tickets with everything the audit compares, a page at a time; for the audit alone, which shows nothing of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.tables.desk import TicketRow
from api.db.tables.evidence import EvidenceRow
from api.db.tables.records import RecordRow


@dataclass(frozen=True)
class Audited:
    """`evidence`: the digests of its files."""

    ticket: TicketRow
    records: Sequence[RecordRow]
    evidence: Sequence[str]


async def count(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(TicketRow)) or 0


async def numbers(session: AsyncSession, *, after: int, limit: int) -> list[tuple[int, str]]:
    """(id, number), in the order of their ids."""
    query = select(TicketRow.id, TicketRow.no).where(TicketRow.id > after).order_by(TicketRow.id).limit(limit)
    return [(id, no) for id, no in (await session.execute(query)).all()]


async def page(session: AsyncSession, ids: Sequence[int]) -> list[Audited]:
    tickets = select(TicketRow).where(TicketRow.id.in_(ids)).options(selectinload(TicketRow.events))
    records = select(RecordRow).where(RecordRow.ticket_id.in_(ids)).options(selectinload(RecordRow.versions))
    evidence = select(EvidenceRow.ticket_id, EvidenceRow.digest).where(EvidenceRow.ticket_id.in_(ids))
    by_ticket: dict[int, list[RecordRow]] = defaultdict(list)
    for record in await session.scalars(records):
        by_ticket[record.ticket_id].append(record)
    digests: dict[int, list[str]] = defaultdict(list)
    for ticket_id, digest in (await session.execute(evidence)).all():
        digests[ticket_id].append(digest)
    found = (await session.scalars(tickets.order_by(TicketRow.id))).all()
    return [Audited(row, by_ticket[row.id], digests[row.id]) for row in found]
