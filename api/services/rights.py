"""Whenever mediation does not go on, the parties are told which ways are open to them (人民调解法 3, 18, 26)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import tickets
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.lifecycle import Move
from api.services import recording
from api.services.desk_rules import desk_rules
from api.services.recording import Written

REASONS = {
    Move.DECLINE: "declined",
    Move.REFUSE: "refused",
    Move.RECORD_FAILURE: "failed",
    Move.LEAVE: "referred",
}


async def tell(session: AsyncSession, no: str, move: Move, guidance: str, *, by: Viewer, at: datetime) -> None:
    """Leaves a rights notice on the ticket after a move that stops mediation; `guidance` is added in its own words."""
    if move not in REASONS:
        return
    row = await tickets.find(session, no, visible_to=by)
    assert row is not None
    to, text = desk_rules().rights_notice(REASONS[move], row.category)
    day = at.astimezone(LOCAL).date().isoformat()
    content = {"day": day, "reason": REASONS[move], "to": to, "text": f"{text}{guidance.strip()}"}
    await recording.add(session, row, "rights_notice", Written("add", content), by=by, at=at)
