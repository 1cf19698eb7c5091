"""Records on a ticket: added, moved on, corrected, listed; always asked who is looking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations
from api.db import records as store
from api.db import tickets as ticket_store
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.errors import Conflict, Forbidden, NotFound, TransitionNotAllowed
from api.domain.lifecycle import RECORDED
from api.domain.records import RecordKind, check_add, check_step, check_version, may_act, may_read
from api.services import counting, recording, tickets
from api.services.record_book import record_book
from api.services.record_dates import check_order
from api.services.record_rules import AFTER, BEFORE
from api.services.record_writing import Writing
from api.services.recording import Written, bad
from api.services.routing import RoutingDesk
from knowledge_base.desk.records import StepContent

MISSING = "没有这条记录，或者您无权查看"
CORRECT = "correct"


@dataclass(frozen=True)
class RecordRequest:
    """`under`: the number of the record it hangs under; `version`: of the ticket as the caller last saw it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    under: int | None = None
    version: int | None = None
    key: str | None = None


async def add(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    kind_code: str,
    request: RecordRequest,
    *,
    by: Viewer,
    at: datetime,
) -> RecordRow:
    """Raises NotFound, Forbidden, TransitionNotAllowed, InvalidInput (naming the field), Conflict."""
    kind = record_book().of(kind_code)
    ticket = await _locked(session, no, by)
    if known := await _repeated(session, ticket, request.key, kind=kind_code, step="add"):
        return known
    check_version(request.version, ticket.version)
    check_add(by, ticket_store.to_domain(ticket), kind)
    parent = await _parent(session, ticket, kind, request.under)
    await _once(session, ticket, kind, parent)
    step = record_book().step(kind_code, "add")
    writing = await _writing(session, desk, ticket, step, request, by=by, at=at)
    writing.parent = parent
    await _before(kind_code, step, writing)
    written = Written("add", writing.content, request.key, writing.organisation_id)
    row = await recording.add(session, ticket, kind_code, written, by=by, at=at, parent=parent)
    return await _after(kind_code, writing, row)


async def take_step(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    record_no: int,
    code: str,
    request: RecordRequest,
    *,
    by: Viewer,
    at: datetime,
) -> RecordRow:
    """One step of a record's own life. Raises as `add` does."""
    other = await store.other_ticket(session, no, record_no)
    if other:
        await ticket_store.lock_in_order(session, (no, other))
    ticket = await _locked(session, no, by)
    row = await _readable(session, ticket, record_no, by)
    if store.names_other(row) not in ("", other):
        raise Conflict.changed_meanwhile()  # corrected since: that ticket is not locked
    if known := await _repeated(session, ticket, request.key, kind=row.kind, step=code):
        return known
    check_version(request.version, ticket.version)
    step = check_step(by, ticket_store.to_domain(ticket), record_book().of(row.kind), store.to_domain(row), code)
    content = record_book().step(row.kind, code)
    writing = await _writing(session, desk, ticket, content, request, by=by, at=at, old=store.content_of(row))
    writing.parent, writing.row = row.parent, row
    await _before(row.kind, content, writing)
    written = Written(code, writing.content, request.key, writing.organisation_id)
    await recording.change(session, ticket, row, written, by=by, at=at, state=step.to)
    return await _after(row.kind, writing, row)


async def correct(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    record_no: int,
    request: RecordRequest,
    *,
    by: Viewer,
    at: datetime,
) -> RecordRow:
    """New values for some fields; what stood there before stays readable in the versions."""
    ticket = await _locked(session, no, by)
    row = await _readable(session, ticket, record_no, by)
    if known := await _repeated(session, ticket, request.key, kind=row.kind, step=CORRECT):
        return known
    check_version(request.version, ticket.version)
    kind, record = record_book().of(row.kind), store.to_domain(row)
    if by.actor != row.author and not may_act(by, ticket_store.to_domain(ticket), kind.add, record):
        raise Forbidden(f"您没有权限更正{kind.zh}")
    content = _all_fields(row)
    writing = await _writing(session, desk, ticket, content, request, by=by, at=at, old=store.content_of(row))
    writing.parent, writing.row = row.parent, row
    await _before(row.kind, content, writing)
    written = Written(CORRECT, writing.content, request.key, writing.organisation_id)
    await recording.change(session, ticket, row, written, by=by, at=at)
    return await _after(row.kind, writing, row)


async def listed(session: AsyncSession, no: str, *, visible_to: Viewer, kind: str = "") -> list[RecordRow]:
    """Oldest first, without what is sealed to somebody else."""
    ticket = await tickets.get(session, no, visible_to=visible_to)
    rows = await store.of_ticket(session, ticket.id, kinds=[kind] if kind else [])
    return [row for row in rows if _may_read(visible_to, row)]


async def get(session: AsyncSession, no: str, record_no: int, *, visible_to: Viewer) -> RecordRow:
    """With its versions."""
    ticket = await tickets.get(session, no, visible_to=visible_to)
    return await _readable(session, ticket, record_no, visible_to)


def steps_now(ticket: TicketRow, row: RecordRow, viewer: Viewer) -> list[str]:
    """What this viewer may do with the record as it stands."""
    kind, seen = record_book().of(row.kind), ticket_store.to_domain(ticket)
    record = store.to_domain(row)
    return [step.code for step in kind.steps_of(record) if may_act(viewer, seen, step, record)]


async def _locked(session: AsyncSession, no: str, by: Viewer) -> TicketRow:
    ticket = await ticket_store.find(session, no, visible_to=by, lock=True)
    if ticket is None:
        raise await tickets.unseen(session, no, by)
    return ticket


async def _readable(session: AsyncSession, ticket: TicketRow, record_no: int, viewer: Viewer) -> RecordRow:
    row = await store.find(session, ticket.id, record_no)
    if row is None or not _may_read(viewer, row):
        raise NotFound(MISSING)
    return row


def _may_read(viewer: Viewer, row: RecordRow) -> bool:
    return may_read(viewer, record_book().of(row.kind), store.to_domain(row))


async def _repeated(
    session: AsyncSession, ticket: TicketRow, key: str | None, *, kind: str, step: str
) -> RecordRow | None:
    event = next((one for one in ticket.events if key and one.key == key), None)
    if event is None:
        return None
    same = (event.move, event.changes.get("record.kind"), event.changes.get("record.step")) == (RECORDED, kind, step)
    if not same:
        raise Conflict("同一个幂等键已经用于别的操作", code="key_reused")
    return await store.find(session, ticket.id, int(event.changes["record.no"]))


async def _parent(session: AsyncSession, ticket: TicketRow, kind: RecordKind, under: int | None) -> RecordRow | None:
    if not kind.part_of:
        return None
    zh = record_book().of(kind.part_of).zh
    found = await store.find(session, ticket.id, under) if under else None
    if found is None or found.kind != kind.part_of:
        raise bad("under", f"{kind.zh}要写明挂在哪一条{zh}下面")
    if kind.add.under and found.state not in kind.add.under:
        raise _not_under(kind, record_book().of(kind.part_of), found.state)
    return found


def _not_under(kind: RecordKind, above: RecordKind, state: str) -> TransitionNotAllowed:
    """The record it would hang under is not there yet, or no more: in which states it would do, and how to go on."""
    wanted = sorted(kind.add.under)
    zh = "、".join(above.states[one] for one in wanted)
    return TransitionNotAllowed(
        f"{above.zh}现在是“{above.states[state]}”，“{zh}”时才能登记{kind.zh}",
        code="record_required",
        more={
            "missing": [{"kind": above.code, "zh": above.zh, "states": wanted}],
            "allowed": [step.code for step in above.steps_from(state) if step.to in wanted],
        },
    )


async def _once(session: AsyncSession, ticket: TicketRow, kind: RecordKind, parent: RecordRow | None) -> None:
    if not kind.once:
        return
    rows = await store.of_ticket(session, ticket.id, kinds=[kind.code])
    if any(row.parent_id == (parent.id if parent else None) and kind.steps_from(row.state) for row in rows):
        raise TransitionNotAllowed(f"已经有一条在办的{kind.zh}", more={"allowed": []})
    if rows and not kind.steps:
        raise TransitionNotAllowed(f"已经有{kind.zh}的记录", more={"allowed": [CORRECT]})


async def _writing(
    session: AsyncSession,
    desk: RoutingDesk,
    ticket: TicketRow,
    step: StepContent,
    request: RecordRequest,
    *,
    by: Viewer,
    at: datetime,
    old: Mapping[str, Any] | None = None,
) -> Writing:
    """The values checked and put over what was there before; the organisation it calls found in the directory."""
    partial = step.code == CORRECT
    new = recording.typed(step, request.values, today=at.astimezone(LOCAL).date(), partial=partial)
    called = None
    for one in step.fields:
        if one.type == "organisation" and one.id in new:
            called = await organisations.find_organisation(session, new[one.id])
            if called is None:
                raise bad(one.id, f"名录里没有这个单位：{new[one.id]}", "unknown_organisation")
            new[one.id] = called.name
    content = {**(old or {}), **new}
    return Writing(session, desk, ticket, step.code, content, new, by, at, called.id if called else None)


def _all_fields(row: RecordRow) -> StepContent:
    """A correction may touch whatever was filled in up to now."""
    kind = record_book().content[row.kind]
    taken = {version.step for version in row.versions}
    steps = [kind.add, *(step for code, step in kind.steps.items() if code in taken)]
    return StepContent(
        code=CORRECT,
        zh="更正",
        start=(),
        to=row.state,
        by=kind.add.by,
        fields=tuple(one for step in steps for one in step.fields),
        rows={name: rows for step in steps for name, rows in step.rows.items()},
        past=tuple(name for step in steps for name in step.past),
        not_before={name: earlier for step in steps for name, earlier in step.not_before.items()},
    )


async def _before(kind: str, step: StepContent, writing: Writing) -> None:
    check_order(kind, step, writing.content, store.content_of(writing.parent) if writing.parent else {})
    if kind in BEFORE:
        await BEFORE[kind](writing)


async def _after(kind: str, writing: Writing, row: RecordRow) -> RecordRow:
    """Whom it calls may see the ticket from now on; then what else the kind brings about."""
    if writing.organisation_id:
        await ticket_store.grant(writing.session, writing.ticket, str(writing.organisation_id), "called")
    if kind in AFTER:
        await AFTER[kind](writing, row)
    await counting.recount(
        writing.session, await tickets.get(writing.session, writing.ticket.no, visible_to=writing.by)
    )
    found = await store.find(writing.session, row.ticket_id, row.no)
    assert found is not None
    return found
