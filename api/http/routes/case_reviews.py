"""案卷评查 over HTTP: draw, hand in a sheet, settle."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.db.tables.oversight import CaseReview
from api.domain.access import Viewer
from api.domain.case_review import ReviewStatus
from api.http.deps import Now, ReadSession, StaffViewer, WriteSession
from api.http.schemas.desk import Note, Short, Strict
from api.services import case_review

router = APIRouter(prefix="/api/v1/case-reviews", tags=["case reviews"])
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class DrawIn(Strict):
    """`percent` 5 to 10, the usual share when left out."""

    town: Short
    period: Short
    percent: int | None = None


class SheetIn(Strict):
    points: dict[str, int] = Field(max_length=20)
    remarks: dict[str, Note] = Field(default_factory=dict, max_length=20)


class SettleIn(Strict):
    score: int
    note: Note


class SheetOut(Strict):
    reader: str
    points: dict[str, int]
    remarks: dict[str, str]
    total: int
    at: datetime


class CaseReviewOut(Strict):
    """`sheets` holds only what the viewer may see: a reader never sees the other reader's sheet."""

    id: int
    ticket: str
    town: str
    period: str
    status: str
    score: int | None
    passed: bool | None
    handed_in: bool
    sheets: list[SheetOut]
    note: str


async def shown(session: ReadSession, review: CaseReview, viewer: Viewer) -> CaseReviewOut:
    names = await case_review.names(session, review)
    return CaseReviewOut(
        id=review.id,
        ticket=review.ticket.no,
        town=review.town,
        period=review.period,
        status=review.status,
        score=review.score,
        passed=None if review.score is None else review.score >= case_review.review_rules()["pass"],
        handed_in=any(str(sheet.member_id) == viewer.member for sheet in review.sheets),
        sheets=[
            SheetOut(
                reader=names[sheet.member_id],
                points=sheet.points,
                remarks=json.loads(sheet.remarks),
                total=sheet.total,
                at=sheet.at,
            )
            for sheet in case_review.sheets_for(review, viewer)
        ],
        note=review.note,
    )


@router.get("/sheet")
async def sheet(_viewer: StaffViewer) -> list[dict[str, Any]]:
    """The seven points with what is asked and how much each may give."""
    return list(case_review.review_rules()["points"])


@router.post("", status_code=201)
async def draw(body: DrawIn, session: WriteSession, viewer: StaffViewer, now: Now) -> dict[str, int]:
    """Draws a random sample of a town's files closed in a month; `reading` is how many."""
    found = await case_review.draw(session, town=body.town, period=body.period, percent=body.percent, by=viewer, at=now)
    return {ReviewStatus.READING.value: len(found)}


@router.get("")
async def listed(
    session: ReadSession,
    viewer: StaffViewer,
    town: Annotated[str, Query(max_length=120)] = "",
    period: Annotated[str, Query(max_length=7)] = "",
    own: bool = False,
) -> list[CaseReviewOut]:
    """`own`: only what the viewer has to read."""
    rows = await case_review.listed(session, town=town, period=period, own=own, by=viewer)
    return [await shown(session, row, viewer) for row in rows]


@router.post("/{id}/sheet")
async def hand_in(id: Id, body: SheetIn, session: WriteSession, viewer: StaffViewer, now: Now) -> CaseReviewOut:
    review = await case_review.hand_in(session, id, body.points, body.remarks, by=viewer, at=now)
    return await shown(session, review, viewer)


@router.post("/{id}/settle")
async def settle(id: Id, body: SettleIn, session: WriteSession, viewer: StaffViewer) -> CaseReviewOut:
    """Where the two sheets are far apart."""
    review = await case_review.settle(session, id, body.score, body.note, by=viewer)
    return await shown(session, review, viewer)
