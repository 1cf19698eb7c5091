"""Sends waiting notices: claimed by one worker, each receiver at its own pace, failures later or to the next way."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import notices, tickets
from api.db.session import Database
from api.db.tables.conversations import Conversation
from api.db.tables.notices import NoticeRow
from api.domain.errors import Unavailable
from api.domain.notice import Audience, Medium, NoticePolicy, NoticeStatus
from api.services.notices import NoticeDesk
from api.services.outbox import Undeliverable

log = logging.getLogger(__name__)

BATCH = 200
CLAIMED_FOR = timedelta(minutes=10)
MOST_ERROR = 200


@dataclass(frozen=True)
class Parcel:
    """`id` stays the same however often it is sent, so that a receiver can drop a repeat; `address` by medium: an open
    id, a telephone number, the name of a group or of a system."""

    id: str
    address: str
    text: str
    event: str
    payload: Mapping[str, Any] | None
    at: datetime


class Courier(Protocol):
    """Raises Unavailable when it may be tried again, Undeliverable when not."""

    async def deliver(self, parcel: Parcel) -> None: ...


async def deliver_due(
    database: Database, desk: NoticeDesk, couriers: Mapping[Medium, Courier], *, now: Callable[[], datetime]
) -> int:
    """One round; how many notices were tried. No transaction is open while a receiver is waited for."""
    policy = desk.content.policy
    limits = {medium.value: most for medium, most in policy.per_minute.items()}
    async with database.transaction() as session:
        at = now()
        taken = await notices.take(session, now=at, limit=BATCH, per_minute=limits, until=at + CLAIMED_FOR)
    lanes: dict[str, list[NoticeRow]] = defaultdict(list)
    for row in taken:
        lanes[row.lane].append(row)
    await asyncio.gather(*(_one_lane(database, desk, couriers, rows, now) for rows in lanes.values()))
    return len(taken)


async def _one_lane(
    database: Database,
    desk: NoticeDesk,
    couriers: Mapping[Medium, Courier],
    rows: Sequence[NoticeRow],
    now: Callable[[], datetime],
) -> None:
    for row in rows:
        status, problem = await _try(database, desk.content.policy, couriers, row, now())
        async with database.transaction() as session:
            kept = await session.get_one(NoticeRow, row.id)
            kept.last_error = problem[:MOST_ERROR] if problem else None
            await _settle(session, desk, kept, status, now())


async def _settle(session: AsyncSession, desk: NoticeDesk, row: NoticeRow, status: NoticeStatus, at: datetime) -> None:
    """What became of a notice, and what follows from it."""
    policy, medium = desk.content.policy, Medium(row.medium)
    if status is NoticeStatus.WAITING and row.attempts >= policy.retry.most_attempts:
        status = NoticeStatus.DEAD
    if status is NoticeStatus.SENT:
        row.sent_at, row.phone = at, None
    elif status is NoticeStatus.WAITING:
        row.due_at = policy.send_at(at + policy.retry.wait(row.attempts), medium, urgent=row.urgent)
    elif row.ways:
        status = NoticeStatus.PASSED_ON
        await notices.put(session, [_next_way(row, at)])
    elif row.audience == Audience.APPLICANT and row.ticket_id:
        await desk.unreachable(session, await tickets.whole(session, row.ticket_id), at=at)
    row.status = status


async def _try(
    database: Database, policy: NoticePolicy, couriers: Mapping[Medium, Courier], row: NoticeRow, now: datetime
) -> tuple[NoticeStatus, str | None]:
    medium = Medium(row.medium)
    courier = couriers.get(medium)
    if courier is None:
        return NoticeStatus.DEAD, "这个渠道现在没有配置"
    try:
        address = await _address(database, policy, row, now)
        await courier.deliver(Parcel(row.key, address, row.text, row.event, row.payload, now))
    except Undeliverable as error:
        return NoticeStatus.UNREACHABLE, str(error)
    except Unavailable as error:
        return NoticeStatus.WAITING, error.detail
    except Exception as error:
        log.error("a notice could not be sent: %s", type(error).__name__)
        return NoticeStatus.WAITING, type(error).__name__
    return NoticeStatus.SENT, None


async def _address(database: Database, policy: NoticePolicy, row: NoticeRow, now: datetime) -> str:
    """Raises Undeliverable when the person cannot be reached this way (any more)."""
    if row.medium == Medium.SMS:
        return row.phone or ""
    if row.medium != Medium.WECHAT:
        return row.lane.partition(":")[2]
    async with database.reading() as session:
        assert row.conversation_id is not None
        talk = await session.get_one(Conversation, row.conversation_id)
        said, pushed = await notices.pushed_since(session, talk.id)
    if not talk.reply_address:
        raise Undeliverable("取消关注了")
    if not policy.wechat.allows(said, pushed, now, urgent=row.urgent):
        raise Undeliverable("微信的四十八小时或五条用完了")
    return talk.reply_address


def _next_way(row: NoticeRow, at: datetime) -> dict[str, Any]:
    """The same words over the next medium."""
    medium, *rest = row.ways
    columns = {column.name: getattr(row, column.name) for column in NoticeRow.__table__.columns}
    changed = {"key": f"{row.key}>{medium}", "medium": medium, "lane": medium, "ways": rest, "due_at": at}
    fresh = {"status": NoticeStatus.WAITING.value, "attempts": 0, "created_at": at, "last_error": None}
    columns.pop("id")
    return columns | changed | fresh
