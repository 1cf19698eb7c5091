"""Many people against one respondent: one master, everybody's share, counted once; on both databases."""

from typing import Any

import pytest

from api.db.records import content_of
from api.db.session import Database
from api.domain.access import Viewer
from api.domain.errors import InvalidInput, NotFound
from api.domain.lifecycle import Move
from api.services import batch, tickets
from api.services.batch import BatchState, Joining
from api.services.progress import progress
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from tests.services.desk_fixtures import FRIDAY, staff
from tests.services.life import TOOL, Life

SITE = Applicant("某建筑公司", kind="company")


async def worker(life: Life, number: int) -> Life:
    facts = {"people_involved": 1, "amount_yuan": 1000 * number}
    who = Applicant(f"工人{number}号", f"1380000000{number}")
    one = Life(life.database, life.desk)
    return await one.open(
        sender=f"worker-{number}",
        category="labor",
        subcategory="unpaid_wages",
        applicant=who,
        respondent=SITE,
        facts=facts,
    )


async def joined(life: Life, *, by: Viewer = TOOL, **given: Any) -> BatchState:
    async with life.database.transaction() as session:
        return await batch.join(session, life.desk, life.no, Joining(**given), by=by, at=FRIDAY)


@pytest.fixture
async def workers(database: Database, desk: RoutingDesk) -> list[Life]:
    first = Life(database, desk)
    return [await worker(first, number) for number in (1, 2, 3)]


async def test_three_tickets_and_a_list_make_one(workers: list[Life]) -> None:
    master, *others = workers
    list_of_people = [{"name": f"工友{number}", "amount": 500} for number in range(27)]
    found = await joined(master, tickets=[one.no for one in others], shares=list_of_people)
    assert (found.people, found.amount_fen) == (30, (1000 + 2000 + 3000 + 27 * 500) * 100)
    row = await master.ticket()
    assert row.facts["people_involved"] == 30
    assert "batch" in row.flags
    for one in others:
        merged = await one.ticket()
        assert (merged.status, merged.outcome, merged.merged_into) == ("closed", "merged", master.no)
        assert await one.genuine()
    assert await master.genuine()


async def test_again_changes_nothing(workers: list[Life]) -> None:
    master, other, _ = workers
    first = await joined(master, tickets=[other.no])
    assert await joined(master, tickets=[other.no]) == first
    assert first.people == 2


async def test_who_leaves_goes_on_alone(workers: list[Life]) -> None:
    master, other, _ = workers
    found = await joined(master, tickets=[other.no])
    share = next(one for one in found.shares if one["ticket"] == other.no)
    await master.step(share["record"], "leave", why="想自己去仲裁")
    assert (await other.ticket()).status == "submitted"
    async with master.database.reading() as session:
        assert (await batch.state(session, master.no, visible_to=TOOL)).people == 1


async def test_opening_a_merged_ticket_again_takes_its_share_out(workers: list[Life]) -> None:
    master, other, _ = workers
    await joined(master, tickets=[other.no])
    await other.move(Move.REOPEN, by=Viewer.applicant("web", "worker-2"), note="想自己办")
    async with master.database.reading() as session:
        found = await batch.state(session, master.no, visible_to=TOOL)
    assert (found.people, found.left) == (1, 1)
    assert next(one for one in found.shares if one["ticket"] == other.no)["why"] == "想自己办"
    assert await master.genuine()
    assert await other.genuine()


async def test_a_merged_worker_is_told_of_the_master(workers: list[Life]) -> None:
    master, other, _ = workers
    await joined(master, tickets=[other.no])
    async with master.database.reading() as session:
        own = Viewer.applicant("web", "worker-2")
        told = await progress(session, other.no, master.desk.policy, visible_to=own, now=FRIDAY)
    assert told.master == master.no
    assert f"并在 {master.no} 里一起办" in told.text
    assert "起诉" in told.text


@pytest.mark.parametrize("crisis", ["domestic_violence"])
async def test_danger_and_other_kinds_stay_apart(workers: list[Life], crisis: str) -> None:
    master = workers[0]
    apart = [await Life(master.database, master.desk).open(**changed) for changed in ({"crisis": crisis}, {})]
    for other in apart:
        with pytest.raises(InvalidInput):
            await joined(master, tickets=[other.no])
    with pytest.raises(InvalidInput):
        await joined(master, tickets=[master.no])
    assert [row.kind for row in await master.listed()] == []


async def test_not_by_those_who_may_not_see(workers: list[Life]) -> None:
    with pytest.raises(NotFound):
        await joined(workers[0], by=await staff(workers[0].database, "xigou_director"), tickets=[workers[1].no])


async def test_merging_needs_an_open_ticket_one_may_see(workers: list[Life]) -> None:
    one, other, third = workers
    await other.move(Move.WITHDRAW)
    with pytest.raises(InvalidInput) as refusal:
        await one.move(Move.MERGE, ticket=other.no)
    assert refusal.value.code == "ticket_ended"
    with pytest.raises(InvalidInput) as refusal:
        await one.move(Move.MERGE, ticket="T-20261120-9999")
    assert refusal.value.code == "unknown_ticket"
    await one.move(Move.MERGE, ticket=third.no)
    async with one.database.reading() as session:
        assert (await tickets.get(session, one.no, visible_to=TOOL)).merged_into == third.no


async def test_a_share_holds_what_its_ticket_said(workers: list[Life]) -> None:
    master, other, _ = workers
    await joined(master, tickets=[other.no])
    shares = [content_of(row) for row in await master.listed("share")]
    assert [(one["name"], one["amount"]) for one in shares] == [("工人1号", 1000), ("工人2号", 2000)]
