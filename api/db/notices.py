"""All queries of notices: put in, taken by one worker, read by staff."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from api.db.session import insert_into
from api.db.tables.conversations import Delivery, Message
from api.db.tables.notices import NoticeLane, NoticeRead, NoticeRow, UntoldEvent
from api.domain.notice import Medium, NoticeStatus

MINUTE = timedelta(minutes=1)
LANES = 50
CHUNK = 500


async def put(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with all columns of a notice; one whose key is known already is left as it is."""
    if rows:
        statement = insert_into(session, NoticeRow).on_conflict_do_nothing()
        await session.execute(statement, [dict(row) for row in rows])


async def untold(session: AsyncSession, *, limit: int) -> Sequence[UntoldEvent]:
    """The oldest events nobody was told of, for one worker only."""
    query = (
        select(UntoldEvent)
        .options(joinedload(UntoldEvent.event))
        .order_by(UntoldEvent.event_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=UntoldEvent)
    )
    return (await session.scalars(query)).all()


async def take(
    session: AsyncSession, *, now: datetime, limit: int, per_minute: Mapping[str, int], until: datetime
) -> list[NoticeRow]:
    """Due notices for one worker, urgent ones first, no more to one receiver than it takes in a minute.

    They stay with this worker until `until`; if it dies, they are due again then.
    """
    found: list[NoticeRow] = []
    for lane in await _free_lanes(session, now):
        recent = [at for at in lane.taken if at > (now - MINUTE).timestamp()]
        most = per_minute.get(lane.lane.partition(":")[0], limit)
        room = min(most - len(recent), limit - len(found))
        if room <= 0:
            continue
        rows = await _due_in(session, lane.lane, now, room)
        for row in rows:
            row.attempts += 1
            row.due_at = until
        lane.taken = [*recent, *[now.timestamp()] * len(rows)]
        found += rows
    return found


async def _free_lanes(session: AsyncSession, now: datetime) -> Sequence[NoticeLane]:
    due = select(NoticeRow.lane).where(NoticeRow.status == NoticeStatus.WAITING, NoticeRow.due_at <= now)
    names = sorted((await session.scalars(due.distinct().limit(LANES))).all())
    if not names:
        return []
    new = [{"lane": name, "taken": []} for name in names]
    await session.execute(insert_into(session, NoticeLane).values(new).on_conflict_do_nothing())
    query = select(NoticeLane).where(NoticeLane.lane.in_(names)).order_by(NoticeLane.lane)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def _due_in(session: AsyncSession, lane: str, now: datetime, limit: int) -> Sequence[NoticeRow]:
    query = (
        select(NoticeRow)
        .where(NoticeRow.lane == lane, NoticeRow.status == NoticeStatus.WAITING, NoticeRow.due_at <= now)
        .order_by(NoticeRow.urgent.desc(), NoticeRow.due_at, NoticeRow.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def pushed_since(session: AsyncSession, conversation_id: int) -> tuple[datetime | None, int]:
    """When the person last said something, and how many messages were pushed to them after that."""
    last = select(Message.id, Message.at).where(Message.conversation_id == conversation_id, Message.role == "user")
    said = (await session.execute(last.order_by(Message.id.desc()).limit(1))).one_or_none()
    if said is None:
        return None, 0
    pieces = func.coalesce(func.sum(Delivery.parts_sent), 0)
    answers = select(pieces).where(Delivery.conversation_id == conversation_id, Delivery.message_id > said.id)
    notices = (
        select(func.count())
        .select_from(NoticeRow)
        .where(
            NoticeRow.conversation_id == conversation_id,
            NoticeRow.medium == Medium.WECHAT,
            NoticeRow.status == NoticeStatus.SENT,
            NoticeRow.sent_at >= said.at,
        )
    )
    return said.at, (await session.scalar(answers) or 0) + (await session.scalar(notices) or 0)


def _for(organisation: int | None, member: int) -> ColumnElement[bool]:
    """In-app notices of one member: their own, and those to their whole organisation."""
    whole = and_(NoticeRow.organisation_id == organisation, NoticeRow.member_id.is_(None))
    return and_(NoticeRow.medium == Medium.DESK, or_(NoticeRow.member_id == member, whole))


def _unread(member: int) -> ColumnElement[bool]:
    return ~exists().where(NoticeRead.notice_id == NoticeRow.id, NoticeRead.member_id == member)


async def inbox(
    session: AsyncSession, *, organisation: int | None, member: int, unread: bool, before: int | None, limit: int
) -> Sequence[tuple[NoticeRow, datetime | None]]:
    """Newest first, each with when this member read it."""
    read = and_(NoticeRead.notice_id == NoticeRow.id, NoticeRead.member_id == member)
    query = select(NoticeRow, NoticeRead.at).outerjoin(NoticeRead, read).where(_for(organisation, member))
    if unread:
        query = query.where(NoticeRead.at.is_(None))
    if before is not None:
        query = query.where(NoticeRow.id < before)
    rows = await session.execute(query.order_by(NoticeRow.id.desc()).limit(limit))
    return [(row, at) for row, at in rows]


async def count_unread(session: AsyncSession, *, organisation: int | None, member: int) -> int:
    query = select(func.count()).select_from(NoticeRow).where(_for(organisation, member), _unread(member))
    return await session.scalar(query) or 0


async def mark_read(
    session: AsyncSession, *, organisation: int | None, member: int, ids: Iterable[int] | None, at: datetime
) -> int:
    """Those of `ids` (None: all) that are theirs and unread; how many."""
    query = select(NoticeRow.id).where(_for(organisation, member), _unread(member))
    if ids is not None:
        query = query.where(NoticeRow.id.in_(list(ids)))
    found = (await session.scalars(query)).all()
    for start in range(0, len(found), CHUNK):
        rows = [{"notice_id": one, "member_id": member, "at": at} for one in found[start : start + CHUNK]]
        await session.execute(insert_into(session, NoticeRead).values(rows).on_conflict_do_nothing())
    return len(found)


async def stuck(session: AsyncSession, *, before: int | None, limit: int) -> Sequence[NoticeRow]:
    """Dead letters, newest first."""
    query = select(NoticeRow).where(NoticeRow.status == NoticeStatus.DEAD)
    if before is not None:
        query = query.where(NoticeRow.id < before)
    return (await session.scalars(query.order_by(NoticeRow.id.desc()).limit(limit))).all()


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many notices there are by status."""
    query = select(NoticeRow.status, func.count()).group_by(NoticeRow.status)
    return {row.status: row[1] for row in await session.execute(query)}


async def revive(session: AsyncSession, ids: Sequence[int] | None, *, at: datetime) -> int:
    """Dead letters (None: all) are tried anew; how many."""
    query = update(NoticeRow).where(NoticeRow.status == NoticeStatus.DEAD)
    if ids is not None:
        query = query.where(NoticeRow.id.in_(ids))
    query = query.values(status=NoticeStatus.WAITING, attempts=0, due_at=at)
    return (await session.execute(query.execution_options(synchronize_session=False))).rowcount  # type: ignore[attr-defined,no-any-return]
