"""What is known about a conversation, for the person who takes it over: nobody should have to say it twice."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as store
from api.db import hotline as hotline_store
from api.db.tables.conversations import Conversation
from api.db.tables.desk import TicketRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.deadline import readable
from api.domain.lifecycle import STATUS_ZH, Status
from api.services import tickets
from knowledge_base.operators import load_operator_rules

LINES, WORDS = 60, 3
TICKETS = 5


async def summary(session: AsyncSession, conversation: Conversation, *, viewer: Viewer) -> list[tuple[str, str]]:
    """Label and text, most urgent first; only tickets the viewer may see."""
    callback = await hotline_store.open_callback(session, conversation.id)
    marks = load_operator_rules().marks
    noted = [marks.get(one.kind, one.kind) for one in await hotline_store.marks_of(session, conversation.id)]
    wanted = QueueFilter(channel=conversation.channel, sender=conversation.sender)
    rows = await tickets.list_queue(session, wanted, visible_to=viewer, limit=TICKETS)
    lines = [
        ("有危险", "、".join(conversation.crisis)),
        ("为什么转来", conversation.handoff_reason or ""),
        *conversation.known.items(),
        ("扫码的地方", conversation.place_hint or ""),
        ("工单", "；".join(map(ticket_line, rows))),
        ("要回电", f"{readable(callback.due_at)}前，{callback.phone}，{callback.wish}" if callback else ""),
        ("坐席标记", "、".join(dict.fromkeys(noted))),
        ("最近说的", " / ".join(await last_words(session, conversation))),
    ]
    return [(label, text) for label, text in lines if text]


def ticket_line(row: TicketRow) -> str:
    handler = row.organisation.name if row.organisation else "还没有接单单位"
    return f"{row.no} {STATUS_ZH[Status(row.status)]}（{handler}）"


async def last_words(session: AsyncSession, conversation: Conversation) -> Sequence[str]:
    """The latest things said by the villager; pressed buttons tell nothing."""
    rows = await store.history(session, conversation.id, limit=LINES)
    return [row.text for row in rows if row.role == "user" and not row.text.startswith("/")][-WORDS:]
