import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from api.db import tickets as store
from api.db.session import Database
from api.db.tables.desk import EventRow, MemberRow, TicketRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer, may_see
from api.domain.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TransitionNotAllowed
from api.domain.lifecycle import Move
from api.domain.organisation import Place
from api.services import tickets
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant, Application
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff

TOOL = Viewer.tool()
WORKERS = {"category": "labor", "subcategory": "unpaid_wages", "facts": {"people_involved": 12}}


async def open_one(
    database: Database, desk: RoutingDesk, *, by: Viewer = TOOL, key: str | None = None, **changed: object
) -> TicketRow:
    async with database.transaction() as session:
        return await tickets.open_ticket(session, desk, application(**changed), by=by, at=FRIDAY, key=key)


async def move(
    database: Database, desk: RoutingDesk, no: str, step: Move, *, by: Viewer = TOOL, days: int = 0, **request: str
) -> TicketRow:
    at = FRIDAY + timedelta(days=days)
    asked = MoveRequest(**({"note": "理由"} | request))
    async with database.transaction() as session:
        return await tickets.move(session, desk, no, step, asked, by=by, at=at)


class TestOpening:
    async def test_routed_numbered_and_stored(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        assert row.no == "T-20261120-0001"
        assert row.organisation is not None
        assert row.mediator is not None
        assert (row.tier, row.organisation.name) == ("group", "东沟村一组网格工作站")
        assert row.county == "清和县"
        assert [event.move for event in row.events] == ["submit"]

    async def test_same_key_same_ticket(self, database: Database, desk: RoutingDesk) -> None:
        first = await open_one(database, desk, key="k1")
        assert (await open_one(database, desk, key="k1")).no == first.no
        assert (await open_one(database, desk, key="k2")).no != first.no

    async def test_same_key_other_content_is_a_conflict(self, database: Database, desk: RoutingDesk) -> None:
        await open_one(database, desk, key="k1")
        with pytest.raises(Conflict):
            await open_one(database, desk, key="k1", text="另一件事")

    async def test_many_at_once_with_one_key_make_one(self, database: Database, desk: RoutingDesk) -> None:
        rows = await asyncio.gather(*(open_one(database, desk, key="k1") for _ in range(6)))
        assert len({row.no for row in rows}) == 1

    async def test_numbers_are_never_given_twice(self, database: Database, desk: RoutingDesk) -> None:
        rows = await asyncio.gather(*(open_one(database, desk) for _ in range(8)))
        assert len({row.no for row in rows}) == 8

    async def test_not_mediable_is_told_the_door(self, database: Database, desk: RoutingDesk) -> None:
        with pytest.raises(InvalidInput, match="行政复议") as refusal:
            await open_one(database, desk, category="administrative", subcategory="penalty")
        assert refusal.value.code == "not_mediable"

    async def test_crisis_makes_a_protective_ticket(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk, crisis="domestic_violence")
        assert row.protective
        assert row.mediator is not None
        assert row.accept_due_at == FRIDAY + timedelta(minutes=15)

    async def test_crisis_without_a_place_still_finds_somebody(self, database: Database, desk: RoutingDesk) -> None:
        for crisis in desk.policy.crisis_zh:
            row = await open_one(
                database, desk, place=Place(), crisis=crisis, category="other_civil", subcategory="other"
            )
            assert row.mediator is not None
            assert row.organisation is not None

    async def test_work_is_shared_out(self, database: Database, desk: RoutingDesk) -> None:
        rows = [await open_one(database, desk) for _ in range(4)]
        assert [row.mediator_id for row in rows[:2]] == [row.mediator_id for row in rows[2:]]
        assert rows[0].mediator_id != rows[1].mediator_id

    async def test_words_and_names_are_not_readable_in_the_file(self, database: Database, desk: RoutingDesk) -> None:
        await open_one(database, desk, text="机密的经过")
        async with database.reading() as session:
            stored = [(await session.execute(text(f"select * from {t}"))).all() for t in ("tickets", "ticket_parties")]
        assert "机密的经过" not in repr(stored)
        assert "13800000000" not in repr(stored)

    async def test_many_against_one_company_find_each_other(self, database: Database, desk: RoutingDesk) -> None:
        company = Applicant("某建筑公司", kind="company")
        first = await open_one(database, desk, respondent=company, **WORKERS)
        second = await open_one(database, desk, respondent=company, sender="visitor-2", **WORKERS)
        async with database.reading() as session:
            assert await tickets.similar(session, second, visible_to=TOOL) == [first.no]
        assert "batch" in second.flags


class TestMoves:
    async def test_a_whole_life(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        for step in (Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_FAILURE, Move.ESCALATE, Move.ACCEPT):
            row = await move(database, desk, no, step)
        assert row.organisation is not None
        assert (row.tier, row.organisation.name, row.status) == ("village", "东沟村人民调解委员会", "accepted")
        async with database.reading() as session:
            assert await tickets.history_is_genuine(session, no, visible_to=TOOL)

    async def test_escalation_goes_all_the_way_and_stops(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        tiers = [(await move(database, desk, no, Move.ESCALATE)).tier for _ in range(4)]
        assert tiers == ["village", "judicial_office", "town", "court"]
        with pytest.raises(TransitionNotAllowed):
            await move(database, desk, no, Move.ESCALATE)

    async def test_returned_to_sender(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        await move(database, desk, no, Move.ESCALATE)
        row = await move(database, desk, no, Move.RETURN_TO_SENDER)
        assert row.organisation is not None
        assert (row.tier, row.organisation.name) == ("group", "东沟村一组网格工作站")

    async def test_two_operators_accept_at_once_and_one_wins(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        grid, leader = await staff(database, "donggou1_grid"), await staff(database, "donggou1_leader")
        results = await asyncio.gather(
            *(move(database, desk, no, Move.ACCEPT, by=who) for who in (grid, leader)), return_exceptions=True
        )
        lost = [result for result in results if isinstance(result, DomainError)]
        assert len(lost) == 1
        assert isinstance(lost[0], Conflict)

    async def test_a_stale_version_is_refused(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        async with database.transaction() as session:
            row = await tickets.get(session, no, visible_to=TOOL)
            before = tickets.as_ticket(row)
            await session.execute(update(TicketRow).where(TicketRow.no == no).values(version=9))
            with pytest.raises(Conflict) as refusal:
                await store.save(session, row, before, before)
        assert refusal.value.code == "changed_meanwhile"

    async def test_same_key_moves_once(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        for _ in range(2):
            row = await move(database, desk, no, Move.ACCEPT, key="m1")
        assert [event.move for event in row.events] == ["submit", "accept"]
        with pytest.raises(Conflict):
            await move(database, desk, no, Move.WITHDRAW, key="m1")

    async def test_assigned_to_a_named_colleague_or_the_next_in_turn(
        self, database: Database, desk: RoutingDesk
    ) -> None:
        first = await open_one(database, desk)
        row = await move(database, desk, first.no, Move.ASSIGN, mediator="东沟村一组组长")
        assert row.mediator is not None
        assert row.mediator.name == "东沟村一组组长"
        row = await move(database, desk, first.no, Move.ASSIGN)
        assert row.mediator is not None
        assert row.mediator.name == "东沟村一组网格员"
        with pytest.raises(InvalidInput):
            await move(database, desk, first.no, Move.ASSIGN, mediator="西沟村一组组长")

    async def test_load_falls_when_the_case_ends(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.WITHDRAW)
        async with database.reading() as session:
            assert await session.scalar(select(MemberRow.load).where(MemberRow.id == row.mediator_id)) == 0

    async def test_tampering_with_the_store_is_found(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        await move(database, desk, no, Move.ACCEPT)
        async with database.transaction() as session:
            await session.execute(update(EventRow).where(EventRow.seq == 1).values(actor="staff:999"))
        async with database.reading() as session:
            assert not await tickets.history_is_genuine(session, no, visible_to=TOOL)


USERNAMES = [
    "admin",
    "operator1",
    "donggou1_grid",
    "donggou2_grid",
    "donggou_director",
    "donggou_mediator1",
    "xigou_director",
    "qingshi_sifa1",
    "qingshi_leader",
    "qingshi_police",
    "baihua_sifa1",
    "labour1",
    "women1",
]


class TestVisibility:
    async def test_the_query_says_the_same_as_the_rule(self, database: Database, desk: RoutingDesk) -> None:
        rows = [
            await open_one(database, desk),
            await open_one(database, desk, **WORKERS),
            await open_one(database, desk, crisis="domestic_violence"),
            await open_one(database, desk, place=Place(town="白桦镇", village="松林村")),
        ]
        await move(database, desk, rows[0].no, Move.ESCALATE)
        viewers = [await staff(database, username) for username in USERNAMES]
        viewers += [TOOL, Viewer.applicant("web", "visitor-1"), Viewer.applicant("web", "stranger")]
        async with database.reading() as session:
            for viewer in viewers:
                seen = {row.no for row in await tickets.list_queue(session, QueueFilter(), visible_to=viewer)}
                for row in rows:
                    fresh = await tickets.get(session, row.no, visible_to=TOOL)
                    told = await store.told(session, fresh)
                    assert (row.no in seen) == may_see(viewer, tickets.as_ticket(fresh), told), viewer.name

    async def test_another_village_gets_not_found(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        with pytest.raises(NotFound):
            await move(database, desk, no, Move.ACCEPT, by=await staff(database, "xigou_director"))

    async def test_supervisor_may_look_but_not_agree_for_others(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        with pytest.raises(Forbidden):
            await move(database, desk, no, Move.ACCEPT, by=await staff(database, "qingshi_sifa1"))

    async def test_an_applicant_cannot_open_for_another_conversation(
        self, database: Database, desk: RoutingDesk
    ) -> None:
        with pytest.raises(Forbidden):
            await open_one(database, desk, by=Viewer.applicant("web", "somebody"))

    async def test_numbers_of_a_conversation(self, database: Database, desk: RoutingDesk) -> None:
        no = (await open_one(database, desk)).no
        async with database.reading() as session:
            own = Viewer.applicant("web", "visitor-1")
            assert await tickets.numbers_of(session, channel="web", sender="visitor-1", visible_to=own) == [no]


async def test_facts_of_an_application_prefer_its_place() -> None:
    given = Application(
        "web", "s", "labor", "", "x", place=Place(town="青石镇"), facts={"town": "白桦镇", "village": "松林村"}
    )
    assert given.routing_facts()["town"] == "青石镇"
    assert given.routing_facts()["village"] == "松林村"
