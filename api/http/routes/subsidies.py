"""一案一补 over HTTP: the ledger, its guards, call-backs and payment."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.db import subsidies as store
from api.db.tables.oversight import SubsidyBatch, SubsidyRow
from api.domain.access import Viewer
from api.http.deps import Now, ReadSession, StaffViewer, WriteSession
from api.http.schemas.desk import Note, Short, Strict
from api.services import subsidy
from knowledge_base.desk.subsidy import load_subsidy

router = APIRouter(prefix="/api/v1/subsidies", tags=["subsidies"])
RAW = load_subsidy()
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class BatchIn(Strict):
    town: Short
    period: Short


class PayIn(BatchIn):
    paid_on: date


class CallIn(Strict):
    result: Short
    note: Note = ""


class DecisionIn(Strict):
    release: bool
    note: Note


class HoldOut(Strict):
    code: str
    text: str


class SubsidyOut(Strict):
    """`call` is shown to those who manage the ledger only: who is called must not be known beforehand."""

    id: int
    ticket: str
    town: str
    village: str
    period: str
    mediator: str | None
    grade: str
    grade_zh: str
    yuan: int
    reasons: list[str]
    status: str
    status_zh: str
    holds: list[HoldOut]
    call: str | None
    note: str
    paid_on: date | None


class TotalOut(Strict):
    files: int
    yuan: int


class BatchOut(Strict):
    """`totals` by status; `seed` draws the same sample again."""

    town: str
    period: str
    seed: str
    totals: dict[str, TotalOut]


class SubsidyPage(Strict):
    files: list[SubsidyOut]
    next: int | None


def shown(row: SubsidyRow, viewer: Viewer) -> SubsidyOut:
    manages = subsidy.may_manage(viewer, row.batch.town)
    return SubsidyOut(
        id=row.id,
        ticket=row.ticket.no,
        town=row.batch.town,
        village=row.ticket.village,
        period=row.batch.period,
        mediator=row.mediator.name if row.mediator else None,
        grade=row.grade,
        grade_zh=RAW["grades"][row.grade]["zh"],
        yuan=row.yuan,
        reasons=row.reasons,
        status=row.status,
        status_zh=RAW["statuses"][row.status],
        holds=[HoldOut(**one) for one in row.holds],
        call=row.call if manages else None,
        note=row.note,
        paid_on=row.paid_on,
    )


async def batch_out(session: WriteSession, batch: SubsidyBatch) -> BatchOut:
    totals = await store.totals(session, batch.id)
    return BatchOut(
        town=batch.town,
        period=batch.period,
        seed=batch.seed,
        totals={status: TotalOut(files=files, yuan=yuan) for status, (files, yuan) in totals.items()},
    )


@router.post("", status_code=201)
async def propose(body: BatchIn, session: WriteSession, viewer: StaffViewer, now: Now) -> BatchOut:
    """Grades the closed files of a month; what looks wrong is held, some parties are drawn to be called."""
    batch = await subsidy.propose(session, town=body.town, period=body.period, by=viewer, at=now)
    return await batch_out(session, batch)


@router.get("")
async def listed(
    session: ReadSession,
    viewer: StaffViewer,
    period: Annotated[str, Query(max_length=7)] = "",
    town: Annotated[str, Query(max_length=120)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    own: bool = False,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> SubsidyPage:
    """A mediator sees every case of theirs: how it was graded, why, whether it is held and when it was paid."""
    rows = await store.listed(
        session, visible_to=viewer, period=period, town=town, status=status, own=own, after=after, limit=limit
    )
    following = rows[-1].id if len(rows) == limit else None
    return SubsidyPage(files=[shown(row, viewer) for row in rows], next=following)


@router.post("/pay")
async def pay(body: PayIn, session: WriteSession, viewer: StaffViewer) -> dict[str, int]:
    """Everything of the month that is not held; 409 while a drawn call-back has no result."""
    paid = await subsidy.pay(session, body.town, body.period, on=body.paid_on, by=viewer)
    return {"paid": paid}


@router.post("/{id}/call-back")
async def call_back(id: Id, body: CallIn, session: WriteSession, viewer: StaffViewer, now: Now) -> SubsidyOut:
    row = await subsidy.call_back(session, id, body.result, note=body.note, by=viewer, at=now)
    return shown(row, viewer)


@router.post("/{id}/decision")
async def decide(id: Id, body: DecisionIn, session: WriteSession, viewer: StaffViewer) -> SubsidyOut:
    """A held file is released or refused by a person of another office, with a written reason."""
    row = await subsidy.decide(session, id, release=body.release, note=body.note, by=viewer)
    return shown(row, viewer)
