"""What was settled by word of mouth becomes an oral agreement in force, and the ticket agreed (人民调解法 30)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.lifecycle import Move
from api.services import records, tickets
from api.services.records import RecordRequest
from api.services.routing import RoutingDesk
from api.services.tickets import MoveRequest

MOST_FACTS = 2000


async def settle(
    session: AsyncSession, desk: RoutingDesk, no: str, terms: str, *, by: Viewer, at: datetime, key: str | None = None
) -> TicketRow:
    """For one who has only words to give; an agreement that is in force already is what was settled.

    Raises as records.add and tickets.move do: what may not stand in an agreement is refused here, too.
    """
    row = await tickets.get(session, no, visible_to=by)
    if Move.RECORD_AGREEMENT not in await tickets.lacking(session, row):
        request = MoveRequest(note=terms, key=key)
        return await tickets.move(session, desk, no, Move.RECORD_AGREEMENT, request, by=by, at=at)
    await oral(session, desk, no, facts=row.text[:MOST_FACTS], terms=terms, by=by, at=at, key=key)
    return await tickets.get(session, no, visible_to=by)


async def oral(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    *,
    facts: str,
    terms: str,
    by: Viewer,
    at: datetime,
    key: str | None = None,
) -> None:
    """In force the day it was made."""
    day = at.astimezone(LOCAL).date().isoformat()
    said = {"form": "oral", "agreed_on": day, "facts": facts, "terms": terms}
    row = await records.add(session, desk, no, "agreement", RecordRequest(values=said, key=key), by=by, at=at)
    effect = RecordRequest(values={"effective_on": day})
    await records.take_step(session, desk, no, row.no, "take_effect", effect, by=by, at=at)
