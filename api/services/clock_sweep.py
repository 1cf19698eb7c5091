"""What is done when clocks run out: remind, supervise, hand up. Every step once, however many workers there are."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import clocks as store
from api.db import notices
from api.db.session import Database
from api.db.tables.clocks import ClockRow
from api.domain.access import Viewer
from api.domain.clock import Action, Clock, Ended, Rung, ended, scheduled
from api.domain.deadline import readable
from api.domain.lifecycle import Move
from api.domain.organisation import Directory
from api.domain.tier import Tier
from api.services import recording, tickets
from api.services.clock_book import clock_book
from api.services.notices import Happening, NoticeDesk
from api.services.recording import Written
from api.services.ticket_facts import ticket_facts
from api.services.tickets import MoveRequest

log = logging.getLogger(__name__)

BATCH = 500
MOST_BATCHES = 400
BATCH_SECONDS = 0.5
BY = Viewer.tool("时限提醒")
STUCK = "clock_stuck"


@dataclass
class _Batch:
    """Notices are put in together at the end: one statement for many."""

    session: AsyncSession
    office: NoticeDesk
    directory: Directory
    now: datetime
    made: list[dict[str, Any]] = field(default_factory=list)

    async def tell(self, row: ClockRow, event: str, rung: int) -> None:
        words = {"clock": clock_book().kinds[row.key].zh, "when": readable(row.due_at)}
        what = Happening(
            event,
            f"{row.ticket.no}:clock{row.id}:{rung}:{event}",
            self.now,
            facts={"clock": row.key, "due_at": row.due_at.isoformat()},
            words=words,
            department=str(await store.called(self.session, row) or ""),
        )
        self.made += await self.office.compose(self.session, row.ticket, what, self.directory)


async def sweep(database: Database, office: NoticeDesk, *, now: datetime) -> int:
    """Takes every step that is due by now; how many. Each batch is a transaction of its own, and a short one."""
    taken = 0
    for _ in range(MOST_BATCHES):
        async with database.reading() as session:
            waiting = await store.due_tickets(session, now=now, limit=BATCH)
        found = await _batch(database, office, waiting, now) if waiting else 0
        taken += found
        if not found:
            break
    return taken


async def _batch(database: Database, office: NoticeDesk, ticket_ids: Sequence[int], now: datetime) -> int:
    """All together; when that fails one by one, so that a ticket that cannot be moved stops nobody else's clocks."""
    try:
        return await _in_one(database, office, ticket_ids, now)
    except Exception:
        log.exception("a batch of clocks failed and is taken ticket by ticket")
    done = 0
    for ticket_id in ticket_ids:
        try:
            done += await _in_one(database, office, [ticket_id], now)
        except Exception:
            log.exception("a step for ticket %s was not possible", ticket_id)
            done += await _in_one(database, office, [ticket_id], now, act=False)
    return done


async def _in_one(
    database: Database, office: NoticeDesk, ticket_ids: Sequence[int], now: datetime, *, act: bool = True
) -> int:
    """How many steps were taken. What is left when the time is over is still due. Not to `act` is to tell a person."""
    began, done = monotonic(), 0
    async with database.transaction() as session:
        rows = await store.take(session, ticket_ids, now=now)
        batch = _Batch(session, office, await office.desk.directory(session), now)
        for row in rows:
            # A step before may have ended it: a ticket that was handed up starts its clocks anew.
            if row.ended_at is None:
                await _step(batch, row, act=act)
            done += 1
            if monotonic() - began > BATCH_SECONDS:
                break
        await notices.put(session, batch.made)
    return done


async def _step(batch: _Batch, row: ClockRow, *, act: bool) -> None:
    clock, kind = store.to_domain(row), clock_book().kinds.get(row.key)
    ladder = kind.ladder(ticket_facts(row.ticket)) if kind else ()
    if clock.rung >= len(ladder):
        store.keep(row, replace(clock, next_at=None))
        return
    rung, calendar = ladder[clock.rung], batch.office.desk.calendar
    store.keep(row, scheduled(replace(clock, rung=clock.rung + 1), ladder, batch.now, calendar))
    if act:
        await _act(batch, row, clock, rung)
    else:
        await batch.tell(row, STUCK, clock.rung)


async def _act(batch: _Batch, row: ClockRow, clock: Clock, rung: Rung) -> None:
    match rung.do:
        case Action.ESCALATE if _may_rise(row):
            await _escalate(batch, row, clock)
        case Action.ESCALATE:
            await batch.tell(row, STUCK, clock.rung)
        case Action.SUPERVISE:
            await _supervise(batch, row)
            await batch.tell(row, rung.event, clock.rung)
        case Action.LAPSE:
            store.keep(row, ended(clock, Ended.STOPPED, batch.now))
        case Action.TELL:
            await batch.tell(row, rung.event, clock.rung)


def _may_rise(row: ClockRow) -> bool:
    """By itself a ticket rises up to the town and no further: whether to go to court is for the parties alone."""
    above = Tier(row.ticket.tier).above
    return above is not None and above is not Tier.COURT and not row.ticket.protective


async def _escalate(batch: _Batch, row: ClockRow, clock: Clock) -> None:
    note = clock_book().escalation_note.format(clock=clock_book().kinds[row.key].zh, due=readable(row.due_at))
    request = MoveRequest(note=note, key=f"clock-{row.id}-{clock.rung}")
    desk = batch.office.desk
    await tickets.move(batch.session, desk, row.ticket.no, Move.ESCALATE, request, by=BY, at=batch.now)


async def _supervise(batch: _Batch, row: ClockRow) -> None:
    """A record of the tier above, in the name of the rules: what was not done, and until when to answer."""
    book, calendar = clock_book(), batch.office.desk.calendar
    reason = book.supervision_reason.format(clock=book.kinds[row.key].zh, due=readable(row.due_at))
    deadline = calendar.after_working_days(batch.now, book.answer_working_days)
    written = Written("add", {"deadline": deadline.isoformat(), "reason": reason})
    await recording.add(batch.session, row.ticket, "supervision", written, by=BY, at=batch.now)
