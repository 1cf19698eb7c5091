"""Messages in and out, and the conversation they make."""

import re

from fastapi import APIRouter

from api.domain.access import Viewer, ViewerKind
from api.domain.conversation import InboundMessage, TurnResult
from api.domain.errors import Unauthenticated
from api.http.deps import AppRuntime, Now, OptionalViewer, ReadSession, StaffViewer, WriteSession
from api.http.schemas.chat import (
    Channel,
    ConversationOut,
    HandoffIn,
    HandoffOut,
    Identifier,
    MessageIn,
    MessageOut,
    ReplyOut,
    StaffReplyIn,
    TurnOut,
)
from api.services import conversations, tickets
from api.services.intake_text import readable

router = APIRouter(prefix="/api/v1", tags=["chat"])

# A web visitor is known by nothing but this id, so only an id that cannot be guessed opens a history.
UNGUESSABLE = re.compile(r"[0-9A-Za-z_-]{20,128}")


def turn_out(result: TurnResult) -> TurnOut:
    replies = [
        ReplyOut(text=r.text, buttons=list(map(dict, r.buttons)), links=list(map(dict, r.links)))
        for r in result.replies
    ]
    return TurnOut(
        replies=replies,
        owner=result.owner.value,
        ticket_no=result.ticket_no,
        crisis=result.crisis,
        message_ids=list(result.message_ids),
    )


@router.post("/chat/messages")
async def post_message(body: MessageIn, app: AppRuntime, now: Now, viewer: OptionalViewer) -> TurnOut:
    """One message and its answer. The same (channel, message_id) again gets the same answer, nothing is done twice."""
    if body.channel != "web" and viewer is None:
        raise Unauthenticated("热线和微信渠道要带访问凭证。")
    text = readable(body.text, max_chars=app.settings.message_max_chars)
    message = InboundMessage(channel=body.channel, sender=body.sender, external_id=body.message_id, text=text, at=now)
    return turn_out(await app.inbox.handle(message))


@router.get("/conversations/{channel}/{sender}")
async def get_conversation(
    channel: Channel, sender: Identifier, session: ReadSession, viewer: OptionalViewer
) -> ConversationOut:
    own = channel == "web" and bool(UNGUESSABLE.fullmatch(sender))
    if viewer is None and not own:
        raise Unauthenticated("请先登录。")
    staff = viewer if viewer and viewer.kind is not ViewerKind.APPLICANT else None
    if staff:
        conversation = await conversations.get_for_staff(session, channel, sender, viewer=staff)
    else:
        conversation = await conversations.get(session, channel, sender)
    asking = staff or Viewer.applicant(channel, sender)
    numbers = await tickets.numbers_of(session, channel=channel, sender=sender, visible_to=asking)
    titles: dict[str, str] = {}
    messages = []
    for m in await conversations.history(session, conversation):
        titles |= {button["payload"]: button["title"] for button in m.buttons}
        text = titles.get(m.text, m.text) if m.role == "user" else m.text
        messages.append(
            MessageOut(id=m.id, role=m.role, text=text, buttons=m.buttons, links=m.links, at=m.at)  # type: ignore[arg-type]
        )
    return ConversationOut(
        owner=conversation.owner,  # type: ignore[arg-type]
        tickets=numbers,
        crisis=conversation.crisis,
        messages=messages,
    )


@router.post("/conversations/{channel}/{sender}/handoff")
async def hand_over(
    channel: Channel, sender: Identifier, body: HandoffIn, session: WriteSession, now: Now, _viewer: StaffViewer
) -> HandoffOut:
    ahead = await conversations.hand_over(session, channel=channel, sender=sender, reason=body.reason, at=now)
    return HandoffOut(owner="human", ahead=ahead)


@router.post("/conversations/{channel}/{sender}/reply")
async def reply(
    channel: Channel, sender: Identifier, body: StaffReplyIn, session: WriteSession, now: Now, viewer: StaffViewer
) -> MessageOut:
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    message = await conversations.reply(session, channel=channel, sender=sender, text=body.text, at=now)
    return MessageOut(id=message.id, role="staff", text=message.text, at=message.at)


@router.post("/conversations/{channel}/{sender}/return")
async def hand_back(channel: Channel, sender: Identifier, session: WriteSession, viewer: StaffViewer) -> dict[str, str]:
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    await conversations.hand_back(session, channel=channel, sender=sender)
    return {"owner": "bot"}
