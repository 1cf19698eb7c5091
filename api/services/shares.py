"""A merged ticket that is opened again takes its share out of the batch it was in."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db import tickets
from api.domain.access import Viewer
from api.services import recording
from api.services.recording import Written

JOINED, LEFT, LEAVE = "joined", "left", "leave"
RULES = Viewer.tool("并案规则")


async def take_out(session: AsyncSession, master: str, no: str, *, why: str, at: datetime) -> None:
    """Nothing happens where there is no such share, or it has left already."""
    row = await tickets.find(session, master, visible_to=RULES, lock=True)
    if row is None:
        return
    for share in await store.of_ticket(session, row.id, kinds=["share"]):
        content = store.content_of(share)
        if share.state == JOINED and content.get("ticket") == no:
            written = Written(LEAVE, content | {"why": why})
            await recording.change(session, row, share, written, by=RULES, at=at, state=LEFT)
