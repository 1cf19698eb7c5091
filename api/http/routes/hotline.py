"""The hotline: calls as they come, hints line by line, one-key tickets, after-call notes."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.domain.access import Viewer
from api.domain.errors import InvalidInput, Unavailable
from api.domain.organisation import Place
from api.http.deps import AppRuntime, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import CurrentDesk, IdempotencyKey
from api.http.desk_view import ticket_out
from api.http.hotline_view import call_out, caller_out, hints_out, queued_out
from api.http.routes.handover import everything
from api.http.routes.handover import shown as callback_out
from api.http.routes.tickets import party
from api.http.runtime import Runtime
from api.http.schemas import hotline as shapes
from api.http.schemas.desk import TicketOut
from api.http.talk_stream import NO_BUFFER, PING_SECONDS, STREAM
from api.services import callbacks, conversations, hotline, tickets
from api.services.hints import HintDesk, Hints
from api.services.intake_text import readable
from api.services.ticket_opening import Applicant, Application

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0

router = APIRouter(prefix="/api/v1/hotline", tags=["hotline"])
CallId = Annotated[int, Path(ge=1, le=2**31 - 1)]


async def operator(viewer: StaffViewer) -> Viewer:
    """Operators, supervisors and tools: who sees callers of the whole county."""
    everything(viewer)
    return viewer


Operator = Annotated[Viewer, Depends(operator)]


def hint_desk(app: Runtime) -> HintDesk:
    return HintDesk(app.bot, app.triage, app.crisis, app.knowledge, app.policy)


@router.post("/events")
async def told(
    body: shapes.CallEventIn, session: WriteSession, app: AppRuntime, now: Now, viewer: Operator
) -> shapes.CallerOut:
    """The exchange's webhook. A ringing number answers with its history."""
    at = body.at if body.at and body.at.tzinfo else now
    row = await hotline.told(session, external_id=body.call_id, event=body.event, phone=body.phone, at=at, by=viewer)
    return caller_out(row, await hotline.caller(session, row, visible_to=viewer), app.policy)


@router.post("/calls", status_code=201)
async def picked_up(
    body: shapes.CallIn, session: WriteSession, app: AppRuntime, now: Now, viewer: Operator
) -> shapes.CallerOut:
    """A call taken by hand; it is this operator's at once."""
    number = f"by-hand-{secrets.token_hex(8)}"
    row = await hotline.told(session, external_id=number, event="ringing", phone=body.phone, at=now)
    await hotline.answered_by(session, row.id, by=viewer, at=now)
    return caller_out(row, await hotline.caller(session, row, visible_to=viewer), app.policy)


@router.get("/desk")
async def desk(session: ReadSession, now: Now, viewer: Operator) -> shapes.DeskOut:
    """Calls that ring or are spoken on, who waits to be answered or rung back, the service clocks."""
    counted = await hotline.clocks(session, now=now)
    wanted = await callbacks.listed(session)
    return shapes.DeskOut(
        calls=[call_out(row) for row in await hotline.live(session)],
        callbacks=len(wanted),
        clocks=shapes.ClocksOut(**{name: getattr(counted, name) for name in shapes.ClocksOut.model_fields}),
        talks=[queued_out(one) for one in await conversations.queue(session, viewer=viewer)],
        wanted=[callback_out(one) for one in wanted],
    )


@router.get("/events", response_class=EventSourceResponse, responses=STREAM)
async def follow(app: AppRuntime, viewer: Operator, call: int = 0) -> EventSourceResponse:
    """Server-sent events: `desk` whenever something of it changed, and `hints` for every new line of `call`."""
    return EventSourceResponse(desk_events(app, viewer, call), ping=PING_SECONDS, headers=NO_BUFFER)


async def desk_events(app: Runtime, viewer: Viewer, call: int) -> AsyncIterator[ServerSentEvent]:
    told, heard = "", ""
    while True:
        now = app.settings.now()
        async with app.database.reading() as session:
            state = (await desk(session, now, viewer)).model_dump_json()
            text = await hotline.said(session, await hotline.get(session, call)) if call else ""
        if state != told:
            told = state
            yield ServerSentEvent(state, event="desk")
        if text != heard:
            heard = text
            if hints := await hints_of(app, call, viewer):
                yield ServerSentEvent(hints_out(hints).model_dump_json(), event="hints")
        await asyncio.sleep(LOOK_SECONDS)


@router.get("/calls/{call_id}")
async def one(call_id: CallId, session: ReadSession, app: AppRuntime, viewer: Operator) -> shapes.CallerOut:
    row = await hotline.get(session, call_id)
    return caller_out(row, await hotline.caller(session, row, visible_to=viewer), app.policy)


@router.post("/calls/{call_id}/answer")
async def answer(
    call_id: CallId, session: WriteSession, app: AppRuntime, now: Now, viewer: Operator
) -> shapes.CallerOut:
    """409 when another operator speaks with them already."""
    row = await hotline.answered_by(session, call_id, by=viewer, at=now)
    return caller_out(row, await hotline.caller(session, row, visible_to=viewer), app.policy)


@router.post("/calls/{call_id}/lines")
async def line(call_id: CallId, body: shapes.LineIn, app: AppRuntime, now: Now, viewer: Operator) -> shapes.LineOut:
    """A line written down while listening: kept once, checked for danger, answered with hints. The bot says nothing."""
    text = readable(body.text, max_chars=app.settings.message_max_chars)
    async with app.database.transaction() as session:
        call = await hotline.answered_by(session, call_id, by=viewer, at=now)
    result = await app.inbox.handle(hotline.line(call, text, message_id=body.message_id, at=now))
    hints = await hints_of(app, call_id, viewer)
    return shapes.LineOut(
        ticket_no=result.ticket_no,
        help=[reply.text for reply in result.replies] if result.crisis else [],
        hints=hints_out(hints) if hints else None,
    )


async def hints_of(app: Runtime, call_id: int, viewer: Viewer) -> Hints | None:
    """None when nothing was said yet, or when the bot cannot read it: the operator then works without."""
    async with app.database.reading() as session:
        call = await hotline.get(session, call_id)
        text = await hotline.said(session, call)
        if not text:
            return None
        try:
            return await hint_desk(app).hints(
                session, text, sender=call.sender, phone=call.phone, by=viewer, at=app.settings.now()
            )
        except Unavailable as error:
            log.warning("no hints: %s", error.detail)
            return None


@router.post("/calls/{call_id}/ticket", status_code=201)
async def one_key(
    call_id: CallId,
    body: shapes.QuickTicketIn,
    session: WriteSession,
    app: AppRuntime,
    routing: CurrentDesk,
    now: Now,
    viewer: Operator,
    key: IdempotencyKey,
) -> TicketOut:
    """A ticket out of the call; what the operator left out is taken from the hints. Once per call and key."""
    call = await hotline.get(session, call_id)
    hints = await hints_of(app, call_id, viewer)
    application = application_of(body, hints, sender=call.sender, phone=call.phone)
    row = await tickets.open_ticket(session, routing, application, by=viewer, at=now, key=key or f"call-{call_id}")
    call.outcome = "ticket"
    return ticket_out(row, routing.policy, viewer, [], now=now, lacking=await tickets.lacking(session, row))


def application_of(body: shapes.QuickTicketIn, hints: Hints | None, *, sender: str, phone: str | None) -> Application:
    """Raises InvalidInput when nothing was said and nothing written."""
    text = body.text or (hints.text if hints else "")
    category = body.category or (hints.triage["category"] if hints else None)
    if not text:
        raise InvalidInput("还没有写下是什么事。", code="empty_message")
    if category in (None, "out_of_scope"):
        category, sub = "other_civil", "other"
    else:
        heard_so = hints.triage if hints and hints.triage["category"] == category else {}
        sub = body.subcategory or heard_so.get("subcategory") or ""
    place = Place(**body.place.model_dump(exclude_none=True)) if body.place else (hints and hints.place) or Place()
    heard = Applicant(name=hints.respondent) if hints and hints.respondent else None
    return Application(
        channel=hotline.CHANNEL,
        sender=sender,
        category=str(category),
        subcategory=sub,
        text=text,
        place=place,
        applicant=party(body.applicant, "person") or (Applicant(phone=phone) if phone else None),
        respondent=party(body.respondent, "person") or heard,
        facts=body.facts,
        crisis=hints.triage["crisis"] if hints else None,
    )


@router.get("/calls/{call_id}/summary")
async def summary(call_id: CallId, session: ReadSession, viewer: Operator) -> dict[str, str]:
    """A first version of the after-call note."""
    call = await hotline.get(session, call_id)
    return {"summary": call.summary or await hotline.summed_up(session, call, visible_to=viewer)}


@router.post("/calls/{call_id}/close")
async def close(
    call_id: CallId, body: shapes.CloseIn, session: WriteSession, now: Now, viewer: Operator
) -> shapes.CallOut:
    row = await hotline.close(session, call_id, outcome=body.outcome, summary=body.summary, by=viewer, at=now)
    return call_out(row)
