"""Records on a ticket: which kinds there are, adding one, moving it on, correcting it, reading it."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.db import records as store
from api.db.records import content_of
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow, RecordVersionRow
from api.domain.access import Viewer
from api.http.deps import AdminViewer, CurrentViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import CurrentDesk, IdempotencyKey, IfMatch
from api.services import casefile, records, tickets
from api.services.record_book import record_book
from api.services.records import RecordRequest

router = APIRouter(prefix="/api/v1", tags=["records"])
Number = Annotated[str, Path(max_length=40, examples=["T-20261120-0001"])]
RecordNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
Kind = Annotated[str, Path(max_length=40, examples=["meeting"])]


class RecordIn(BaseModel):
    """`values` by the fields of the kind (GET /record-kinds); `under`: the record it hangs under."""

    model_config = ConfigDict(extra="forbid")
    values: dict[str, Any] = Field(default_factory=dict, examples=[{"at": "2026-11-23T09:00", "way": "offline"}])
    under: int | None = Field(default=None, ge=1, le=2**31 - 1)
    version: int | None = Field(default=None, ge=0, le=2**31 - 1)


class VersionOut(BaseModel):
    revision: int
    step: str
    state: str
    values: dict[str, Any]
    at: datetime
    actor: str


class RecordOut(BaseModel):
    no: int
    kind: str
    kind_zh: str
    state: str
    state_zh: str
    under: int | None
    values: dict[str, Any]
    day: date | None
    due_at: datetime | None
    author: str
    at: datetime
    changed_at: datetime
    revision: int
    steps: list[str]


class RecordHistory(RecordOut):
    versions: list[VersionOut]


class RefusalOut(BaseModel):
    id: int
    ticket: str
    actor: str
    name: str
    at: datetime


class FileItemOut(BaseModel):
    number: int
    key: str
    zh: str
    present: bool
    needed: bool
    missing: bool


def shown(ticket: TicketRow, row: RecordRow, viewer: Viewer) -> RecordOut:
    kind = record_book().of(row.kind)
    return RecordOut(
        no=row.no,
        kind=row.kind,
        kind_zh=kind.zh,
        state=row.state,
        state_zh=kind.states[row.state],
        under=row.parent.no if row.parent else None,
        values=content_of(row),
        day=row.day,
        due_at=row.due_at,
        author=row.author_name,
        at=row.at,
        changed_at=row.changed_at,
        revision=row.revision,
        steps=records.steps_now(ticket, row, viewer),
    )


def version_shown(one: RecordVersionRow) -> VersionOut:
    values = content_of(one)
    return VersionOut(
        revision=one.revision, step=one.step, state=one.state, values=values, at=one.at, actor=one.actor_name
    )


def asked(body: RecordIn, key: str | None, match: int | None) -> RecordRequest:
    return RecordRequest(body.values, body.under, body.version if body.version is not None else match, key)


@router.get("/record-kinds")
async def kinds(_viewer: StaffViewer) -> list[dict[str, Any]]:
    """Every kind of record: its fields, states and steps, and why it is kept."""
    return record_book().listing()


@router.get("/access-refusals")
async def refusals(
    session: ReadSession,
    _viewer: AdminViewer,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[RefusalOut]:
    """Who asked for a ticket that is not theirs to see, newest first; for administrators."""
    return [
        RefusalOut(id=one.id, ticket=one.ticket_no, actor=one.actor, name=one.actor_name, at=one.at)
        for one in await store.refusals(session, before=before, limit=limit)
    ]


@router.get("/tickets/{no}/records")
async def listed(
    no: Number, session: ReadSession, viewer: CurrentViewer, kind: Annotated[str, Query(max_length=40)] = ""
) -> list[RecordOut]:
    """Oldest first; what is sealed to somebody else is not there."""
    ticket = await tickets.get(session, no, visible_to=viewer)
    return [shown(ticket, row, viewer) for row in await records.listed(session, no, visible_to=viewer, kind=kind)]


@router.post("/tickets/{no}/records/{kind}", status_code=201)
async def add(
    no: Number,
    kind: Kind,
    body: RecordIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
    match: IfMatch,
) -> RecordOut:
    row = await records.add(session, desk, no, kind, asked(body, key, match), by=viewer, at=now)
    return shown(await tickets.get(session, no, visible_to=viewer), row, viewer)


@router.get("/tickets/{no}/records/{record_no}")
async def one(no: Number, record_no: RecordNumber, session: ReadSession, viewer: CurrentViewer) -> RecordHistory:
    """With every version it ever had."""
    row = await records.get(session, no, record_no, visible_to=viewer)
    ticket = await tickets.get(session, no, visible_to=viewer)
    return RecordHistory(**dict(shown(ticket, row, viewer)), versions=[version_shown(one) for one in row.versions])


@router.patch("/tickets/{no}/records/{record_no}")
async def correct(
    no: Number,
    record_no: RecordNumber,
    body: RecordIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
    match: IfMatch,
) -> RecordOut:
    """New values for some fields; the old ones stay in the versions."""
    row = await records.correct(session, desk, no, record_no, asked(body, key, match), by=viewer, at=now)
    return shown(await tickets.get(session, no, visible_to=viewer), row, viewer)


@router.post("/tickets/{no}/records/{record_no}/{step}")
async def take_step(
    no: Number,
    record_no: RecordNumber,
    step: Annotated[str, Path(max_length=40, examples=["hold"])],
    body: RecordIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
    match: IfMatch,
) -> RecordOut:
    """409 names the steps that are possible now."""
    row = await records.take_step(session, desk, no, record_no, step, asked(body, key, match), by=viewer, at=now)
    return shown(await tickets.get(session, no, visible_to=viewer), row, viewer)


@router.get("/tickets/{no}/file")
async def case_file(
    no: Number,
    session: ReadSession,
    viewer: StaffViewer,
    stage: Annotated[str, Query(pattern="^(close|archive)$")] = "close",
) -> list[FileItemOut]:
    """The items of the case file in order, and which are missing for closing or for the archive."""
    ticket = await tickets.get(session, no, visible_to=viewer)
    return [
        FileItemOut(
            number=one.item.number,
            key=one.item.key,
            zh=one.item.zh,
            present=one.present,
            needed=one.needed,
            missing=one.missing,
        )
        for one in await casefile.state(session, ticket, stage)
    ]
