"""The review queue over HTTP, for staff and tools."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.http.deps import AppRuntime, Now, ReadSession, StaffViewer, WriteSession
from api.services import review

router = APIRouter(prefix="/api/v1/review", tags=["review"])


class ReviewOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    text: str
    reason: str
    category: str | None
    subcategory: str | None
    confidence: float
    alternatives: list[str]
    status: str
    label: str | None
    created_at: datetime


class WaitingOut(BaseModel):
    items: list[ReviewOut]
    waiting: int


class CorrectionIn(BaseModel):
    text: str = Field(min_length=1, max_length=2000)


class DecisionIn(BaseModel):
    """`label`: category.subcategory; null discards the sentence."""

    label: str | None = Field(max_length=80)


@router.get("")
async def waiting(
    session: ReadSession,
    _staff: StaffViewer,
    after: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=100)] = 20,
) -> WaitingOut:
    rows, count = await review.waiting(session, most=most, after=after)
    return WaitingOut(items=[ReviewOut.model_validate(row) for row in rows], waiting=count)


@router.post("")
async def correct(
    body: CorrectionIn, app: AppRuntime, session: WriteSession, now: Now, _staff: StaffViewer
) -> dict[str, bool]:
    """Says that a sentence was misread; it queues for a label."""
    judged = app.triage.judge(body.text, (await app.bot.parse([body.text]))[0])
    return {"queued": await app.review.correct(session, body.text, judged, at=now)}


@router.post("/{item}")
async def decide(
    item: int, body: DecisionIn, app: AppRuntime, session: WriteSession, now: Now, staff: StaffViewer
) -> ReviewOut:
    return ReviewOut.model_validate(await app.review.decide(session, item, body.label, by=staff.actor, at=now))
