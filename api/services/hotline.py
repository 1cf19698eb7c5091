"""Telephone calls: what the exchange tells of them, the caller's history, what came of each."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as talks
from api.db import hotline as store
from api.db.base import phone_digest
from api.db.tables.conversations import Message
from api.db.tables.desk import TicketRow
from api.db.tables.hotline import CallbackRow, CallRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.conversation import InboundMessage
from api.domain.errors import NotFound
from api.services import handover, tickets
from api.services.talk_summary import ticket_line
from knowledge_base.operators import load_operator_rules

CHANNEL = "hotline"
ORDER = {"ringing": 0, "answered": 1, "ended": 2, "missed": 2}
OPEN, PAST, LINES, MOST = 5, 5, 12, 50
COUNTED = 5000
HISTORY = 200


@dataclass(frozen=True)
class Caller:
    """On one screen: tickets of whatever channel, earlier calls, a call-back that is due.

    `lines` are the last words before this call, `noted` what was written down in it.
    """

    tickets: Sequence[TicketRow]
    calls: Sequence[CallRow]
    lines: Sequence[Message]
    noted: Sequence[Message]
    callback: CallbackRow | None


@dataclass(frozen=True)
class Clocks:
    """Over the last hours as operators.yml says; seconds are None while nothing was counted."""

    calls: int
    answered: int
    in_time: int
    mean_seconds: float | None
    waiting: int
    out_of_scope: int


async def told(
    session: AsyncSession, *, external_id: str, event: str, phone: str, at: datetime, by: Viewer | None = None
) -> CallRow:
    """One event of a call. Repeated ones change nothing, and a late one never turns a call back."""
    row = await store.call(session, external_id)
    if row is None:
        known = phone_digest(phone)
        row = CallRow(
            external_id=external_id,
            sender=known or f"call-{secrets.token_hex(12)}",  # withheld: nobody's earlier calls, nobody's tickets
            phone=phone if known else None,
            status="ringing",
            rang_at=at,
            changed_at=at,
        )
        session.add(row)
    if ORDER[event] > ORDER[row.status]:
        row.status, row.changed_at = event, at
        if event == "answered":
            row.answered_at = at
        elif event == "ended":
            row.ended_at = at
            row.status = "ended" if row.answered_at else "missed"
        else:
            row.ended_at = at
    if by and by.member and event == "answered" and row.operator is None:
        row.operator, row.operator_name = by.actor, by.name
    await session.flush()
    return row


async def get(session: AsyncSession, call_id: int, *, lock: bool = False) -> CallRow:
    """Raises NotFound."""
    row = await session.get(CallRow, call_id, with_for_update=lock)
    if row is None:
        raise NotFound("没有这通电话。")
    return row


async def answered_by(session: AsyncSession, call_id: int, *, by: Viewer, at: datetime) -> CallRow:
    """This operator speaks now: the conversation is theirs, and the bot keeps out of it. Raises Conflict."""
    row = await get(session, call_id, lock=True)
    await told(session, external_id=row.external_id, event="answered", phone=row.phone or "", at=at, by=by)
    await handover.take(session, channel=CHANNEL, sender=row.sender, by=by, at=at)
    return row


async def caller(session: AsyncSession, call: CallRow, *, visible_to: Viewer) -> Caller:
    """What is known about the number that rings; only tickets the operator may see."""
    wanted = QueueFilter(channel=CHANNEL, sender=call.sender)
    mine = await tickets.list_queue(session, wanted, visible_to=visible_to, limit=OPEN)
    by_phone = await store.tickets_of_phone(session, call.sender, visible_to=visible_to, limit=OPEN)
    found = {row.no: row for row in (*mine, *by_phone)}
    calls = [one for one in await store.calls_of(session, call.sender, limit=PAST + 1) if one.id != call.id]
    talk = await talks.find(session, CHANNEL, call.sender)
    rows = await talks.history(session, talk.id, limit=HISTORY) if talk else []
    now = noted(call, rows)
    before = [row for row in rows if not now or row.id < now[0].id]
    callback = await store.open_callback(session, talk.id) if talk else None
    newest_first = sorted(found.values(), key=lambda row: -row.id)[:OPEN]
    return Caller(newest_first, calls[:PAST], before[-LINES:], now, callback)


def noted(call: CallRow, rows: Sequence[Message]) -> list[Message]:
    """Of the lines of its conversation those of this call: written down in it, or heard since by whoever told us."""
    began = call.answered_at or call.rang_at
    said = (row for row in rows if row.role == "user")
    return [row for row in said if row.extra.get("call", call.id if row.at >= began else None) == call.id]


async def said(session: AsyncSession, call: CallRow) -> str:
    """What the caller said in this call, line by line."""
    talk = await talks.find(session, CHANNEL, call.sender)
    rows = await talks.history(session, talk.id, limit=HISTORY) if talk else []
    return "\n".join(row.text for row in noted(call, rows))


def line(call: CallRow, text: str, *, message_id: str, at: datetime) -> InboundMessage:
    """A line the operator wrote down, as a message of the hotline channel."""
    return InboundMessage(
        channel=CHANNEL,
        sender=call.sender,
        external_id=f"call-{call.id}-{message_id}",
        text=text,
        at=at,
        extra={"call": call.id},
    )


async def summed_up(session: AsyncSession, call: CallRow, *, visible_to: Viewer) -> str:
    """A first version of the after-call note: the operator reads it over and sends it."""
    known = await caller(session, call, visible_to=visible_to)
    opened = [row for row in known.tickets if row.opened_at >= call.rang_at]
    words = (await said(session, call)).replace("\n", "；")
    parts = [f"来电说：{words}" if words else "", *(f"工单：{ticket_line(row)}" for row in opened)]
    return "\n".join(part for part in parts if part)


async def close(
    session: AsyncSession, call_id: int, *, outcome: str, summary: str, by: Viewer, at: datetime
) -> CallRow:
    """The after-call note is kept, and the conversation goes back to the bot."""
    row = await get(session, call_id, lock=True)
    await told(session, external_id=row.external_id, event="ended", phone=row.phone or "", at=at, by=by)
    row.outcome, row.changed_at = outcome, at
    row.summary = summary.strip() or await summed_up(session, row, visible_to=by)
    talk = await talks.find(session, CHANNEL, row.sender)
    if talk:
        await handover.hand_back(session, channel=CHANNEL, sender=row.sender, at=at)
    return row


async def live(session: AsyncSession) -> Sequence[CallRow]:
    return await store.live_calls(session, limit=MOST)


async def clocks(session: AsyncSession, *, now: datetime) -> Clocks:
    """How long callers and visitors wait; of the desk as a whole, never of one operator."""
    aims = load_operator_rules().clocks
    since = now - timedelta(hours=aims["window_hours"])
    rows = await store.calls_since(session, since, limit=COUNTED)
    waits = [(row.answered_at - row.rang_at).total_seconds() for row in rows if row.answered_at]
    return Clocks(
        calls=len(rows),
        answered=len(waits),
        in_time=sum(seconds <= aims["answer_seconds"] for seconds in waits),
        mean_seconds=round(sum(waits) / len(waits), 1) if waits else None,
        waiting=await talks.count_waiting(session),
        out_of_scope=await store.count_marks(session, "out_of_scope", since=since),
    )
