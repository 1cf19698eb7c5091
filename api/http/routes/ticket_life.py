"""Around the life of a ticket: where it stands in words, cases like it, and many people in one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.http.deps import CurrentViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import CurrentDesk, IdempotencyKey
from api.services import batch, precedents, progress
from api.services.batch import BatchState, Joining

router = APIRouter(prefix="/api/v1/tickets/{no}", tags=["tickets"])
Number = Annotated[str, Path(max_length=40, examples=["T-20261120-0001"])]
Others = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=batch.MOST_AT_ONCE)]


class ProgressOut(BaseModel):
    """`master`: the ticket that is handled instead of a merged one."""

    no: str
    status: str
    tier: str
    holder: str
    next_at: datetime | None
    next_what: str
    text: str
    master: str


class BatchIn(BaseModel):
    """Tickets to take in, and people who come without one (fields of the record kind `share`)."""

    model_config = ConfigDict(extra="forbid")
    tickets: Others = Field(default_factory=list, examples=[["T-20261120-0002"]])
    shares: list[dict[str, Any]] = Field(default_factory=list, max_length=batch.MOST_AT_ONCE)


class BatchOut(BaseModel):
    """Of those who are in it now; `amount_yuan` is null when nobody named a sum."""

    master: str
    people: int
    left: int
    amount_yuan: float | None
    shares: list[dict[str, Any]]


def batch_out(found: BatchState) -> BatchOut:
    yuan = None if found.amount_fen is None else found.amount_fen / 100
    return BatchOut(master=found.master, people=found.people, left=found.left, amount_yuan=yuan, shares=found.shares)


@router.get("/progress")
async def where_it_stands(
    no: Number, session: ReadSession, desk: CurrentDesk, viewer: CurrentViewer, now: Now
) -> ProgressOut:
    """Tier, who holds it by role, the next date, in words anybody understands."""
    found = await progress.progress(session, no, desk.policy, visible_to=viewer, now=now)
    return ProgressOut(**vars(found))


@router.get("/precedents")
async def cases_like_it(no: Number, session: ReadSession, desk: CurrentDesk, viewer: StaffViewer) -> list[str]:
    """Up to three settled cases of the same kind, without place, person or number."""
    return await precedents.precedents(session, no, desk.policy, visible_to=viewer)


@router.get("/batch")
async def shares(no: Number, session: ReadSession, viewer: StaffViewer) -> BatchOut:
    return batch_out(await batch.state(session, no, visible_to=viewer))


@router.post("/batch")
async def join(
    no: Number,
    body: BatchIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: StaffViewer,
    now: Now,
    key: IdempotencyKey,
) -> BatchOut:
    """Makes this ticket the master of the others: one hearing, counted once, everybody's share kept."""
    joining = Joining(body.tickets, body.shares, key)
    return batch_out(await batch.join(session, desk, no, joining, by=viewer, at=now))
