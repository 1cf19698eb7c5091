"""Messages in and out, and the conversation they make."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse

from api.db.tickets import QueueFilter
from api.domain.conversation import InboundMessage, TurnResult
from api.domain.errors import Unauthenticated
from api.http import talk_view
from api.http.deps import AppRuntime, Now, OptionalViewer, ReadSession
from api.http.schemas.chat import Channel, ConversationOut, Identifier, MessageIn, ReplyOut, TurnOut
from api.http.talk_stream import NO_BUFFER, PING_SECONDS, STREAM, TalkStream
from api.services import conversations, handover, tickets
from api.services.intake_text import readable

router = APIRouter(prefix="/api/v1", tags=["chat"])

CARDS = 5
After = Annotated[int, Query(ge=0, le=2**62)]


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
    channel: Channel,
    sender: Identifier,
    session: ReadSession,
    app: AppRuntime,
    viewer: OptionalViewer,
    now: Now,
    after: After = 0,
) -> ConversationOut:
    """`after`: only messages with a larger id."""
    conversation = await talk_view.opened(session, channel, sender, viewer)
    asking = talk_view.asking(channel, sender, viewer)
    wanted = QueueFilter(channel=channel, sender=sender)
    rows = await tickets.list_queue(session, wanted, visible_to=asking)
    shown = talk_view.messages(await conversations.history(session, conversation))
    return ConversationOut(
        owner=conversation.owner,  # type: ignore[arg-type]
        tickets=[row.no for row in reversed(rows)],
        cards=[talk_view.card(row, app.policy) for row in reversed(rows[:CARDS]) if not row.protective],
        waiting=talk_view.waiting(await handover.waiting(session, conversation, now=now)),
        crisis=conversation.crisis,
        messages=[one for one in shown if one.id > after],
    )


@router.get("/conversations/{channel}/{sender}/events", response_class=EventSourceResponse, responses=STREAM)
async def follow(
    channel: Channel,
    sender: Identifier,
    app: AppRuntime,
    viewer: OptionalViewer,
    after: After = 0,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> EventSourceResponse:
    """Server-sent events: `message` for every line after that id, `state` when somebody takes over or hands back."""
    async with app.database.reading() as session:
        conversation = await talk_view.opened(session, channel, sender, viewer)
    start = int(last_event_id) if last_event_id.isdecimal() else after
    stream = TalkStream(app.database, app.watcher, app.settings.now)
    return EventSourceResponse(stream.events(conversation.id, after=start), ping=PING_SECONDS, headers=NO_BUFFER)
