"""Capacity under two processes, decisions that are kept, deciding otherwise, and tickets that look alike."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from api.db import organisations, routing_log
from api.db.session import Database
from api.db.tables.desk import MemberRow, TicketRow
from api.domain.access import Viewer
from api.domain.errors import Forbidden, InvalidInput
from api.domain.lifecycle import Move
from api.domain.organisation import Place
from api.services import tickets
from api.services.override import Override, override
from api.services.routing import RoutingDesk
from api.services.similar import SimilarTickets, similar_open
from api.services.ticket_opening import Applicant
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff

TOOL = Viewer.tool()
LAND = {"category": "land_forest", "subcategory": "encroachment", "facts": {}}


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def open_one(database: Database, desk: RoutingDesk, **changed: Any) -> TicketRow:
    async with database.transaction() as session:
        return await tickets.open_ticket(session, desk, application(**changed), by=TOOL, at=FRIDAY, key=None)


async def limit_everybody(database: Database, limit: int, tier: str = "village") -> None:
    async with database.transaction() as session:
        await session.execute(update(MemberRow).values(load_limit=limit))
        for row in await organisations.changed_since(session, 0):
            await organisations.mark_changed(session, row.id)


async def test_nobody_gets_more_than_their_limit_from_two_processes(
    database: Database, other: Database, desk: RoutingDesk
) -> None:
    """Ten cases for five people who take one each: five are assigned, five wait in the queue, nobody has two."""
    await limit_everybody(database, 1)
    desks = (desk, RoutingDesk(desk.policy, desk.calendar))
    both = (database, other)
    rows = await asyncio.gather(*(open_one(both[n % 2], desks[n % 2], sender=f"v{n}", **LAND) for n in range(10)))
    given = [row.mediator_id for row in rows if row.mediator_id]
    assert len(given) == len(set(given)) == 5
    assert sum("nobody_available" in row.flags for row in rows) == 5


async def test_escalations_at_once_keep_the_limit_too(database: Database, other: Database, desk: RoutingDesk) -> None:
    opened = [await open_one(database, desk, sender=f"v{n}", **LAND) for n in range(4)]
    await limit_everybody(database, 1)
    desks = (desk, RoutingDesk(desk.policy, desk.calendar))

    async def escalate(number: int) -> TicketRow:
        async with (database, other)[number % 2].transaction() as session:
            request = MoveRequest(note="村里调不成")
            no = opened[number].no
            return await tickets.move(session, desks[number % 2], no, Move.ESCALATE, request, by=TOOL, at=FRIDAY)

    rows = await asyncio.gather(*(escalate(number) for number in range(4)))
    given = [row.mediator_id for row in rows if row.mediator_id]
    assert len(given) == len(set(given)) == 2


async def test_every_decision_is_kept_with_its_policy(database: Database, desk: RoutingDesk) -> None:
    row = await open_one(database, desk, **LAND)
    first = desk.policy.version
    desk.policy = replace(desk.policy, version="another")
    async with database.transaction() as session:
        request = MoveRequest(note="村里调不成")
        await tickets.move(session, desk, row.no, Move.ESCALATE, request, by=TOOL, at=FRIDAY)
    async with database.reading() as session:
        kept = await routing_log.of_ticket(session, row)
    assert [(one.kind, one.policy, one.tier) for one in kept] == [
        ("open", first, "village"),
        ("escalate", "another", "judicial_office"),
    ]
    assert all(one.reasons for one in kept)


async def test_a_relative_among_the_parties_is_passed_over(database: Database, desk: RoutingDesk) -> None:
    """The names of the parties are compared although they are stored encrypted, and never among the facts."""
    async with database.transaction() as session:
        director = (await session.scalars(select(MemberRow).where(MemberRow.username == "donggou_director"))).one()
        director.relations = ["申请人甲"]
        await organisations.mark_changed(session, director.organisation_id)
    row = await open_one(database, desk, applicant=Applicant("申请人甲"), **LAND)
    assert row.mediator_id != director.id
    assert "conflict_of_interest" in row.flags
    assert "申请人甲" not in str(row.facts)


async def test_served_where_the_person_lives_the_ticket_keeps_its_home_village(
    database: Database, desk: RoutingDesk
) -> None:
    row = await open_one(database, desk, **(LAND | {"facts": {"serve_town": "白桦镇", "serve_village": "河湾村"}}))
    assert (row.town, row.village) == ("青石镇", "东沟村")
    assert row.organisation is not None
    assert row.organisation.name == "河湾村人民调解委员会"
    handler = await staff(database, "hewan_director")
    async with database.reading() as session:
        assert (await tickets.get(session, row.no, visible_to=handler)).no == row.no


async def test_parties_of_two_villages_are_seen_by_both_committees(database: Database, desk: RoutingDesk) -> None:
    row = await open_one(database, desk, **(LAND | {"facts": {"other_village": "西沟村"}}))
    assert "cross_place" in row.flags
    async with database.reading() as session:
        for username in ("donggou_director", "xigou_director"):
            assert await tickets.get(session, row.no, visible_to=await staff(database, username))


class TestOverride:
    async def give(self, database: Database, desk: RoutingDesk, no: str, by: Viewer = TOOL, **wanted: str) -> TicketRow:
        async with database.transaction() as session:
            wish = Override(**wanted)
            return await override(session, desk, no, wish, by=by, at=FRIDAY, key=wanted.get("mediator"))

    async def test_with_a_reason_it_is_done_and_kept(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk, **LAND)
        wanted = {"organisation": "青石镇司法所", "mediator": "青石镇司法所所长", "reason": "双方都希望由司法所来调"}
        for _ in range(2):
            after = await self.give(database, desk, row.no, **wanted)
        assert after.organisation is not None
        assert (after.organisation.name, after.mediator and after.mediator.name) == (
            "青石镇司法所",
            "青石镇司法所所长",
        )
        async with database.reading() as session:
            kept = await routing_log.of_ticket(session, row)
        assert [(one.kind, one.note) for one in kept[1:]] == [("override", wanted["reason"])]

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            ({"organisation": "青石镇司法所", "reason": ""}, "reason_required"),
            ({"organisation": "青石镇司法所", "reason": "  急 "}, "reason_required"),
            ({"reason": "没有写给谁"}, "target_required"),
            ({"organisation": "没有这个单位", "reason": "理由充分"}, "unknown_organisation"),
        ],
    )
    async def test_without_a_reason_or_a_target(
        self, database: Database, desk: RoutingDesk, wanted: dict[str, str], code: str
    ) -> None:
        row = await open_one(database, desk, **LAND)
        with pytest.raises(InvalidInput) as refusal:
            await self.give(database, desk, row.no, **wanted)
        assert refusal.value.code == code

    async def test_never_to_one_that_is_a_party(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk, category="land_forest", subcategory="reclaim_adjust", facts={})
        with pytest.raises(InvalidInput) as refusal:
            await self.give(database, desk, row.no, organisation="东沟村人民调解委员会", reason="村里自己能调")
        assert refusal.value.code == "conflict_of_interest"

    async def test_not_by_somebody_without_the_right(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk, **LAND)
        operator = await staff(database, "operator1")
        with pytest.raises(Forbidden):
            await self.give(database, desk, row.no, by=operator, organisation="青石镇司法所", reason="想换一家")


class TestSimilar:
    async def find(self, database: Database, desk: RoutingDesk, no: str, by: Viewer = TOOL) -> SimilarTickets:
        async with database.reading() as session:
            row = await tickets.get(session, no, visible_to=by)
            return await similar_open(session, row, desk.policy.similarity, visible_to=by, at=FRIDAY)

    @pytest.mark.parametrize(
        ("changed", "found"),
        [
            ({"applicant": Applicant("王小明"), "respondent": Applicant("李大山")}, True),
            ({"applicant": Applicant("王晓明"), "respondent": Applicant("李大山")}, True),
            ({"applicant": Applicant("李大山"), "respondent": Applicant("王小明")}, True),
            ({"applicant": Applicant("赵六"), "respondent": Applicant("钱七")}, False),
            ({"applicant": Applicant("赵六"), "sender": "visitor-1"}, True),
            ({"applicant": Applicant("王小明"), "place": Place(town="白桦镇", village="河湾村")}, False),
            ({"applicant": Applicant("王小明"), "respondent": Applicant("李大山"), "subcategory": "light"}, True),
        ],
    )
    async def test_the_same_dispute_is_offered(
        self, database: Database, desk: RoutingDesk, changed: dict[str, Any], found: bool
    ) -> None:
        known = await open_one(database, desk, applicant=Applicant("王小明"), respondent=Applicant("李大山"))
        again = await open_one(database, desk, **({"sender": "visitor-2"} | changed))
        offered = (await self.find(database, desk, again.no)).duplicates
        assert [one.no for one in offered] == ([known.no] if found else [])
        assert all(one.why for one in offered)

    async def test_the_fifth_against_one_site_is_offered_as_a_batch(
        self, database: Database, desk: RoutingDesk
    ) -> None:
        names = [
            "某建筑公司东沟工地",
            "某建筑有限公司东沟工地",
            "某建筑东沟工地",
            "某建筑公司东沟项目部",
            "某建筑公司东沟工地",
        ]
        rows = [
            await open_one(
                database,
                desk,
                sender=f"worker-{number}",
                category="labor",
                subcategory="unpaid_wages",
                facts={},
                place=Place(town="青石镇"),
                applicant=Applicant(f"工友{number}号甲乙"),
                respondent=Applicant(name, kind="company"),
            )
            for number, name in enumerate(names)
        ]
        last = (await self.find(database, desk, rows[4].no)).batch
        assert last is not None
        assert (last.count, last.offered) == (5, True)
        async with database.transaction() as session:
            await tickets.move(session, desk, rows[0].no, Move.WITHDRAW, MoveRequest(), by=TOOL, at=FRIDAY)
        fewer = (await self.find(database, desk, rows[4].no)).batch
        assert fewer is not None
        assert (fewer.count, fewer.offered) == (4, False)

    async def test_only_what_one_may_see(self, database: Database, desk: RoutingDesk) -> None:
        wages = {"category": "labor", "subcategory": "unpaid_wages", "facts": {}}
        company = Applicant("某建筑公司", kind="company")
        mine = await open_one(database, desk, sender="a", respondent=company, applicant=Applicant("甲甲甲"), **wages)
        await open_one(database, desk, sender="b", respondent=company, applicant=Applicant("乙乙乙"), **wages)
        assert (await self.find(database, desk, mine.no)).batch is not None
        villager = Viewer.applicant("web", "a")
        assert await self.find(database, desk, mine.no, by=villager) == SimilarTickets((), None)
