"""Time limits: of one ticket, and the board of an area with its lights."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.db.boards import BoardFilter
from api.domain.clock import Light
from api.domain.policy import Policy
from api.http.deps import CurrentViewer, Now, ReadSession, StaffViewer
from api.http.desk_deps import CurrentDesk
from api.services import clock_view
from api.services.clock_view import BoardLine, ClockView

router = APIRouter(prefix="/api/v1", tags=["clocks"])
LightCode = Literal["green", "yellow", "red", "grey"]


class ClockOut(BaseModel):
    """`light` and `working_minutes_left` (office hours only) while it runs; grey is paused. `record`: number of the
    record it is about; `steps`: reminders and supervision so far; `estimated`: no holiday data for that year."""

    key: str
    zh: str
    record: int | None
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    how: Literal["met", "stopped", "replaced"] | None
    paused_at: datetime | None
    late: bool
    light: LightCode | None
    working_minutes_left: int | None
    steps: int
    because: str
    basis: list[str]
    estimated: bool


class ClocksOut(BaseModel):
    clocks: list[ClockOut]


class LightsOut(BaseModel):
    green: int
    yellow: int
    red: int
    grey: int


class OrganisationLightsOut(LightsOut):
    organisation: str


class LineOut(BaseModel):
    ticket: str
    category: str
    organisation: str | None
    warning_level: str
    clock: ClockOut


class BoardOut(BaseModel):
    """`next_due` and `next_id` go into `after_due` and `after_id` for the page after this one."""

    lights: LightsOut
    organisations: list[OrganisationLightsOut]
    lines: list[LineOut]
    next_due: datetime | None
    next_id: int | None


def clock_out(view: ClockView) -> ClockOut:
    clock = view.clock
    return ClockOut(
        key=clock.key,
        zh=view.zh,
        record=clock.ref or None,
        started_at=clock.started,
        due_at=clock.due,
        ended_at=clock.ended,
        how=clock.how.value if clock.how else None,
        paused_at=clock.paused,
        late=view.late,
        light=view.light.value if view.light else None,
        working_minutes_left=view.left,
        steps=clock.rung,
        because=view.because,
        basis=list(view.basis),
        estimated=view.estimated,
    )


def line_out(line: BoardLine, policy: Policy) -> LineOut:
    return LineOut(
        ticket=line.ticket.no,
        category=policy.categories[line.ticket.category].zh,
        organisation=line.ticket.organisation.name if line.ticket.organisation else None,
        warning_level=line.ticket.warning_level,
        clock=clock_out(line.view),
    )


@router.get("/tickets/{no}/clocks")
async def ticket_clocks(
    no: Annotated[str, Path(max_length=40)], session: ReadSession, desk: CurrentDesk, viewer: CurrentViewer, now: Now
) -> ClocksOut:
    """Running and ended, oldest first."""
    views = await clock_view.of_ticket(session, no, visible_to=viewer, now=now, calendar=desk.calendar)
    return ClocksOut(clocks=[clock_out(view) for view in views])


@router.get("/boards/supervision")
async def supervision_board(
    session: ReadSession,
    desk: CurrentDesk,
    viewer: StaffViewer,
    now: Now,
    light: LightCode | None = None,
    key: Annotated[str, Query(max_length=40)] = "",
    organisation: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    after_due: datetime | None = None,
    after_id: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> BoardOut:
    """督办 lights of what the viewer may see: green, yellow (little working time left), red (late), grey (paused)."""
    after = (after_due, after_id) if after_due and after_due.tzinfo and after_id else None
    wanted = BoardFilter(Light(light) if light else None, key, organisation, after)
    board = await clock_view.supervision(
        session, visible_to=viewer, wanted=wanted, now=now, calendar=desk.calendar, limit=limit
    )
    lines = [line_out(line, desk.policy) for line in board.lines]
    last = board.lines[-1] if len(lines) == limit else None
    return BoardOut(
        lights=LightsOut(**board.lights),
        organisations=[OrganisationLightsOut(organisation=name, **lights) for name, lights in board.organisations],
        lines=lines,
        next_due=last.view.clock.due if last else None,
        next_id=last.view.id if last else None,
    )


class DepartmentOut(BaseModel):
    """`late`: came too late or is late now; `minutes_to_acknowledge`: on average."""

    department: str
    calls: int
    acknowledged: int
    late: int
    open: int
    minutes_to_acknowledge: int | None


class WaitingOut(LineOut):
    department: str


class CallOutsOut(BaseModel):
    since: datetime
    departments: list[DepartmentOut]
    waiting: list[WaitingOut]


@router.get("/boards/call-outs")
async def call_out_board(
    session: ReadSession,
    desk: CurrentDesk,
    viewer: StaffViewer,
    now: Now,
    days: Annotated[int, Query(ge=1, le=366)] = 90,
) -> CallOutsOut:
    """吹哨报到: every department's calls of the last days, how fast it came, how often late; and who is waited for."""
    since = now - timedelta(days=days)
    board = await clock_view.call_outs(session, visible_to=viewer, since=since, now=now, calendar=desk.calendar)
    waiting = [WaitingOut(department=name, **line_out(line, desk.policy).model_dump()) for name, line in board.waiting]
    departments = [DepartmentOut(**vars(one)) for one in board.departments]
    return CallOutsOut(since=since, departments=departments, waiting=waiting)
