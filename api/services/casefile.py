"""The case file of a stored ticket: what is in it, and what is missing before closing or archiving."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db.tables.desk import TicketRow
from api.db.tables.evidence import EvidenceRow
from api.domain.casefile import ItemState, Papers, file_state
from api.domain.errors import TransitionNotAllowed
from api.services.desk_rules import desk_rules


async def state(session: AsyncSession, ticket: TicketRow, stage: str) -> list[ItemState]:
    """All items in the order of the file; `ticket` with its events."""
    evidence = select(EvidenceRow.id).where(EvidenceRow.ticket_id == ticket.id).limit(1)
    papers = Papers(
        moves=frozenset(event.move for event in ticket.events),
        records=await store.states_ever(session, ticket.id),
        evidence=await session.scalar(evidence) is not None,
    )
    facts = {"outcome": ticket.outcome, "complexity": ticket.complexity}
    return file_state(desk_rules().file_items, papers, facts, stage)


async def check(session: AsyncSession, ticket: TicketRow, stage: str, reason: str) -> None:
    """Raises TransitionNotAllowed(code="file_incomplete") naming what is missing, unless a reason is enough."""
    missing = [one.item for one in await state(session, ticket, stage) if one.missing]
    rules = desk_rules()
    if not missing or (rules.with_reason and reason.strip()):
        return
    way = "；写明理由可以继续" if rules.with_reason else ""
    named = [{"number": one.number, "key": one.key, "zh": one.zh} for one in missing]
    detail = f"案卷还缺：{'、'.join(one.zh for one in missing)}{way}"
    raise TransitionNotAllowed(detail, code="file_incomplete", more={"missing": named})
