"""The console's conversations: who waits for a human, and one conversation to answer in."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.domain.access import Viewer
from api.domain.errors import DomainError
from api.http.deps import Now, ReadSession, WriteSession
from api.http.errors import status_of
from api.http.talk_view import messages
from api.services import conversations, handover
from api.services.talk_summary import summary
from api.web.console import OurForm, Staff
from api.web.pages import PageRoute, go, page
from knowledge_base.operators import load_operator_rules

router = APIRouter(prefix="/console/talks", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def talk_list(request: Request, session: ReadSession, viewer: Staff) -> HTMLResponse:
    waiting = await conversations.queue(session, viewer=viewer)
    return page(request, "talks", scripted=True, viewer=viewer, talks=waiting)


@router.get("/{channel}/{sender}")
async def one_talk(request: Request, channel: str, sender: str, session: ReadSession, viewer: Staff) -> HTMLResponse:
    return await talk_page(request, channel, sender, session, viewer)


async def talk_page(
    request: Request,
    channel: str,
    sender: str,
    session: AsyncSession,
    viewer: Viewer,
    *,
    problem: DomainError | None = None,
    text: str = "",
) -> HTMLResponse:
    """`problem` is what was refused, `text` the reply that was not sent: it stays in its box."""
    talk = await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    return page(
        request,
        "talk",
        status=200 if problem is None else status_of(problem),
        scripted=True,
        viewer=viewer,
        talk=talk,
        messages=messages(await conversations.history(session, talk)),
        known=await summary(session, talk, viewer=viewer),
        problem=problem,
        text=text,
    )


@router.post("/{channel}/{sender}/{step}", dependencies=[OurForm])
async def answer_talk(
    request: Request,
    channel: str,
    sender: str,
    step: str,
    session: WriteSession,
    now: Now,
    viewer: Staff,
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """`step`: take (the bot falls silent), reply, return (the bot answers again), abuse, out_of_scope."""
    await conversations.get_for_staff(session, channel, sender, viewer=viewer)
    try:
        async with session.begin_nested():
            if step == "take":
                await handover.take(session, channel=channel, sender=sender, by=viewer, at=now)
            elif step == "reply" and text.strip():
                await handover.reply(session, channel=channel, sender=sender, text=text.strip(), by=viewer, at=now)
            elif step in load_operator_rules().marks:
                await handover.mark(session, channel=channel, sender=sender, kind=step, note="", by=viewer, at=now)
            elif step == "return":
                await handover.hand_back(session, channel=channel, sender=sender, at=now)
    except DomainError as error:
        return await talk_page(request, channel, sender, session, viewer, problem=error, text=text)
    return go(f"talks/{channel}/{quote(sender, safe='')}")
