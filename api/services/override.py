"""A person decides otherwise than the rules: with a written reason, never past a conflict of interest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import routing_log
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.errors import InvalidInput
from api.domain.lifecycle import Move
from api.services import tickets
from api.services.routing import RoutingDesk
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
