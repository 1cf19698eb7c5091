"""No query of the desk's daily work reads a whole table that grows: the planner of each database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations, flow, routing_log, statistics
from api.db import tickets as store
from api.db.session import Database
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.lifecycle import Move
from api.domain.period import Period
from api.domain.statistics import MEASURES, CountQuery
from api.services import outbox, tickets
from api.services.policy_file import read_policy
from api.services.routing import RoutingDesk
from api.services.similar import similar_open
from api.services.ticket_opening import Applicant
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff
from tests.services.inbox_fakes import FakeBot, make_inbox, said

TOOL = Viewer.tool()
GROWING = (
    "tickets",
    "ticket_events",
    "ticket_parties",
    "ticket_access",
    "routing_records",
    "messages",
    "conversations",
    "deliveries",
)
EXPLAINED = ("SELECT", "UPDATE", "DELETE", "WITH")

Statement = tuple[str, Any]


@contextmanager
def recorded(database: Database) -> Iterator[list[Statement]]:
    """What is sent to the database meanwhile, as the driver gets it."""
    sent: list[Statement] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        if statement.startswith(EXPLAINED):
            sent.append((statement, parameters[0] if many else parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def whole_reads(session: AsyncSession, statement: Statement) -> list[str]:
    """Lines of the plan that walk through a growing table; PostgreSQL may do so only where no index could serve."""
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        rows = (await connection.exec_driver_sql(f"explain query plan {statement[0]}", statement[1])).all()
        plan, sign = [str(row[-1]) for row in rows], "SCAN {}"
    else:
        await connection.exec_driver_sql("set local enable_seqscan = off")
        rows = (await connection.exec_driver_sql(f"explain {statement[0]}", statement[1])).all()
        plan, sign = [str(row[0]).strip(" ->") for row in rows], "Seq Scan on {}"
    signs = tuple(sign.format(table) for table in GROWING)
    return [line for line in plan if line.split("  ")[0].startswith(signs)]


async def check(database: Database, sent: list[Statement]) -> None:
    assert sent
    async with database.transaction() as session:
        for statement in sent:
            assert await whole_reads(session, statement) == [], statement[0]


@pytest.fixture
async def numbers(database: Database, desk: RoutingDesk) -> list[str]:
    """Of three tickets against one company."""
    company = Applicant("某建筑公司", kind="company")
    opened = []
    for number in range(3):
        asked = application(
            sender=f"visitor-{number}", category="labor", subcategory="unpaid_wages", respondent=company
        )
        async with database.transaction() as session:
            opened.append((await tickets.open_ticket(session, desk, asked, by=TOOL, at=FRIDAY, key=str(number))).no)
    return opened


async def test_opening_and_moving(database: Database, desk: RoutingDesk, numbers: list[str]) -> None:
    with recorded(database) as sent:
        async with database.transaction() as session:
            await tickets.open_ticket(session, desk, application(), by=TOOL, at=FRIDAY, key="k")
            await tickets.move(session, desk, numbers[0], Move.ESCALATE, MoveRequest(note="理由"), by=TOOL, at=FRIDAY)
    await check(database, sent)


@pytest.mark.parametrize(
    "username", ["donggou1_grid", "donggou_director", "qingshi_sifa1", "qingshi_leader", "labour1"]
)
async def test_looking(database: Database, numbers: list[str], username: str) -> None:
    viewer = await staff(database, username)
    with recorded(database) as sent:
        async with database.reading() as session:
            row = await tickets.get(session, numbers[0], visible_to=TOOL)
            await store.find(session, numbers[0], visible_to=viewer)
            await tickets.similar(session, row, visible_to=viewer)
            rules = read_policy().similarity
            await similar_open(session, row, rules, visible_to=viewer, at=FRIDAY)
            await routing_log.of_ticket(session, row)
            await tickets.numbers_of(session, channel="web", sender="visitor-1", visible_to=viewer)
            for wanted in (QueueFilter(), QueueFilter(open_only=True), QueueFilter(status="submitted", before=9)):
                await tickets.list_queue(session, wanted, visible_to=viewer)
    await check(database, sent)


@pytest.mark.parametrize("username", ["donggou_director", "qingshi_leader", "labour1", "admin"])
async def test_reports(database: Database, numbers: list[str], username: str) -> None:
    """Counting reads its own narrow table; the tickets behind a number and the flow table are found by indexes."""
    viewer, november = await staff(database, username), Period.parse("2026-11")
    counted = CountQuery(MEASURES["agreed"], november, {"category": "labor"})
    with recorded(database) as sent:
        async with database.reading() as session:
            await statistics.tally(session, MEASURES.values(), november, "category", visible_to=viewer)
            await tickets.list_queue(session, QueueFilter(counted=counted), visible_to=viewer)
            await flow.passed(session, november, visible_to=viewer, limit=9)
    await check(database, sent)


async def test_the_way_of_a_message(database: Database) -> None:
    with recorded(database) as sent:
        await make_inbox(database, FakeBot()).handle(said("工资"))
        await outbox.lost_messages(database, before=FRIDAY)
        async with database.transaction() as session:
            await outbox.take(session, channel="web", sender="a", key="m-1", now=FRIDAY)
            await conversations.anything_told(session, "web", "a", key="m-1")
            await conversations.due_deliveries(session, channel="wechat", now=FRIDAY + timedelta(days=9), limit=9)
            await conversations.waiting_for_human(session, limit=9)
    await check(database, sent)
