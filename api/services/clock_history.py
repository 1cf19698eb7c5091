"""Clocks for tickets opened before there were clocks: their history is told once more, to the clocks alone."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import clocks as store
from api.db import records as record_store
from api.db import tickets as ticket_store
from api.db.session import Database
from api.db.tables.clocks import ClockRow
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.clock import caught_up
from api.domain.errors import InvalidInput
from api.domain.history import retold
from api.domain.lifecycle import RECORDED
from api.domain.ticket import Ticket
from api.services import recording
from api.services.clocks import About, Follower
from api.services.record_book import record_book
from api.services.routing import RoutingDesk

log = logging.getLogger(__name__)

AT_ONCE = 200


async def catch_up(
    database: Database,
    desk: RoutingDesk,
    *,
    now: datetime,
    progress: Callable[[str, int, int], None] | None = None,
) -> int:
    """How many tickets got clocks. Resumable; again it finds nothing to do.

    What ran out while there were no clocks is late and shown so, but nobody is reminded, supervised or relieved of the
    case after the fact: only the steps still to come are taken.
    """
    async with database.reading() as session:
        total = await store.number_unwatched(session)
    seen, last, done = 0, 0, 0
    while seen < total:
        async with database.transaction() as session:
            rows = await store.unwatched(session, after=last, limit=AT_ONCE)
            records = await record_store.of_tickets(session, [row.id for row in rows])
            known = await store.of_tickets(session, [row.id for row in rows])
            for row in rows:
                try:
                    done += _give(session, desk, row, records.get(row.id, []), known.get(row.id, []), now)
                except InvalidInput:
                    log.warning("the history of %s is broken: no clocks (fengqiao audit verify)", row.no)
        if not rows:
            break
        seen, last = seen + len(rows), rows[-1].id
        if progress:
            progress("时限", seen, total)
    return done


def _give(
    session: AsyncSession,
    desk: RoutingDesk,
    row: TicketRow,
    records: Sequence[RecordRow],
    known: Sequence[ClockRow],
    now: datetime,
) -> bool:
    """The clocks it would have by now, but for those it has; whether there were any."""
    there = {(one.key, one.ref, one.started_at) for one in known}
    made = [one for one in _Retelling(desk, row, records).clocks() if (one.key, one.ref, one.started_at) not in there]
    follower = Follower.of_move(desk, row, "", at=now)
    for one in made:
        store.keep(one, caught_up(store.to_domain(one), follower.ladder(one.key), now, desk.calendar))
    session.add_all(made)
    running = [one for one in (*known, *made) if one.ref == 0 and one.ended_at is None]
    if row.ended_at is None:
        follower.promise(running)
    return bool(made)


@dataclass(frozen=True)
class _Retelling:
    """`row` with its events; `records` with their versions and parents."""

    desk: RoutingDesk
    row: TicketRow
    records: Sequence[RecordRow]

    def clocks(self) -> list[ClockRow]:
        made: list[ClockRow] = []
        for follower in self._happenings():
            made += follower.follow([one for one in made if one.ended_at is None])
        return made

    def _happenings(self) -> Iterator[Follower]:
        said = {version.event_seq: (one, version) for one in self.records for version in one.versions}
        history = [ticket_store.event_of(self.row.no, event) for event in self.row.events]
        for event, ticket in zip(self.row.events, retold(history), strict=True):
            then = self._then(ticket)
            if event.move != RECORDED:
                yield Follower.of_move(self.desk, then, event.move, at=event.at)
            elif event.seq in said:
                record, version = said[event.seq]
                about = self._about(record, record_store.content_of(version))
                yield Follower.of_record(then, record.kind, version.step, at=event.at, about=about)

    def _then(self, ticket: Ticket) -> TicketRow:
        """The row as it was; never given to a session."""
        same = {column.key: getattr(self.row, column.key) for column in TicketRow.__table__.columns}
        return TicketRow(**(same | ticket_store.columns_of(ticket)))

    def _about(self, record: RecordRow, content: dict[str, object]) -> About:
        due = recording.columns(record_book(), record.kind, content).get("due_at")
        return About(record.no, record.parent.no if record.parent else 0, {**content, "due_at": due})
