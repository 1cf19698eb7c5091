"""Notices: the inbox of staff, and dead letters for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.db import notices as store
from api.http.deps import AdminViewer, Now, ReadSession, StaffViewer, WriteSession
from api.services import notice_inbox

router = APIRouter(prefix="/api/v1/notices", tags=["notices"])
Before = Annotated[int | None, Query(ge=1, le=2**31)]
Limit = Annotated[int, Query(ge=1, le=100)]
Id = Annotated[int, Field(ge=1, le=2**31)]


class NoticeOut(BaseModel):
    id: int
    event: str
    text: str
    urgent: bool
    at: datetime
    read_at: datetime | None


class InboxOut(BaseModel):
    """`next` goes into `before` for the page after this one."""

    notices: list[NoticeOut]
    unread: int
    next: int | None


class ReadIn(BaseModel):
    """`ids` null: everything."""

    ids: list[Id] | None = Field(default=None, max_length=200)


class CountOut(BaseModel):
    count: int


class DeadLetterOut(BaseModel):
    """Never an address: `lane` names the group, the system or the medium."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    event: str
    audience: str
    medium: str
    lane: str
    text: str
    attempts: int
    last_error: str | None
    created_at: datetime


class DeadLettersOut(BaseModel):
    """`counts`: all notices by status."""

    notices: list[DeadLetterOut]
    counts: dict[str, int]
    next: int | None


@router.get("")
async def inbox(
    session: ReadSession, viewer: StaffViewer, unread: bool = False, before: Before = None, limit: Limit = 50
) -> InboxOut:
    """Newest first: the viewer's own and those to their whole organisation."""
    rows, waiting = await notice_inbox.inbox(session, viewer=viewer, unread=unread, before=before, limit=limit)
    shown = [
        NoticeOut(id=row.id, event=row.event, text=row.text, urgent=row.urgent, at=row.created_at, read_at=read)
        for row, read in rows
    ]
    return InboxOut(notices=shown, unread=waiting, next=shown[-1].id if len(shown) == limit else None)


@router.post("/read")
async def mark_read(body: ReadIn, session: WriteSession, viewer: StaffViewer, now: Now) -> CountOut:
    return CountOut(count=await notice_inbox.mark_read(session, viewer=viewer, ids=body.ids, at=now))


@router.get("/dead")
async def dead_letters(
    session: ReadSession, _admin: AdminViewer, before: Before = None, limit: Limit = 50
) -> DeadLettersOut:
    """What could not be delivered however often it was tried."""
    rows = await notice_inbox.dead_letters(session, before=before, limit=limit)
    shown = [DeadLetterOut.model_validate(row) for row in rows]
    following = shown[-1].id if len(shown) == limit else None
    return DeadLettersOut(notices=shown, counts=await store.counts(session), next=following)


@router.post("/resend")
async def resend(body: ReadIn, session: WriteSession, _admin: AdminViewer, now: Now) -> CountOut:
    return CountOut(count=await notice_inbox.resend(session, body.ids, at=now))
