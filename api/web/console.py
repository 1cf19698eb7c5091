"""The staff console: plain pages for an old phone, the same services as the API behind them."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlparse

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.db.tickets import QueueFilter
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import DomainError, Forbidden, Unauthenticated
from api.domain.lifecycle import MOVE_ZH, NEEDS_NOTE, Move
from api.http.count_deps import BehindNumber
from api.http.deps import COOKIE, AppRuntime, Now, OptionalViewer, ReadSession, WriteSession, now, runtime
from api.http.desk_deps import CurrentDesk
from api.http.desk_view import summary_out, ticket_out
from api.services import accounts, agreeing, tickets, tokens
from api.services.tickets import MoveRequest
from api.web.pages import PageRoute, go, page

PAGE = 50
ONLINE = frozenset({"web", "wechat"})
TARGETS = {
    Move.TRANSFER: "organisation",
    Move.ASSIGN: "mediator",
    Move.MERGE: "ticket",
    Move.REGRADE: "warning_level",
}

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


async def signed_in(found: OptionalViewer) -> Viewer:
    if found is None or found.kind is ViewerKind.APPLICANT:
        raise Unauthenticated("请先登录。")
    return found


def same_origin(request: Request) -> None:
    """A form posted from another site is refused; the cookie is SameSite besides."""
    origin = request.headers.get("origin")
    if origin and urlparse(origin).netloc != request.headers.get("host"):
        raise Forbidden("请从工作台页面提交。")


Staff = Annotated[Viewer, Depends(signed_in)]
OurForm = Depends(same_origin)


@router.get("")
async def start(found: OptionalViewer) -> Response:
    return go("tickets" if found else "login")


@router.get("/login")
async def login_page(request: Request) -> HTMLResponse:
    return page(request, "login", problem=request.query_params.get("expired") and "登录已过期，请重新登录。")


@router.post("/login", dependencies=[OurForm])
async def login(
    request: Request,
    app: AppRuntime,
    session: ReadSession,
    username: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=256)],
) -> Response:
    try:
        await accounts.login(session, username=username.strip(), password=password)
    except Unauthenticated as error:
        return page(request, "login", status=401, problem=error.detail, username=username)
    answer = go("tickets")
    token = tokens.issue_token(username.strip(), secret=app.settings.secret_key.get_secret_value())
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(COOKIE, token, max_age=tokens.MAX_AGE_SECONDS, httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/logout", dependencies=[OurForm])
async def logout() -> Response:
    answer = go("login")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/tickets")
async def ticket_list(
    request: Request,
    session: ReadSession,
    desk: CurrentDesk,
    viewer: Staff,
    counted: BehindNumber,
    show: str = "open",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> HTMLResponse:
    """`show`: open (mine, still open), all (everything this person may see), also behind a number of a report."""
    mine = show != "all" and viewer.organisation
    wanted = QueueFilter(
        organisation_id=int(viewer.organisation) if mine else None,
        open_only=show != "all",
        before=before,
        counted=counted,
    )
    rows = await tickets.list_queue(session, wanted, visible_to=viewer, limit=PAGE)
    following = rows[-1].id if len(rows) == PAGE else None
    shown = [summary_out(row, desk.policy) for row in rows]
    narrowed = urlencode({"show": show} | (counted.parameters if counted else {}))
    return page(request, "tickets", viewer=viewer, tickets=shown, show=show, following=following, narrowed=narrowed)


@router.get("/tickets/{no}")
async def one_ticket(request: Request, no: str, session: ReadSession, desk: CurrentDesk, viewer: Staff) -> HTMLResponse:
    return await ticket_page(request, no, session, desk, viewer)


async def ticket_page(
    request: Request, no: str, session: Any, desk: CurrentDesk, viewer: Viewer, *, problem: DomainError | None = None
) -> HTMLResponse:
    row = await tickets.get(session, no, visible_to=viewer)
    shown = ticket_out(
        row,
        desk.policy,
        viewer,
        await tickets.similar(session, row, visible_to=viewer),
        now=now(runtime(request)),
        lacking=await tickets.lacking(session, row),
    )
    waiting = [one for one in shown.blocked if one.move != Move.RECORD_AGREEMENT]
    settled = [one.move for one in shown.blocked if one.move == Move.RECORD_AGREEMENT]  # said here, recorded at once
    moves = [(move, MOVE_ZH[Move(move)], Move(move) in NEEDS_NOTE) for move in (*shown.moves, *settled)]
    status = 200 if problem is None else 409
    talk = f"/console/talks/{row.channel}/{quote(row.sender, safe='')}" if row.channel in ONLINE else None
    return page(
        request,
        "ticket",
        status=status,
        viewer=viewer,
        ticket=shown,
        moves=moves,
        waiting=waiting,
        problem=problem,
        talk=talk,
    )


@router.post("/tickets/{no}/{move}", dependencies=[OurForm])
async def make_move(
    request: Request,
    no: str,
    move: Move,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: Staff,
    now: Now,
    note: Annotated[str, Form(max_length=2000)] = "",
    target: Annotated[str, Form(max_length=120)] = "",
    consents: Annotated[list[str] | None, Form(max_length=2)] = None,
) -> Response:
    """`target` is what the move points to: an organisation, a mediator, a ticket or a level."""
    asked = MoveRequest(note=note.strip(), consents=frozenset(consents or ()))
    if pointed := TARGETS.get(move):
        asked = replace(asked, **{pointed: target})  # type: ignore[arg-type]
    try:
        async with session.begin_nested():
            if move is Move.RECORD_AGREEMENT:
                await agreeing.settle(session, desk, no, asked.note, by=viewer, at=now)
            else:
                await tickets.move(session, desk, no, move, asked, by=viewer, at=now)
    except DomainError as error:
        return await ticket_page(request, no, session, desk, viewer, problem=error)
    return go(f"tickets/{no}")
