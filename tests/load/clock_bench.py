"""How long one sweep of the clocks takes over many open tickets: `python -m tests.load.clock_bench --size 100000`.

On SQLite and on a PostgreSQL of its own with the settings of a real one (fsync on). Tickets and their clocks are copies
of some that were really opened. Measured: a sweep that finds nothing due, one with a share overdue at every rung (a
normal morning), and one after the worker was down and every ticket is overdue.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from api.db.migrate import sync_url
from api.db.session import Database
from api.db.tables.clocks import ClockRow
from api.db.tables.desk import EventRow, PartyRow, TicketAccess, TicketRow
from api.domain.calendar import LOCAL
from api.services import clock_view
from api.services.clock_sweep import sweep
from api.services.notice_policy import Reach, notice_content
from api.services.notices import NoticeDesk
from api.services.policy import build_policy
from api.services.routing import RoutingDesk
from knowledge_base.routing import load
from tests.load.desk_bench import REAL, TOOL, open_some
from tests.postgres import create_database, running_cluster
from tests.services.desk_fixtures import build

FIRST_ID = 1_000
MORNING = datetime(2026, 11, 24, 9, tzinfo=LOCAL)
EVENING = datetime(2026, 11, 25, 17, 31, tzinfo=LOCAL)
COPIED = (TicketRow, PartyRow, EventRow, TicketAccess, ClockRow)


def multiply(url: str, models: int, wanted: int) -> None:
    """Copies of the first tickets, all open, each with its history and its clocks."""
    engine = create_engine(sync_url(url))
    numbers = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {wanted})"
    with engine.begin() as connection:
        connection.execute(text(f"create table copies as {numbers} select i from n"))
        for table in COPIED:
            connection.execute(text(copied(table, models)))
        connection.execute(text("drop table copies"))
        if engine.dialect.name == "postgresql":
            for table in ("tickets", "ticket_events", "ticket_clocks"):
                connection.execute(text(f"select setval('{table}_id_seq', (select max(id) from {table}))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze" if engine.dialect.name == "postgresql" else "analyze"))
    engine.dispose()


def copied(model: Any, models: int) -> str:
    """An insert of one copy for every number; an empty expression leaves the column to its default."""
    owner = "id" if model is TicketRow else "ticket_id"
    mine = {"id": f"{FIRST_ID} + i", "no": "'X-' || i", "sender": "'s-' || i", "key": "null"}
    theirs = {"id": "", "ticket_id": f"{FIRST_ID} + i"}
    changed = mine if model is TicketRow else theirs
    columns = {column.name: changed.get(column.name, f't."{column.name}"') for column in model.__table__.columns}
    columns = {name: expression for name, expression in columns.items() if expression}
    names = ", ".join(f'"{name}"' for name in columns)
    source = f"copies join {model.__tablename__} t on t.{owner} = 1 + i % {models}"
    return f"insert into {model.__tablename__} ({names}) select {', '.join(columns.values())} from {source}"


def due_only(url: str, share: int) -> None:
    """All but one ticket in `share` have their next steps far ahead."""
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(
            text("update ticket_clocks set next_at = :far where ticket_id % :share <> 0"),
            {"far": "2027-06-01 00:00:00+00:00", "share": share},
        )
    engine.dispose()


@dataclass
class Figure:
    """`cpu`: seconds of this process's processor; the rest is waiting, on a busy machine mostly for others."""

    what: str
    seconds: float
    cpu: float
    steps: int


async def timed(database: Database, office: NoticeDesk, what: str, now: datetime) -> Figure:
    start, cpu = time.perf_counter(), time.process_time()
    steps = await sweep(database, office, now=now)
    return Figure(what, time.perf_counter() - start, time.process_time() - cpu, steps)


async def measure(url: str, size: int, share: int, *, burst: bool) -> list[Figure]:
    database, desk = Database(url), RoutingDesk(build_policy(load()))
    office = NoticeDesk(notice_content(), desk, Reach())
    await asyncio.to_thread(multiply, url, await open_some(database, desk), size)
    figures = [await timed(database, office, "nothing due", MORNING - timedelta(days=3, hours=22))]
    if burst:
        figures.append(await timed(database, office, "every ticket overdue", EVENING))
    else:
        await asyncio.to_thread(due_only, url, share)
        for day in range(8):
            figures.append(await timed(database, office, f"1 in {share}, day {day + 1}", EVENING + timedelta(days=day)))
        figures.append(await board(database, desk))
    await database.close()
    return figures


async def board(database: Database, desk: RoutingDesk) -> Figure:
    start, cpu = time.perf_counter(), time.process_time()
    async with database.reading() as session:
        found = await clock_view.supervision(
            session,
            visible_to=TOOL,
            wanted=clock_view.BoardFilter(),
            now=EVENING,
            calendar=desk.calendar,
            limit=50,
        )
    taken = time.perf_counter() - start, time.process_time() - cpu
    return Figure("board of lights", *taken, sum(found.lights.values()))


@contextmanager
def both() -> Iterator[dict[str, list[str]]]:
    """Two empty, migrated databases of each kind."""
    with tempfile.TemporaryDirectory() as home, running_cluster(**REAL) as server:
        urls = {
            "SQLite": [f"sqlite+aiosqlite:///{Path(home) / f'{number}.db'}" for number in (1, 2)],
            "PostgreSQL": [create_database(server, f"clocks_{number}") for number in (1, 2)],
        }
        for url in (*urls["SQLite"], *urls["PostgreSQL"]):
            build(url)
        yield urls


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load.clock_bench", description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="open tickets")
    parser.add_argument("--share", type=int, default=100, help="one ticket in so many is overdue")
    parser.add_argument("--burst", action="store_true", help="also with every ticket overdue at once")
    given = parser.parse_args()
    with both() as urls:
        for name, (normal, other) in urls.items():
            figures = asyncio.run(measure(normal, given.size, given.share, burst=False))
            if given.burst:
                figures += asyncio.run(measure(other, given.size, given.share, burst=True))[1:]
            sys.stdout.write(f"{name}, {given.size:,} open tickets\n")
            for one in figures:
                sys.stdout.write(f"  {one.what:24}{one.seconds:8.2f} s{one.cpu:8.2f} s cpu{one.steps:10,} steps\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
