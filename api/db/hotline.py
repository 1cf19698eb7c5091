"""All queries of calls, call-backs and operators' marks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only, selectinload

from api.db.tables.conversations import Conversation
from api.db.tables.desk import PartyRow, TicketRow
from api.db.tables.hotline import CallbackRow, CallRow, OperatorMark
from api.db.visibility import visible
from api.domain.access import Viewer


async def marks_of(session: AsyncSession, conversation_id: int) -> Sequence[OperatorMark]:
    query = select(OperatorMark).where(OperatorMark.conversation_id == conversation_id).order_by(OperatorMark.id)
    return (await session.scalars(query)).all()


async def last_mark(session: AsyncSession, actor: str, kind: str) -> OperatorMark | None:
    """The latest one this operator made."""
    query = (
        select(OperatorMark)
        .where(OperatorMark.actor == actor, OperatorMark.kind == kind)
        .order_by(OperatorMark.at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def count_marks(session: AsyncSession, kind: str, *, since: datetime) -> int:
    query = select(func.count()).where(OperatorMark.kind == kind, OperatorMark.at >= since)
    return (await session.execute(query)).scalar_one()


async def open_callback(session: AsyncSession, conversation_id: int) -> CallbackRow | None:
    query = select(CallbackRow).where(CallbackRow.conversation_id == conversation_id, CallbackRow.status == "open")
    return (await session.scalars(query.limit(1))).one_or_none()


async def open_callbacks(session: AsyncSession, *, limit: int) -> list[tuple[CallbackRow, Conversation]]:
    """Soonest due first."""
    query = (
        select(CallbackRow, Conversation)
        .join(Conversation, Conversation.id == CallbackRow.conversation_id)
        .where(CallbackRow.status == "open")
        .order_by(CallbackRow.due_at, CallbackRow.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def call(session: AsyncSession, external_id: str) -> CallRow | None:
    query = select(CallRow).where(CallRow.external_id == external_id).with_for_update()
    return (await session.scalars(query)).one_or_none()


async def live_calls(session: AsyncSession, *, limit: int) -> Sequence[CallRow]:
    query = select(CallRow).where(CallRow.status.in_(("ringing", "answered"))).order_by(CallRow.id).limit(limit)
    return (await session.scalars(query)).all()


async def calls_of(session: AsyncSession, sender: str, *, limit: int) -> Sequence[CallRow]:
    """Newest first."""
    query = select(CallRow).where(CallRow.sender == sender).order_by(CallRow.id.desc()).limit(limit)
    return (await session.scalars(query)).all()


async def calls_since(session: AsyncSession, since: datetime, *, limit: int) -> Sequence[CallRow]:
    query = select(CallRow).where(CallRow.rang_at >= since).order_by(CallRow.rang_at.desc()).limit(limit)
    columns = (CallRow.status, CallRow.rang_at, CallRow.answered_at, CallRow.ended_at, CallRow.outcome)
    return (await session.scalars(query.options(load_only(*columns)))).all()


async def tickets_of_phone(
    session: AsyncSession, digest: str, *, visible_to: Viewer, limit: int
) -> Sequence[TicketRow]:
    """Tickets on which this number is the applicant's, newest first, whatever channel they came by."""
    query = (
        select(TicketRow)
        .join(PartyRow, PartyRow.ticket_id == TicketRow.id)
        .where(PartyRow.phone_hash == digest, PartyRow.role == "applicant", visible(visible_to))
        .options(selectinload(TicketRow.organisation), selectinload(TicketRow.mediator))
        .order_by(TicketRow.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).unique().all()
