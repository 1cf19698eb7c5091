"""Work beside tickets: sweeps, meetings and decisions, commitments, outreach, courses, duty, suggestions, covenants."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.db.work import WorkFilter
from api.domain.deadline import LOCAL
from api.domain.organisation import Place
from api.http.deps import CurrentViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import IdempotencyKey
from api.http.schemas.beside import (
    CovenantIn,
    FlagOut,
    KindOut,
    SumsOut,
    WorkChangeIn,
    WorkIn,
    WorkOut,
    WorkPage,
    WorkWhole,
)
from api.http.work_view import flag_out, kind_out, line_out, sums_out, whole_out
from api.services import work
from api.services.covenants import checked
from api.services.work import WorkDraft
from api.services.work_rules import work_rules

router = APIRouter(prefix="/api/v1/work", tags=["work"])
Kind = Annotated[str, Path(max_length=40, examples=["sweep"])]
Number = Annotated[str, Path(max_length=40, examples=["W-20261120-0001"])]


def narrowed(
    status: Annotated[str, Query(max_length=40)] = "",
    town: Annotated[str, Query(max_length=120)] = "",
    village: Annotated[str, Query(max_length=120)] = "",
    parent: Annotated[str, Query(max_length=40)] = "",
    since: date | None = None,
    until: date | None = None,
    late_on: date | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> WorkFilter:
    return WorkFilter(status, town, village, parent, since, until, late_on, before)


Narrowed = Annotated[WorkFilter, Depends(narrowed)]


@router.get("/kinds")
async def kinds(_viewer: CurrentViewer) -> list[KindOut]:
    """Every kind with its fields, statuses and steps."""
    return [kind_out(one) for one in work_rules().values()]


@router.get("/late")
async def late(session: ReadSession, viewer: StaffViewer, now: Now) -> list[WorkOut]:
    """Everything overdue that the viewer may see, most overdue first."""
    today = now.astimezone(LOCAL).date()
    return [line_out(row, today) for row in await work.late(session, today, visible_to=viewer)]


@router.post("/covenant/check")
async def check_covenant(body: CovenantIn, _viewer: StaffViewer) -> list[FlagOut]:
    """What the law does not allow in a draft, sentence by sentence, with the article; nothing is stored."""
    return [flag_out(one) for one in checked({"text": body.text}, adopted=False)]


@router.post("/{kind}", status_code=201)
async def make(
    kind: Kind, body: WorkIn, session: WriteSession, viewer: StaffViewer, now: Now, key: IdempotencyKey
) -> WorkWhole:
    """The same Idempotency-Key again returns the same record."""
    draft = WorkDraft(
        place=Place(**body.place.model_dump(exclude_none=True)),
        fields=body.fields,
        organisation=body.organisation,
        owner=body.owner,
        parent=body.parent,
        tickets=tuple(body.tickets),
    )
    row = await work.make(session, kind, draft, by=viewer, at=now, key=key)
    return whole_out(row, viewer, now.astimezone(LOCAL).date())


@router.get("/{kind}")
async def listed(
    kind: Kind,
    wanted: Narrowed,
    session: ReadSession,
    viewer: CurrentViewer,
    now: Now,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> WorkPage:
    """Newest first, only what the viewer may see."""
    rows = await work.listed(session, kind, wanted, visible_to=viewer, limit=limit)
    today = now.astimezone(LOCAL).date()
    following = rows[-1].id if len(rows) == limit else None
    return WorkPage(records=[line_out(row, today) for row in rows], next=following)


@router.get("/{kind}/sums")
async def sums(kind: Kind, wanted: Narrowed, session: ReadSession, viewer: StaffViewer) -> SumsOut:
    """The log counts itself: records and their counted fields, in all and by village."""
    return sums_out(kind, await work.counted(session, kind, wanted, visible_to=viewer))


@router.get("/{kind}/{no}")
async def get(kind: Kind, no: Number, session: ReadSession, viewer: CurrentViewer, now: Now) -> WorkWhole:
    row = await work.get(session, kind, no, visible_to=viewer)
    return whole_out(row, viewer, now.astimezone(LOCAL).date())


@router.get("/{kind}/{no}/integrity")
async def integrity(kind: Kind, no: Number, session: ReadSession, viewer: StaffViewer) -> dict[str, bool]:
    return {"genuine": await work.is_genuine(session, kind, no, visible_to=viewer)}


@router.patch("/{kind}/{no}")
async def correct(
    kind: Kind, no: Number, body: WorkChangeIn, session: WriteSession, viewer: StaffViewer, now: Now
) -> WorkWhole:
    """New values for some fields; the old ones stay in the history."""
    row = await work.correct(session, kind, no, body.fields, version=body.version, note=body.note, by=viewer, at=now)
    return whole_out(row, viewer, now.astimezone(LOCAL).date())


@router.post("/{kind}/{no}/{step}")
async def move(
    kind: Kind,
    no: Number,
    step: Annotated[str, Path(max_length=40)],
    session: WriteSession,
    viewer: StaffViewer,
    now: Now,
    body: WorkChangeIn | None = None,
) -> WorkWhole:
    """One step; 409 when it is not possible from here, with what is."""
    given = body or WorkChangeIn()
    row = await work.move(
        session, kind, no, step, given.fields, version=given.version, note=given.note, by=viewer, at=now
    )
    return whole_out(row, viewer, now.astimezone(LOCAL).date())
