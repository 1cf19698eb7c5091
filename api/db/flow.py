"""Where tickets went, from one organisation to another, read out of their histories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.tables.desk import EventRow, OrganisationRow, TicketRow
from api.db.visibility import visible
from api.domain.access import Viewer
from api.domain.lifecycle import Move
from api.domain.period import Period

PASSING = (Move.ESCALATE, Move.TRANSFER, Move.RETURN_TO_SENDER)


@dataclass(frozen=True)
class Passed:
    """One passing on: `at` from `sender` to `receiver` (names), who took it at `accepted_at`."""

    ticket: TicketRow
    move: str
    at: datetime
    sender: str
    sender_tier: str
    receiver: str
    receiver_tier: str
    accepted_at: datetime | None
    note: str


async def passed(session: AsyncSession, period: Period, *, visible_to: Viewer, limit: int) -> tuple[list[Passed], int]:
    """The latest `limit` of the period, oldest first, and how many there were in all."""
    inside = (EventRow.move.in_(PASSING), EventRow.at >= period.since, EventRow.at < period.until)
    base = select(EventRow.id).join(TicketRow, TicketRow.id == EventRow.ticket_id).where(*inside, visible(visible_to))
    count = (await session.execute(select(func.count()).select_from(base.subquery()))).scalar_one()
    ids = (await session.scalars(base.order_by(EventRow.at.desc(), EventRow.id.desc()).limit(limit))).all()
    owners = select(EventRow.ticket_id).where(EventRow.id.in_(ids))
    query = select(TicketRow).where(TicketRow.id.in_(owners))
    rows = (await session.scalars(query.options(selectinload(TicketRow.events)))).all()
    known = await session.execute(select(OrganisationRow.id, OrganisationRow.name))
    names = {str(id): name for id, name in known}
    found = [one for row in rows for one in _walk(row, names, set(ids))]
    return sorted(found, key=lambda one: one.at), count


def _walk(row: TicketRow, names: dict[str, str], wanted: set[int]) -> list[Passed]:
    """Follows the organisation and the tier through the history; each passing on knows where it came from."""
    found: list[Passed] = []
    organisation, tier = "", ""
    for index, event in enumerate(row.events):
        before = (organisation, tier)
        organisation = str(event.changes.get("organisation", organisation) or "")
        tier = str(event.changes.get("tier", tier) or "")
        if event.id in wanted:
            later = row.events[index + 1 :]
            found.append(
                Passed(
                    ticket=row,
                    move=event.move,
                    at=event.at,
                    sender=names.get(before[0], ""),
                    sender_tier=before[1],
                    receiver=names.get(organisation, ""),
                    receiver_tier=tier,
                    accepted_at=_accepted(later),
                    note=event.note,
                )
            )
    return found


def _accepted(later: Sequence[EventRow]) -> datetime | None:
    """By this receiver: an acceptance before the ticket goes on to the next."""
    for event in later:
        if event.move == Move.ACCEPT:
            return event.at
        if event.move in PASSING:
            return None
    return None
