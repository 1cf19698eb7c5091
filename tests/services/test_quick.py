"""The same small matter sent twice at once is one ticket, on both databases."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.errors import Forbidden
from api.domain.facts import Origin
from api.services import tickets
from api.services.count_rules import count_rules
from api.services.evidence_files import EvidenceStore
from api.services.quick import QuickDesk, QuickDone, QuickEntry
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from knowledge_base.desk.quick import load_quick
from knowledge_base.evidence import load_evidence_rules
from tests.services.desk_fixtures import FRIDAY, staff


@pytest.fixture
def quick(desk: RoutingDesk, tmp_path: Path) -> QuickDesk:
    files = EvidenceStore(str(tmp_path / "evidence"))
    return QuickDesk(desk, load_quick(), lambda _text: [], files, load_evidence_rules())


def entry(id: str) -> QuickEntry:
    facts = {"parties_same_group": True}
    return QuickEntry(id, FRIDAY, "院墙滴水", "agreed", "neighbor", "boundary", "改檐口", facts=facts)


async def test_twice_at_once_is_one_ticket(database: Database, quick: QuickDesk) -> None:
    by = await staff(database, "donggou1_grid")

    async def send() -> list[QuickDone]:
        async with database.transaction() as session:
            return await quick.sync(session, [entry("phone-0001"), entry("phone-0002")], by=by, at=FRIDAY)

    first, second = await asyncio.gather(send(), send())
    assert first == second
    assert {one.state for one in first} == {"closed"}
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(TicketRow)) == 2


async def test_two_workers_may_make_the_same_id(database: Database, quick: QuickDesk) -> None:
    numbers = set()
    for username in ("donggou1_grid", "donggou2_grid"):
        by = await staff(database, username)
        async with database.transaction() as session:
            numbers |= {one.no for one in await quick.sync(session, [entry("phone-0001")], by=by, at=FRIDAY)}
    assert len(numbers) == 2


async def test_a_tool_is_nobody_on_the_ground(database: Database, quick: QuickDesk) -> None:
    async with database.transaction() as session:
        with pytest.raises(Forbidden):
            await quick.sync(session, [entry("phone-0001")], by=Viewer.tool(), at=FRIDAY)


@pytest.mark.parametrize(
    "changed",
    [
        {"respondent": Applicant("东沟村委会", kind="village")},
        {"category": "land_forest", "subcategory": "reclaim_adjust", "facts": {}},
    ],
)
async def test_a_matter_with_the_village_itself_is_not_settled_by_its_grid_worker(
    database: Database, quick: QuickDesk, changed: dict[str, Any]
) -> None:
    by = await staff(database, "donggou1_grid")
    async with database.transaction() as session:
        (done,) = await quick.sync(session, [replace(entry("phone-0001"), **changed)], by=by, at=FRIDAY)
    async with database.reading() as session:
        row = await tickets.get(session, done.no or "", visible_to=Viewer.tool())
    assert (done.state, row.status) == ("routed", "submitted")
    assert row.tier not in ("group", "village")


def test_what_a_grid_worker_settles_on_their_own_counts_as_active() -> None:
    assert count_rules().origin(load_quick()["channel"]) is Origin.ACTIVE
