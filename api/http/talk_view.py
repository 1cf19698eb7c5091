"""A conversation as it is shown: who may open it, and its lines, cards and state."""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.conversations import Conversation, Message
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import NotFound, Unauthenticated
from api.domain.lifecycle import STATUS_ZH, Status
from api.domain.policy import Policy
from api.http.schemas.chat import CardOut, MessageOut, StateOut, WaitingOut
from api.services import conversations
from api.services.handover import Waiting
from api.services.progress import due_text

# A web visitor is known by nothing but this id, so only an id that cannot be guessed opens a history.
UNGUESSABLE = re.compile(r"[0-9A-Za-z_-]{20,128}")


def own(channel: str, sender: str) -> bool:
    """Whether knowing the id is enough to be this visitor."""
    return channel == "web" and bool(UNGUESSABLE.fullmatch(sender))


async def opened(session: AsyncSession, channel: str, sender: str, viewer: Viewer | None) -> Conversation:
    """For the visitor, or for staff that may see it; somebody else's chat is not there for a visitor.

    Raises Unauthenticated, NotFound.
    """
    if viewer is None and not own(channel, sender):
        raise Unauthenticated("请先登录。")
    if viewer and viewer.kind is ViewerKind.APPLICANT and (viewer.channel, viewer.sender) != (channel, sender):
        raise NotFound("没有这个会话。")
    if viewer and viewer.kind is not ViewerKind.APPLICANT:
        return await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    return await conversations.get(session, channel, sender)


def asking(channel: str, sender: str, viewer: Viewer | None) -> Viewer:
    """In whose name tickets are looked up: staff in their own, everybody else in the visitor's."""
    staff = viewer is not None and viewer.kind is not ViewerKind.APPLICANT
    return viewer if viewer is not None and staff else Viewer.applicant(channel, sender)


def messages(rows: Sequence[Message]) -> list[MessageOut]:
    """A pressed button reads as what stood on it, not as its payload."""
    titles: dict[str, str] = {}
    shown = []
    for m in rows:
        titles |= {button["payload"]: button["title"] for button in m.buttons}
        text = titles.get(m.text, m.text) if m.role == "user" else m.text
        shown.append(
            MessageOut(id=m.id, role=m.role, text=text, buttons=m.buttons, links=m.links, at=m.at)  # type: ignore[arg-type]
        )
    return shown


def card(row: TicketRow, policy: Policy) -> CardOut:
    return CardOut(
        no=row.no,
        status_zh=STATUS_ZH[Status(row.status)],
        category_zh=policy.categories[row.category].zh,
        organisation=row.organisation.name if row.organisation else "",
        due_text=due_text(row),
    )


def state(talk: Conversation, waits: Waiting) -> StateOut:
    return StateOut(owner=talk.owner, waiting=waiting(waits))  # type: ignore[arg-type]


def waiting(one: Waiting) -> WaitingOut:
    return WaitingOut(ahead=one.ahead, open_now=one.open_now, text=one.text)
