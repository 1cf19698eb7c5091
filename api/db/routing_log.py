"""Every routing decision of a ticket, with its reasons and the policy it was made under."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.desk import TicketRow
from api.db.tables.directory import RoutingRecord
from api.domain.routing import RoutingDecision


def add(
    session: AsyncSession,
    ticket: TicketRow,
    decision: RoutingDecision,
    *,
    kind: str,
    by: str,
    at: datetime,
    note: str = "",
) -> None:
    organisation, mediator = decision.organisation, decision.mediator
    session.add(
        RoutingRecord(
            ticket_id=ticket.id,
            at=at,
            kind=str(kind),
            policy=decision.policy_version,
            tier=decision.tier or "",
            organisation_id=int(organisation.id) if organisation else None,
            mediator_id=int(mediator.id) if mediator else None,
            flags=list(decision.flags),
            reasons=[{"text": one.text, "basis": list(one.basis)} for one in decision.reasons],
            rejected=[{"organisation": one.organisation, "why": one.why} for one in decision.rejected],
            actor=by,
            note=note,
        )
    )


def add_override(
    session: AsyncSession,
    ticket: TicketRow,
    *,
    policy: str,
    by: str,
    at: datetime,
    note: str,
) -> None:
    """A person decided otherwise; `note` is their written reason."""
    session.add(
        RoutingRecord(
            ticket_id=ticket.id,
            at=at,
            kind="override",
            policy=policy,
            tier=ticket.tier,
            organisation_id=ticket.organisation_id,
            mediator_id=ticket.mediator_id,
            flags=["override"],
            reasons=[],
            rejected=[],
            actor=by,
            note=note,
        )
    )


async def of_ticket(session: AsyncSession, ticket: TicketRow) -> Sequence[RoutingRecord]:
    """Oldest first. The caller has asked whether the ticket may be seen."""
    query = select(RoutingRecord).where(RoutingRecord.ticket_id == ticket.id).order_by(RoutingRecord.id)
    return (await session.scalars(query)).all()
