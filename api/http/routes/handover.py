"""From the bot to a human and back: hand over, take, reply, mark, ring back, return."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from api.domain.access import Viewer, ViewerKind
from api.domain.deadline import readable
from api.domain.errors import Forbidden, Unauthenticated
from api.http import talk_view
from api.http.deps import Now, OptionalViewer, ReadSession, StaffViewer, WriteSession
from api.http.schemas.chat import (
    CallbackIn,
    CallbackKept,
    CallbackOut,
    Channel,
    DoneIn,
    HandoffIn,
    HandoffOut,
    Identifier,
    MarkIn,
    MarkOut,
    MessageOut,
    OwnerOut,
    StaffReplyIn,
    SummaryLine,
)
from api.services import callbacks, conversations, handover
from api.services.talk_summary import summary
from knowledge_base.operators import load_operator_rules

router = APIRouter(prefix="/api/v1", tags=["handover"])
TALK = "/conversations/{channel}/{sender}"


@router.post(TALK + "/handoff")
async def hand_over(
    channel: Channel, sender: Identifier, body: HandoffIn, session: WriteSession, now: Now, _viewer: StaffViewer
) -> HandoffOut:
    ahead = await conversations.hand_over(
        session, channel=channel, sender=sender, reason=body.reason, at=now, known=body.known
    )
    waits = await handover.waiting(session, await conversations.get(session, channel, sender), now=now)
    return HandoffOut(owner="human", ahead=ahead, open_now=waits.open_now, text=waits.text)


@router.post(TALK + "/take")
async def take(channel: Channel, sender: Identifier, session: WriteSession, now: Now, viewer: StaffViewer) -> OwnerOut:
    """409 when another operator answers already."""
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    talk = await handover.take(session, channel=channel, sender=sender, by=viewer, at=now)
    return OwnerOut(owner="human", operator=talk.operator_name)


@router.post(TALK + "/reply")
async def reply(
    channel: Channel, sender: Identifier, body: StaffReplyIn, session: WriteSession, now: Now, viewer: StaffViewer
) -> MessageOut:
    """Delivered on the villager's channel."""
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    message = await handover.reply(session, channel=channel, sender=sender, text=body.text, by=viewer, at=now)
    return MessageOut(id=message.id, role="staff", text=message.text, at=message.at)


@router.post(TALK + "/return")
async def hand_back(
    channel: Channel, sender: Identifier, session: WriteSession, now: Now, viewer: StaffViewer
) -> dict[str, str]:
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    await handover.hand_back(session, channel=channel, sender=sender, at=now)
    return {"owner": "bot"}


@router.post(TALK + "/marks", status_code=201)
async def mark(
    channel: Channel, sender: Identifier, body: MarkIn, session: WriteSession, now: Now, viewer: StaffViewer
) -> MarkOut:
    """`abuse` sends the warning and starts the operator's rest; `out_of_scope` names the other door."""
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    await handover.mark(session, channel=channel, sender=sender, kind=body.kind, note=body.note, by=viewer, at=now)
    rest = now + timedelta(minutes=load_operator_rules().rest_minutes) if body.kind == "abuse" else None
    return MarkOut(kind=body.kind, rest_until=rest)


@router.get(TALK + "/summary")
async def known(channel: Channel, sender: Identifier, session: ReadSession, viewer: StaffViewer) -> list[SummaryLine]:
    """What is known so far, for the person who takes over."""
    talk = await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    lines = await summary(session, talk, viewer=viewer)
    return [SummaryLine(label=label, text=text) for label, text in lines]


@router.post(TALK + "/callback", status_code=201)
async def ring_me(
    channel: Channel, sender: Identifier, body: CallbackIn, session: WriteSession, now: Now, viewer: OptionalViewer
) -> CallbackKept:
    """The visitor's own wish, or one that staff note for them."""
    if viewer is None and not talk_view.own(channel, sender):
        raise Unauthenticated("请先登录。")
    row, receipt = await callbacks.request(
        session, channel=channel, sender=sender, phone=body.phone, wish=body.wish, at=now
    )
    return CallbackKept(due_at=row.due_at, text=receipt.text)


@router.get("/callbacks")
async def wanted(session: ReadSession, viewer: StaffViewer) -> list[CallbackOut]:
    """Open ones, soonest due first; those of the same operator are told apart by `operator`."""
    everything(viewer)
    return [shown(one) for one in await callbacks.listed(session)]


@router.post("/callbacks/{callback_id}/done")
async def rung(
    callback_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    body: DoneIn,
    session: WriteSession,
    now: Now,
    viewer: StaffViewer,
) -> dict[str, str]:
    everything(viewer)
    row = await callbacks.done(session, callback_id, note=body.note, by=viewer, at=now)
    return {"status": row.status}


def everything(viewer: Viewer) -> None:
    """Telephone numbers of the whole county are for operators and supervisors."""
    if viewer.kind is ViewerKind.APPLICANT or not viewer.everything:
        raise Forbidden("这一项只有热线坐席和督导能看。")


def shown(one: callbacks.Wanted) -> CallbackOut:
    row, talk = one.row, one.conversation
    return CallbackOut(
        id=row.id,
        channel=talk.channel,
        sender=talk.sender,
        phone=row.phone,
        wish=row.wish,
        operator=row.operator_name,
        due_at=row.due_at,
        due_text=readable(row.due_at),
        status=row.status,
        note=row.note,
    )
