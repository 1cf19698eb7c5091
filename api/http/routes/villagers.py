"""Tickets as applicants and the other party meet them in a conversation; and the desk's lines to them."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.domain.errors import InvalidInput
from api.http.deps import AppRuntime, CurrentViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import CurrentDesk, IdempotencyKey
from api.http.desk_view import ticket_out
from api.http.schemas.chat import MessageOut, StaffReplyIn
from api.http.schemas.villagers import (
    ChangedOut,
    ClaimIn,
    ClaimOut,
    CodesOut,
    ContactIn,
    RatingIn,
    RatingOut,
    ReasonIn,
    StatementIn,
)
from api.services import tickets, villagers
from api.services.check_codes import APPLICANT, RESPONDENT
from api.services.villagers import Person

router = APIRouter(prefix="/api/v1/tickets/{no}", tags=["villagers"])
Number = Annotated[str, Path(max_length=40, examples=["T-20261120-0001"])]


@router.get("/codes")
async def codes(no: Number, app: AppRuntime, session: ReadSession, viewer: StaffViewer) -> CodesOut:
    """The check codes of both sides, to be told to them by whoever handles the ticket."""
    row = await tickets.get(session, no, visible_to=viewer)
    other = None if row.protective else app.codes.of(no, RESPONDENT)
    return CodesOut(applicant=app.codes.of(no, APPLICANT), respondent=other)


@router.post("/claim")
async def claim(no: Number, body: ClaimIn, app: AppRuntime, viewer: CurrentViewer, now: Now) -> ClaimOut:
    """Opens the ticket to this conversation. A wrong code is remembered although the answer is an error."""
    person = Person.of(viewer)
    async with app.database.transaction() as session:
        found = await villagers.claim(session, app.codes, no, body.code, by=person, at=now)
    if found is None:
        raise InvalidInput("工单号和查询码对不上，请核对一下再报。", code="wrong_code")
    row, side = found
    return ClaimOut(no=row.no, side=side, category_zh=app.policy.categories[row.category].zh)


@router.post("/statement")
async def statement(
    no: Number,
    body: StatementIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
) -> ClaimOut:
    """The other party speaks up; `refuses` ends the mediation."""
    person = Person.of(viewer)
    row = await villagers.statement(session, desk, no, body.text, refuses=body.refuses, by=person, at=now, key=key)
    return ClaimOut(no=row.no, side=RESPONDENT, category_zh=desk.policy.categories[row.category].zh)


@router.post("/contact")
async def leave_contact(
    no: Number,
    body: ContactIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
) -> ClaimOut:
    """The applicant leaves a telephone afterwards."""
    given = body.model_dump()
    row = await villagers.leave_contact(session, desk, no, **given, by=viewer, at=now, key=key)
    return ClaimOut(no=row.no, side=APPLICANT, category_zh=desk.policy.categories[row.category].zh)


@router.post("/another-mediator")
async def another_mediator(
    no: Number,
    body: ReasonIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
    key: IdempotencyKey,
) -> ChangedOut:
    """Never the one refused; with nobody else there the ticket goes one tier up."""
    row, changed = await villagers.another_mediator(session, desk, no, body.reason, by=viewer, at=now, key=key)
    return ChangedOut(
        ticket=ticket_out(row, desk.policy, viewer, [], now=now, lacking=await tickets.lacking(session, row)),
        changed=changed,
    )


@router.post("/rating")
async def rate(no: Number, body: RatingIn, session: WriteSession, viewer: CurrentViewer, now: Now) -> RatingOut:
    """How content the person is; once more replaces what was said before."""
    row = await villagers.rate(session, no, body.score, body.comment, by=viewer, at=now)
    return RatingOut(score=row.score, at=row.at)


@router.post("/message", status_code=201)
async def write(no: Number, body: StaffReplyIn, session: WriteSession, viewer: StaffViewer, now: Now) -> MessageOut:
    """A line of the desk in the conversation the ticket came from; the person's answer is put on the ticket."""
    message = await villagers.write(session, no, body.text, by=viewer, at=now)
    return MessageOut(id=message.id, role="staff", text=message.text, at=message.at)
