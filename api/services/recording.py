"""Writing one record: typed values in, a row with its first or next version and its event in the ticket's history out.

Nothing here asks who may do it (see records.py) or what else it brings about (see record_rules.py).
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db import tickets as ticket_store
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput
from api.domain.records import salted_digest
from api.domain.ticket import remember
from api.services import clocks
from api.services.calculating import jsonable
from api.services.clocks import About
from api.services.record_book import RecordBook, record_book
from knowledge_base.desk.records import Rows, StepContent
from knowledge_base.fields import FactError, Field, check_all

END_OF_DAY = time(23, 59, 59)
SALT_BYTES = 16


@dataclass(frozen=True)
class Written:
    """What was asked for with a record: `key` makes a retry harmless, `organisation_id` is the one it calls."""

    step: str
    content: Mapping[str, Any]
    key: str | None = None
    organisation_id: int | None = None


def typed(step: StepContent, given: Mapping[str, Any], *, today: date, partial: bool = False) -> dict[str, Any]:
    """The values as they are stored. Raises InvalidInput naming the field. `partial`: nothing is required."""
    flat = {key: value for key, value in given.items() if key not in step.rows}
    content = _values(step.fields, flat, required=not partial)
    for name in step.past:
        if (value := content.get(name)) and _day(value) > today:
            raise bad(name, f"“{_label(step, name)}”不能是将来的日期。")
    known = jsonable(content)
    for name, rows in step.rows.items():
        if name in given:
            known[name] = _rows(name, rows, given[name])
    return known


def bad(field: str, detail: str, code: str = "bad_fact") -> InvalidInput:
    return InvalidInput(detail, code=code, more={"field": field})


def _values(fields: tuple[Field, ...], given: Mapping[str, Any], *, required: bool = True) -> dict[str, Any]:
    try:
        found = check_all(fields, given)
    except FactError as error:
        raise bad(error.field, error.detail) from error
    for one in fields:
        if required and one.required and one.id not in found:
            raise bad(one.id, f"“{one.label}”还没有填。")
    return found


def _rows(name: str, rows: Rows, given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or len(given) > rows.most or not all(isinstance(one, Mapping) for one in given):
        raise bad(name, f"“{rows.zh}”要写成一列，最多 {rows.most} 项。")
    found = []
    for number, one in enumerate(given):
        try:
            found.append(jsonable(_values(rows.fields, one)))
        except InvalidInput as error:
            raise bad(f"{name}.{number}.{error.more['field']}", f"第 {number + 1} 项{error.detail}") from error
    return found


def _label(step: StepContent, name: str) -> str:
    return next(one.label for one in step.fields if one.id == name)


def _day(value: date) -> date:
    return value.astimezone(LOCAL).date() if isinstance(value, datetime) else value


async def add(
    session: AsyncSession,
    ticket: TicketRow,
    kind: str,
    written: Written,
    *,
    by: Viewer,
    at: datetime,
    parent: RecordRow | None = None,
) -> RecordRow:
    """The ticket must be locked."""
    row = RecordRow(
        ticket_id=ticket.id,
        no=await store.next_no(session, ticket.id),
        kind=kind,
        state=record_book().kinds[kind].add.to,
        parent_id=parent.id if parent else None,
        author=by.actor,
        author_name=by.name,
        organisation_id=written.organisation_id,
        revision=0,
        at=at,
    )
    return await _write(session, ticket, row, written, by=by, at=at)


async def change(
    session: AsyncSession,
    ticket: TicketRow,
    row: RecordRow,
    written: Written,
    *,
    by: Viewer,
    at: datetime,
    state: str | None = None,
) -> RecordRow:
    """The next version: the old one stays. The ticket must be locked."""
    row.state = state or row.state
    row.organisation_id = written.organisation_id or row.organisation_id
    return await _write(session, ticket, row, written, by=by, at=at)


async def _write(
    session: AsyncSession, ticket: TicketRow, row: RecordRow, written: Written, *, by: Viewer, at: datetime
) -> RecordRow:
    row.revision += 1
    row.changed_at = at
    row.content = json.dumps(written.content, ensure_ascii=False)
    for column, value in columns(record_book(), row.kind, written.content).items():
        setattr(row, column, value)
    session.add(row)
    await session.flush()
    salt = secrets.token_hex(SALT_BYTES)
    before = ticket_store.to_domain(ticket)
    particulars = {
        "no": str(row.no),
        "kind": row.kind,
        "step": written.step,
        "state": row.state,
        "revision": str(row.revision),
        "digest": salted_digest(salt, written.content),
    }
    after, event = remember(before, at, by.actor, particulars)
    await ticket_store.save(session, ticket, before, after)
    ticket.version, ticket.head = after.version, after.head
    ticket_store.add_event(session, ticket, event, actor_name=by.name, key=written.key)
    store.add_version(session, row, step=written.step, content=written.content, salt=salt, seq=event.seq, by=by)
    await session.flush()
    parent = await session.get(RecordRow, row.parent_id) if row.parent_id else None
    about = About(row.no, parent.no if parent else 0, {**written.content, "due_at": row.due_at})
    await clocks.follow_record(session, ticket, row.kind, written.step, at=at, about=about)
    return row


def columns(book: RecordBook, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """What of the content can be asked for in a query."""
    of = book.content[kind].columns
    value = {column: content.get(name) for column, name in of.items()}
    found: dict[str, Any] = {}
    if "day" in of:
        found["day"] = date.fromisoformat(value["day"]) if value["day"] else None
    if "due" in of:
        found["due_at"] = moment(value["due"]) if value["due"] else None
    if "code" in of:
        found["code"] = None if value["code"] is None else str(value["code"])
    if "amount" in of:
        found["amount_fen"] = None if value["amount"] is None else round(value["amount"] * 100)
    return found


def moment(text: str) -> datetime:
    """A day alone means its end."""
    if len(text) == len("2026-01-01"):
        return datetime.combine(date.fromisoformat(text), END_OF_DAY, LOCAL)
    return datetime.fromisoformat(text)
