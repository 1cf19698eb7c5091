"""How the desk keeps up as tickets pile up: `python -m tests.load.desk_bench --sizes 10000 100000 1000000`.

A PostgreSQL cluster of its own with the settings of a real one (fsync on), or SQLite with `--sqlite`. The tickets are
copies of some that were really opened, spread over two years; all but the last are closed.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import product
from statistics import quantiles
from typing import Any

from sqlalchemy import Table, create_engine, text

from api.db.migrate import sync_url
from api.db.session import Database
from api.db.tables.desk import EventRow, PartyRow, TicketAccess, TicketRow
from api.db.tables.statistics import CountedRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.organisation import Place
from api.domain.period import Period
from api.domain.statistics import MEASURES, CountQuery
from api.services import tickets
from api.services.policy import build_policy
from api.services.reports.build import build as build_report
from api.services.routing import RoutingDesk
from knowledge_base.routing import load
from tests.postgres import create_database, running_cluster
from tests.services.desk_fixtures import FRIDAY, application, build, staff

TOOL = Viewer.tool()
PLACES = {"青石镇": ("东沟村", "西沟村", "石桥村"), "白桦镇": ("河湾村", "松林村")}
KINDS = (("neighbor", "boundary"), ("land_forest", "encroachment"), ("labor", "unpaid_wages"))
CATEGORIES = (
    *("marriage_family", "neighbor", "housing_homestead", "contract", "production_business", "injury_compensation"),
    *("land_forest", "expropriation", "environment", "labor", "consumer", "traffic"),
)
REPORTS = (("month", "2026-10"), ("month", "2026"), ("analysis", "2026-10"))
REPORT_SAMPLES = 5
STILL_OPEN = 500
FIRST_ID = 1_000
VIEWERS = {
    "村": "donggou_director",
    "司法所": "qingshi_sifa1",
    "镇": "qingshi_leader",
    "县单位": "labour1",
    "管理员": "admin",
}
REAL = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}

Act = Callable[[int], Awaitable[object]]


async def open_some(database: Database, desk: RoutingDesk) -> int:
    """A few of every kind and village, to be multiplied; how many."""
    villages = [Place(town=town, village=name, group="一组") for town, names in PLACES.items() for name in names]
    for number, (place, (category, subcategory)) in enumerate(product(villages, KINDS)):
        asked = application(place=place, category=category, subcategory=subcategory, sender=f"real-{number}")
        async with database.transaction() as session:
            await tickets.open_ticket(session, desk, asked, by=TOOL, at=FRIDAY, key=None)
    return len(villages) * len(KINDS)


def multiply(url: str, models: int, wanted: int) -> None:
    """Copies of the first tickets with their parties, events, access rights and counts; the last 500 are open."""
    engine = create_engine(sync_url(url))
    sqlite = engine.dialect.name == "sqlite"
    still_open = f"i > {wanted - STILL_OPEN}"
    status = f"case when {still_open} then t.status else 'closed' end"
    opened, ended = days_before("i % 730", sqlite), days_before("i % 730 - 12", sqlite)
    dates = {"opened_at": opened, "ended_at": f"case when {still_open} then null else {ended} end"}
    changed = {"id": f"{FIRST_ID} + i", "no": "'X-' || i", "sender": f"'s-' || i % {wanted // 3}", "status": status}
    mine = {"id": "", "ticket_id": f"{FIRST_ID} + i"}
    statements = [copied(TicketRow, changed | dates, "id", models, wanted)]
    statements += [copied(table, mine, "ticket_id", models, wanted) for table in (PartyRow, EventRow, TicketAccess)]
    counted = dates | {
        "id": f"{FIRST_ID} + i",
        "category": picked("i % 12", CATEGORIES),
        "origin": picked("i % 3", ("active", "application", "referred")),
        "accepted_at": days_before("i % 730 - 1", sqlite),
        "decided_at": ended,
        "last_at": ended,
        "outcome": picked("i % 5", ("agreed", "agreed", "failed", "refused", "withdrawn")),
        "form": picked("i % 5", ("written", "oral", "", "", "")),
    }
    statements.append(copied(CountedRow, counted, "id", models, wanted))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        if not sqlite:
            connection.execute(text("select setval('tickets_id_seq', (select max(id) from tickets))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze" if sqlite else "vacuum analyze"))
    engine.dispose()


def days_before(days: str, sqlite: bool) -> str:
    """So many days before FRIDAY, as SQL."""
    if sqlite:
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{FRIDAY:%Y-%m-%d %H:%M:%S}', (-({days})) || ' days')"
    return f"timestamptz '{FRIDAY.isoformat()}' - ({days}) * interval '1 day'"


def picked(number: str, values: Sequence[str]) -> str:
    whens = " ".join(f"when {index} then '{value}'" for index, value in enumerate(values))
    return f"case {number} {whens} end"


def copied(model: Any, changed: dict[str, str], owner: str, models: int, wanted: int) -> str:
    """An insert of `wanted` copies; an empty expression leaves the column to its default."""
    table: Table = model.__table__
    columns = {column.name: changed.get(column.name, f't."{column.name}"') for column in table.columns}
    columns = {name: expression for name, expression in columns.items() if expression}
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    numbers = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {wanted})"
    source = f"n join {table.name} t on t.{owner} = 1 + i % {models}"
    return f"insert into {table.name} ({names}) {numbers} select {values} from {source}"


def report(database: Database, kind: str, period: str) -> Act:
    async def make(_number: int) -> object:
        async with database.reading() as session:
            return await build_report(session, kind, Period.parse(period), visible_to=TOOL, at=FRIDAY)

    return make


async def prepared(url: str, size: int) -> tuple[Database, dict[str, Act]]:
    """A filled database and what is done with it, by name."""
    await asyncio.to_thread(build, url)
    database, desk = Database(url), RoutingDesk(build_policy(load()))
    await asyncio.to_thread(multiply, url, await open_some(database, desk), size)
    viewers = {name: await staff(database, username) for name, username in VIEWERS.items()}

    async def open_one(number: int) -> object:
        async with database.transaction() as session:
            asked = application(sender=f"new-{number}")
            return await tickets.open_ticket(session, desk, asked, by=TOOL, at=FRIDAY, key=f"bench-{number}")

    async def get_one(number: int) -> object:
        async with database.reading() as session:
            return await tickets.get(session, f"X-{1 + number * 7919 % size}", visible_to=TOOL)

    def page(viewer: Viewer, wanted: QueueFilter) -> Act:
        async def one_page(_number: int) -> object:
            async with database.reading() as session:
                return await tickets.list_queue(session, wanted, visible_to=viewer)

        return one_page

    acts: dict[str, Act] = {"get": get_one}
    for name, viewer in viewers.items():
        acts[f"queue {name}"] = page(viewer, QueueFilter())
        acts[f"queue {name} open"] = page(viewer, QueueFilter(open_only=True))
        acts[f"queue {name} deep"] = page(viewer, QueueFilter(before=FIRST_ID + size // 10))
        acts[f"queue {name} rare"] = page(viewer, QueueFilter(category="marriage_family"))
    behind = CountQuery(MEASURES["refused"], Period.parse("2026-10"), {"category": "labor"})
    acts["behind a number"] = page(TOOL, QueueFilter(counted=behind))
    acts["open"] = open_one
    acts |= {f"{kind} {period}": report(database, kind, period) for kind, period in REPORTS}
    return database, acts


async def compared(urls: Sequence[str], sizes: Sequence[int], samples: int) -> dict[str, list[list[float]]]:
    """Act → size → milliseconds. The sizes take turns, so that whatever else the machine does slows all alike."""
    ready = [await prepared(url, size) for url, size in zip(urls, sizes, strict=True)]
    taken: dict[str, list[list[float]]] = {}
    for name in ready[0][1]:
        slow = name.startswith(tuple(kind for kind, _ in REPORTS))
        warm, count = (1, REPORT_SAMPLES) if slow else (10, samples)
        taken[name] = [[] for _ in sizes]
        for number in range(-warm, count):
            for into, (_, acts) in zip(taken[name], ready, strict=True):
                start = time.perf_counter()
                await acts[name](number)
                if number >= 0:
                    into.append((time.perf_counter() - start) * 1000)
    for database, _ in ready:
        await database.close()
    return taken


Taken = dict[str, list[list[float]]]


def on_postgres(sizes: Sequence[int], samples: int) -> Taken:
    with running_cluster(**REAL) as server:
        urls = [create_database(server, f"desk_{size}") for size in sizes]
        return asyncio.run(compared(urls, sizes, samples))


def on_sqlite(sizes: Sequence[int], samples: int) -> Taken:
    with tempfile.TemporaryDirectory(prefix="fengqiao-bench-") as folder:
        urls = [f"sqlite+aiosqlite:///{folder}/desk_{size}.db" for size in sizes]
        return asyncio.run(compared(urls, sizes, samples))


def table(taken: Taken, sizes: Sequence[int]) -> list[str]:
    """p50 and p95 of every size, and how much slower the largest is than the smallest (p50)."""
    lines = [f"{'':24}" + "".join(f"{size:>18,}" for size in sizes) + f"{'×':>7}"]
    for name, by_size in taken.items():
        cuts = [quantiles(one, n=20) for one in by_size]
        figures = "".join(f"{one[9]:>9.1f}{one[18]:>9.1f}" for one in cuts)
        lines.append(f"{name:24}{figures}{cuts[-1][9] / cuts[0][9]:>7.2f}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description="p50 / p95 of the desk in milliseconds, by number of tickets")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--sqlite", action="store_true", help="SQLite in a temporary folder instead of PostgreSQL")
    given = parser.parse_args()
    taken = (on_sqlite if given.sqlite else on_postgres)(given.sizes, given.samples)
    sys.stdout.write("\n".join(table(taken, given.sizes)) + "\n")


if __name__ == "__main__":
    main()
