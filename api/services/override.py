"""A person decides otherwise than the rules: with a written reason, never past a conflict of interest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations, routing_log
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.conflict import Conflicts, find_conflicts, respondent_kind
from api.domain.errors import InvalidInput
from api.domain.lifecycle import Move
from api.services import tickets
from api.services.routing import RoutingDesk, facts_of
from api.services.tickets import MoveRequest

MIN_REASON = 4


@dataclass(frozen=True)
class Override:
    """Names or ids; empty means that this part stays."""

    organisation: str = ""
    mediator: str = ""
    reason: str = ""


async def override(
    session: AsyncSession, desk: RoutingDesk, no: str, wanted: Override, *, by: Viewer, at: datetime, key: str | None
) -> TicketRow:
    """Transfers and assigns. Raises InvalidInput without a reason, or for one who is a party or related to one."""
    if not wanted.organisation and not wanted.mediator:
        raise InvalidInput("请写明改派给哪个单位或哪位调解员", code="target_required")
    if len(wanted.reason.strip()) < MIN_REASON:
        raise InvalidInput(f"改派要写明理由（至少 {MIN_REASON} 个字）", code="reason_required")
    row = await tickets.get(session, no, visible_to=by)
    await _check(session, desk, row, wanted)
    known = {event.key for event in row.events}
    if wanted.organisation:
        request = MoveRequest(note=wanted.reason, organisation=wanted.organisation, key=key and f"{key}:transfer")
        row = await tickets.move(session, desk, no, Move.TRANSFER, request, by=by, at=at)
    if wanted.mediator:
        request = MoveRequest(note=wanted.reason, mediator=wanted.mediator, key=key and f"{key}:assign")
        row = await tickets.move(session, desk, no, Move.ASSIGN, request, by=by, at=at)
    if key is None or not known & {f"{key}:transfer", f"{key}:assign"}:
        version, reason = desk.policy.version, wanted.reason
        routing_log.add_override(session, row, policy=version, by=by.actor, at=at, note=reason)
        await session.flush()
    return row


async def _check(session: AsyncSession, desk: RoutingDesk, row: TicketRow, wanted: Override) -> None:
    directory = await desk.directory(session)
    conflicts = _conflicts(desk, row)
    target = row.organisation_id
    if wanted.organisation:
        found = await organisations.find_organisation(session, wanted.organisation)
        target = found.id if found else None
    organisation = directory.get(str(target)) if target else None
    if organisation is None:
        return
    if why := conflicts.blocks(organisation):
        raise InvalidInput(f"{organisation.name}{why}", code="conflict_of_interest")
    for member in organisation.members:
        if wanted.mediator in (member.id, member.name) and (why := conflicts.blocks_member(member)):
            raise InvalidInput(f"{member.name}{why}", code="conflict_of_interest")


def _conflicts(desk: RoutingDesk, row: TicketRow) -> Conflicts:
    facts = facts_of(row)
    values = facts.values() | {"respondent_is": respondent_kind(facts, desk.policy)}
    return find_conflicts(facts, values, desk.policy)
