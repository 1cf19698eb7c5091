"""Tickets: open, list, look at, move."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.db.tickets import QueueFilter
from api.domain.access import Viewer, ViewerKind
from api.domain.lifecycle import Move, Status
from api.domain.organisation import Place
from api.domain.tier import Tier
from api.http.count_deps import BehindNumber
from api.http.deps import AppRuntime, CurrentViewer, Now, ReadSession, WriteSession
from api.http.desk_deps import CurrentDesk, IdempotencyKey, IfMatch
from api.http.desk_view import summary_out, ticket_out
from api.http.schemas.desk import MoveIn, PartyIn, TicketIn, TicketOut, TicketPage
from api.services import tickets
from api.services.check_codes import APPLICANT
from api.services.ticket_opening import Applicant, Application
from api.services.tickets import MoveRequest

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Number = Annotated[str, Path(max_length=40, examples=["T-20261120-0001"])]


def party(given: PartyIn | None, default_kind: str) -> Applicant | None:
    return Applicant(given.name, given.phone, given.kind or default_kind) if given else None


def application(body: TicketIn) -> Application:
    place = body.place.model_dump(exclude_none=True) if body.place else {}
    return Application(
        channel=body.channel,
        sender=body.sender,
        category=body.category,
        subcategory=body.subcategory or "",
        text=body.text,
        place=Place(**place),
        applicant=party(body.applicant, "person"),
        respondent=party(body.respondent, "person"),
        facts=body.facts,
        crisis=body.crisis,
    )


@router.post("", status_code=201)
async def open_ticket(
    body: TicketIn,
    app: AppRuntime,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
) -> TicketOut:
    """Routed at once. The same Idempotency-Key again returns the same ticket. `check_code` is for the applicant."""
    row = await tickets.open_ticket(session, desk, application(body), by=viewer, at=now, key=key)
    alike = await tickets.similar(session, row, visible_to=viewer)
    code = app.codes.of(row.no, APPLICANT)
    return ticket_out(row, desk.policy, viewer, alike, now=now, lacking=await tickets.lacking(session, row)).model_copy(
        update={"check_code": code}
    )


@router.get("")
async def list_tickets(
    session: ReadSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    status: Status | None = None,
    tier: Tier | None = None,
    category: Annotated[str, Query(max_length=40)] = "",
    channel: Annotated[str, Query(max_length=20)] = "",
    sender: Annotated[str, Query(max_length=128)] = "",
    own: bool = False,
    open_only: bool = False,
    counted: BehindNumber = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> TicketPage:
    """Newest first, only what the viewer may see; `own` = handled by the viewer's organisation now.

    With `measure` and `period`: the tickets behind a number of a report. A villager sees those of their conversation
    and those they opened to it by the check code.
    """
    villager = viewer.kind is ViewerKind.APPLICANT
    wanted = QueueFilter(
        status=status or "",
        tier=tier or "",
        category=category,
        organisation_id=own_organisation(viewer) if own else None,
        channel="" if villager else channel,
        sender="" if villager else sender,
        open_only=open_only,
        before=before,
        counted=counted,
    )
    rows = await tickets.list_queue(session, wanted, visible_to=viewer, limit=limit)
    following = rows[-1].id if len(rows) == limit else None
    return TicketPage(tickets=[summary_out(row, desk.policy) for row in rows], next=following)


def own_organisation(viewer: Viewer) -> int | None:
    return int(viewer.organisation) if viewer.organisation else None


@router.get("/{no}")
async def get_ticket(
    no: Number, session: ReadSession, desk: CurrentDesk, viewer: CurrentViewer, now: Now, response: Response
) -> TicketOut:
    """Somebody else's ticket answers like one that does not exist. The ETag is its version, for If-Match."""
    row = await tickets.get(session, no, visible_to=viewer)
    response.headers["ETag"] = f'"{row.version}"'
    alike = await tickets.similar(session, row, visible_to=viewer)
    return ticket_out(row, desk.policy, viewer, alike, now=now, lacking=await tickets.lacking(session, row))


@router.get("/{no}/integrity")
async def check_history(no: Number, session: ReadSession, viewer: CurrentViewer) -> dict[str, bool]:
    """Whether the history is complete and rebuilds exactly this ticket."""
    return {"genuine": await tickets.history_is_genuine(session, no, visible_to=viewer)}


@router.post("/{no}/{move}")
async def move_ticket(
    no: Number,
    move: Move,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
    match: IfMatch,
    body: MoveIn | None = None,
) -> TicketOut:
    """One step of the life cycle; 409 when it is not possible from here or somebody was faster."""
    given = body or MoveIn()
    request = MoveRequest(
        note=given.note,
        organisation=given.organisation or "",
        mediator=given.mediator or "",
        ticket=given.ticket or "",
        warning_level=given.warning_level or "",
        consents=frozenset(given.consents),
        guidance=given.guidance,
        version=given.version if given.version is not None else match,
        key=key,
    )
    row = await tickets.move(session, desk, no, move, request, by=viewer, at=now)
    return ticket_out(row, desk.policy, viewer, [], now=now, lacking=await tickets.lacking(session, row))
