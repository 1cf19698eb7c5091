"""Counts follow the tickets in the same transaction, and every number lists exactly its tickets, on both databases."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from api.db import statistics
from api.db.session import Database
from api.db.tables.statistics import CountedRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.lifecycle import Move
from api.domain.organisation import Place
from api.domain.period import Period
from api.domain.statistics import MEASURES, CountQuery, rolled
from api.services import agreeing, tickets
from api.services.counting import catch_up
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff

TOOL = Viewer.tool()
NOVEMBER, DECEMBER = Period.parse("2026-11"), Period.parse("2026-12")
COMPANY = Applicant("某建筑公司", kind="company")
SPLITS = ("category", "kind", "origin", "town", "village", "respondent_org", "organisation_id")


class Book:
    """Opens tickets and moves them, in transactions of their own."""

    def __init__(self, database: Database, desk: RoutingDesk) -> None:
        self.database, self.desk = database, desk

    async def open(self, *moves: tuple[Move, int], at: datetime = FRIDAY, **asked: Any) -> str:
        asked.setdefault("sender", f"visitor-{asked}")
        async with self.database.transaction() as session:
            wanted = application(**asked)
            row = await tickets.open_ticket(session, self.desk, wanted, by=TOOL, at=at, key=None)
            no = row.no
        for move, days in moves:
            async with self.database.transaction() as session:
                request = MoveRequest(note="理由", ticket="T-20261120-0001")
                when = at + timedelta(days=days)
                if move is Move.RECORD_AGREEMENT:
                    await agreeing.settle(session, self.desk, no, "两家各退一尺", by=TOOL, at=when)
                    continue
                await tickets.move(session, self.desk, no, move, request, by=TOOL, at=when)
        return no


@pytest.fixture
def book(database: Database, desk: RoutingDesk) -> Book:
    return Book(database, desk)


@pytest.fixture
async def filled(book: Book) -> Book:
    agreed = ((Move.ACCEPT, 1), (Move.START_MEDIATION, 2))
    await book.open(*agreed, (Move.RECORD_AGREEMENT, 3), facts={"amount_yuan": 1200.5, "people_involved": 7})
    await book.open(*agreed, (Move.RECORD_AGREEMENT, 20), sender="b")
    await book.open(*agreed, (Move.RECORD_FAILURE, 4), (Move.ESCALATE, 5), sender="c")
    await book.open((Move.REFUSE, 1), sender="d", channel="hotline")
    await book.open((Move.MERGE, 1), sender="e")
    await book.open(sender="f", category="labor", subcategory="unpaid_wages", respondent=COMPANY)
    await book.open(sender="g", channel="import", place=Place(town="白桦镇", village="河湾村", group="一组"))
    await book.open(sender="h", respondent=Applicant("被申请人"), facts={"respondent_org": "被申请人"})
    return book


async def totals(
    database: Database, period: Period, viewer: Viewer = TOOL, within: Mapping[str, str] | None = None
) -> dict[str, int]:
    async with database.reading() as session:
        lines = await statistics.tally(session, MEASURES.values(), period, visible_to=viewer, within=within)
    return {code: number for line in rolled(lines) for code, number in line.numbers.items() if number}


async def test_a_month_counts_what_happened_in_it(filled: Book) -> None:
    assert await totals(filled.database, NOVEMBER) == {
        "registered": 7,
        "accepted": 3,
        "people": 9,
        "agreed": 1,
        "oral": 1,
        "amount": 120_050,
        "refused": 1,
        "merged": 1,
        "escalated": 1,
        "rights": 2,
        "open": 6,
    }
    assert await totals(filled.database, DECEMBER) == {"agreed": 1, "oral": 1, "open": 6}


async def test_every_number_lists_exactly_its_tickets(filled: Book) -> None:
    """Open tickets of the month are those without an end: the agreed ones are not closed yet."""
    checked = 0
    for period in (NOVEMBER, DECEMBER):
        for split in SPLITS:
            async with filled.database.reading() as session:
                lines = await statistics.tally(session, MEASURES.values(), period, split, visible_to=TOOL)
                for line in lines:
                    for code, number in line.numbers.items():
                        if MEASURES[code].sums:
                            continue
                        wanted = QueueFilter(counted=CountQuery(MEASURES[code], period, line.key))
                        rows = await tickets.list_queue(session, wanted, visible_to=TOOL)
                        assert len(rows) == number, (period.code, line.key, code)
                        checked += bool(number)
    assert checked > 40


async def test_respondents_are_counted_by_name_only_when_they_are_organisations(filled: Book) -> None:
    async with filled.database.reading() as session:
        lines = await statistics.tally(session, [MEASURES["registered"]], NOVEMBER, "respondent_org", visible_to=TOOL)
    assert {line.key["respondent_org"]: line.numbers["registered"] for line in lines} == {"": 6, "某建筑公司": 1}


async def test_where_a_case_came_from(filled: Book) -> None:
    await filled.open(sender="i", facts={"origin": "active"})
    await filled.open(sender="j", channel="quick")
    async with filled.database.reading() as session:
        lines = await statistics.tally(session, [MEASURES["registered"]], NOVEMBER, "origin", visible_to=TOOL)
    counted = {line.key["origin"]: line.numbers["registered"] for line in lines}
    assert counted == {"active": 2, "application": 6, "referred": 1}


async def test_one_sees_the_numbers_of_the_tickets_one_may_see(filled: Book) -> None:
    """The same rule counts and lists: a village sees its own, a town its own, and nobody more."""
    for username in ("donggou1_grid", "donggou_director", "qingshi_leader", "labour1", "admin"):
        viewer = await staff(filled.database, username)
        found = await totals(filled.database, NOVEMBER, viewer)
        async with filled.database.reading() as session:
            rows = await tickets.list_queue(session, QueueFilter(), visible_to=viewer)
        assert found.get("registered", 0) + found.get("merged", 0) == len(rows), username
    assert await totals(filled.database, NOVEMBER, Viewer.applicant("web", "b")) == {}


async def test_rebuilding_gives_the_same_rows(filled: Book) -> None:
    async def rows() -> list[tuple[Any, ...]]:
        async with filled.database.reading() as session:
            return [tuple(row) for row in await session.execute(select(CountedRow.__table__).order_by(CountedRow.id))]

    before = await rows()
    async with filled.database.transaction() as session:
        await session.execute(delete(CountedRow).where(CountedRow.id > 3))
    steps: list[tuple[str, int, int]] = []
    assert await catch_up(filled.database, progress=lambda *step: steps.append(step)) == len(before) - 3
    assert steps[-1][1] == steps[-1][2]
    assert await rows() == before
    assert await catch_up(filled.database, everything=True) == len(before)
    assert await catch_up(filled.database) == 0
    assert await rows() == before
