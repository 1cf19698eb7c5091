"""Records of tickets. Who may read which is asked by the service; the ticket itself was asked for with `visible_to`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.tables.desk import EventRow, TicketRow
from api.db.tables.records import AccessRefusalRow, RecordRow, RecordVersionRow
from api.domain.access import Viewer
from api.domain.errors import NotYours
from api.domain.lifecycle import Move
from api.domain.records import Record

SHARE = "share"


def to_domain(row: RecordRow) -> Record:
    """With the record it hangs under, which must have been read."""
    parent = row.parent.state if row.parent else ""
    return Record(row.kind, row.state, row.author, str(row.organisation_id or ""), parent)


def content_of(row: RecordRow | RecordVersionRow) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.content)
    return found


async def next_no(session: AsyncSession, ticket_id: int) -> int:
    """Only while the ticket is locked."""
    last = await session.scalar(select(func.max(RecordRow.no)).where(RecordRow.ticket_id == ticket_id))
    return (last or 0) + 1


async def find(session: AsyncSession, ticket_id: int, no: int) -> RecordRow | None:
    query = (
        select(RecordRow)
        .where(RecordRow.ticket_id == ticket_id, RecordRow.no == no)
        .options(selectinload(RecordRow.parent), selectinload(RecordRow.versions))
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one_or_none()


async def of_ticket(session: AsyncSession, ticket_id: int, *, kinds: Iterable[str] = ()) -> Sequence[RecordRow]:
    """Oldest first; all kinds when none is named."""
    query = select(RecordRow).where(RecordRow.ticket_id == ticket_id).order_by(RecordRow.no)
    if wanted := list(kinds):
        query = query.where(RecordRow.kind.in_(wanted))
    return (await session.scalars(query.options(selectinload(RecordRow.parent)))).all()


async def of_tickets(session: AsyncSession, ticket_ids: Sequence[int]) -> Mapping[int, list[RecordRow]]:
    """Ticket → all its records with their versions and parents; for commands, which act for nobody."""
    related = (selectinload(RecordRow.parent), selectinload(RecordRow.versions))
    query = select(RecordRow).where(RecordRow.ticket_id.in_(ticket_ids)).order_by(RecordRow.ticket_id, RecordRow.no)
    found: dict[int, list[RecordRow]] = {}
    for row in await session.scalars(query.options(*related)):
        found.setdefault(row.ticket_id, []).append(row)
    return found


async def states_ever(session: AsyncSession, ticket_id: int) -> list[tuple[str, str]]:
    """(kind, state) of all its records, from the beginning."""
    found = await session.execute(select(RecordRow.kind, RecordRow.state).where(RecordRow.ticket_id == ticket_id))
    return [(kind, state) for kind, state in found]


async def states_of(session: AsyncSession, ticket_id: int) -> list[tuple[str, str]]:
    """(kind, state) of those that came to stand as they do after the ticket was last reopened, if it ever was."""
    query = select(RecordRow.kind, RecordRow.state).join(RecordVersionRow, _written_since_reopened(ticket_id))
    return [(kind, state) for kind, state in await session.execute(query.where(RecordRow.ticket_id == ticket_id))]


def _written_since_reopened(ticket_id: int) -> ColumnElement[bool]:
    reopenings = EventRow.ticket_id == ticket_id, EventRow.move == Move.REOPEN
    last = select(func.coalesce(func.max(EventRow.seq), 0)).where(*reopenings).scalar_subquery()
    newest = and_(RecordVersionRow.record_id == RecordRow.id, RecordVersionRow.revision == RecordRow.revision)
    return and_(newest, RecordVersionRow.event_seq > last)


def names_other(row: RecordRow) -> str:
    """The number of the ticket that a share came with, which its steps may touch, too; "" for everything else."""
    return row.code or "" if row.kind == SHARE else ""


async def other_ticket(session: AsyncSession, ticket_no: str, no: int) -> str:
    """`names_other` of a record that is not read yet; only for knowing what to lock."""
    of = select(TicketRow.id).where(TicketRow.no == ticket_no).scalar_subquery()
    query = select(RecordRow.code).where(RecordRow.ticket_id == of, RecordRow.no == no, RecordRow.kind == SHARE)
    return await session.scalar(query) or ""


def add_version(
    session: AsyncSession, row: RecordRow, *, step: str, content: Mapping[str, Any], salt: str, seq: int, by: Viewer
) -> None:
    session.add(
        RecordVersionRow(
            record_id=row.id,
            revision=row.revision,
            step=step,
            state=row.state,
            content=json.dumps(content, ensure_ascii=False),
            salt=salt,
            event_seq=seq,
            at=row.changed_at,
            actor=by.actor,
            actor_name=by.name,
        )
    )


async def exists_at_all(session: AsyncSession, no: str) -> bool:
    """Whoever asks: only for telling a refused look from a wrong number."""
    return await session.scalar(select(TicketRow.id).where(TicketRow.no == no)) is not None


async def refusals(session: AsyncSession, *, before: int | None, limit: int) -> Sequence[AccessRefusalRow]:
    """Newest first; `before` is the id of the last row of the page before."""
    query = select(AccessRefusalRow).order_by(AccessRefusalRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AccessRefusalRow.id < before)
    return (await session.scalars(query)).all()


def note_refusal(session: AsyncSession, refused: NotYours, *, at: datetime) -> None:
    session.add(
        AccessRefusalRow(
            ticket_no=refused.ticket,
            actor=refused.actor,
            actor_name=refused.actor_name,
            organisation=refused.organisation,
            at=at,
        )
    )
