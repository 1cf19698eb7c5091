"""How the desk keeps up as tickets pile up, on PostgreSQL: `python -m tests.load.desk_bench --sizes 10000 100000`.

A cluster of its own with the settings of a real one (fsync on); the tickets are copies of some that were really opened.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import product
from statistics import quantiles
from typing import Any

from sqlalchemy import Table, create_engine, text

from api.db.session import Database
from api.db.tables.desk import EventRow, PartyRow, TicketAccess, TicketRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.organisation import Place
from api.services import tickets
from api.services.policy import build_policy
from api.services.routing import RoutingDesk
from knowledge_base.routing import load
from tests.postgres import create_database, running_cluster
from tests.services.desk_fixtures import FRIDAY, application, build, staff

TOOL = Viewer.tool()
PLACES = {"青石镇": ("东沟村", "西沟村", "石桥村"), "白桦镇": ("河湾村", "松林村")}
KINDS = (("neighbor", "boundary"), ("land_forest", "encroachment"), ("labor", "unpaid_wages"))
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
    """Copies of the first tickets with their parties, events and access rights; all but the last 500 are closed."""
    closed = f"case when i > {wanted - STILL_OPEN} then t.status else 'closed' end"
    changed = {"id": f"{FIRST_ID} + i", "no": "'X-' || i", "sender": f"'s-' || i % {wanted // 3}", "status": closed}
    mine = {"id": "", "ticket_id": f"{FIRST_ID} + i"}
    statements = [copied(TicketRow, changed, "id", models, wanted)]
    statements += [copied(table, mine, "ticket_id", models, wanted) for table in (PartyRow, EventRow, TicketAccess)]
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text("select setval('tickets_id_seq', (select max(id) from tickets))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    engine.dispose()


def copied(model: Any, changed: dict[str, str], owner: str, models: int, wanted: int) -> str:
    """An insert of `wanted` copies; an empty expression leaves the column to its default."""
    table: Table = model.__table__
    columns = {column.name: changed.get(column.name, f't."{column.name}"') for column in table.columns}
    columns = {name: expression for name, expression in columns.items() if expression}
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    source = f"generate_series(1, {wanted}) as i join {table.name} t on t.{owner} = 1 + i % {models}"
    return f"insert into {table.name} ({names}) select {values} from {source}"


async def timed(act: Act, samples: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds, after a short warm-up."""
    for number in range(10):
        await act(-1 - number)
    taken = []
    for number in range(samples):
        start = time.perf_counter()
        await act(number)
        taken.append((time.perf_counter() - start) * 1000)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


async def measure(url: str, size: int, samples: int) -> dict[str, tuple[float, float]]:
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
    acts["open"] = open_one
    figures = {name: await timed(act, samples) for name, act in acts.items()}
    await database.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="p50 / p95 of the desk in milliseconds, by number of tickets")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--samples", type=int, default=200)
    given = parser.parse_args()
    with running_cluster(**REAL) as server:
        columns = []
        for size in given.sizes:
            url = create_database(server, f"desk_{size}")
            build(url)
            columns.append(asyncio.run(measure(url, size, given.samples)))
    lines = [f"{'':24}" + "".join(f"{size:>18,}" for size in given.sizes)]
    for name in columns[0]:
        lines.append(f"{name:24}" + "".join(f"{p50:>9.1f}{p95:>9.1f}" for p50, p95 in (one[name] for one in columns)))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
