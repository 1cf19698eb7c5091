"""Places, accounts, the demo place, the calendar, and routing over the database."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from api.db import organisations
from api.db.session import Database
from api.db.tables.desk import MemberRow, OrganisationRow
from api.domain.errors import Conflict, InvalidInput, Unauthenticated
from api.domain.organisation import Place
from api.services import accounts, places, seed
from api.services.places import chinese_number, find_place
from api.services.routing import RoutingDesk, preview
from api.services.working_days import working_calendar
from knowledge_base.routing import load_demo_place
from tests.services.desk_fixtures import FRIDAY, PASSWORD

KNOWN = [
    *(Place("清和县", town) for town in ("青石镇", "白桦镇")),
    *(Place("清和县", "青石镇", village) for village in ("东沟村", "西沟村", "柳树村", "小东沟村")),
    *(Place("清和县", "白桦镇", village) for village in ("河湾村", "柳树村")),
    *(Place("清和县", "青石镇", "东沟村", f"{chinese_number(n)}组") for n in (1, 2, 12)),
]


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("东沟一组", ("青石镇", "东沟村", "一组")),
            ("东沟村一社", ("青石镇", "东沟村", "一组")),
            ("我家在东沟村第2村民小组", ("青石镇", "东沟村", "二组")),
            ("东沟12组", ("青石镇", "东沟村", "十二组")),
            ("東溝村１組", ("青石镇", "东沟村", "一组")),
            ("我是西沟村的", ("青石镇", "西沟村", "")),
            ("东沟村九组", ("青石镇", "东沟村", "")),
            ("小东沟", ("青石镇", "小东沟村", "")),
            ("白桦镇柳树村", ("白桦镇", "柳树村", "")),
            ("青石镇", ("青石镇", "", "")),
            ("不知道", None),
        ],
    )
    def test_said_and_found(self, text: str, expected: tuple[str, str, str] | None) -> None:
        place = find_place(text, KNOWN).place
        assert (place.parts[1:] if place else None) == expected

    def test_a_name_in_two_towns_is_asked_about(self) -> None:
        found = find_place("我是柳树村的", KNOWN)
        assert found.place is None
        assert {place.town for place in found.candidates} == {"青石镇", "白桦镇"}

    def test_a_wrong_character_becomes_a_question(self) -> None:
        found = find_place("我是西勾村的", KNOWN)
        assert found.place is None
        assert "西沟村" in {place.village for place in found.candidates}

    @pytest.mark.parametrize(("number", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
    def test_chinese_numbers(self, number: int, said: str) -> None:
        assert chinese_number(number) == said

    async def test_over_the_database(self, database: Database) -> None:
        async with database.reading() as session:
            found = await places.match(session, "石桥村三组")
        assert found.place == Place("清和县", "青石镇", "石桥村", "三组")


class TestAccounts:
    async def test_login_and_scope(self, database: Database) -> None:
        async with database.reading() as session:
            viewer = await accounts.login(session, username="qingshi_sifa1", password=PASSWORD)
        assert viewer.scope == Place("清和县", "青石镇")
        assert viewer.scope_tier == "judicial_office"

    @pytest.mark.parametrize(("username", "password"), [("qingshi_sifa1", "wrong-password"), ("nobody", PASSWORD)])
    async def test_wrong_is_one_sentence(self, database: Database, username: str, password: str) -> None:
        async with database.reading() as session:
            with pytest.raises(Unauthenticated, match="账号或密码不对"):
                await accounts.login(session, username=username, password=password)

    async def test_added_once_and_not_with_a_weak_password(self, database: Database) -> None:
        new: dict[str, Any] = {"organisation": "青石镇司法所", "name": "司法助理员三", "role": "judicial_officer"}
        async with database.transaction() as session:
            with pytest.raises(InvalidInput):
                await accounts.add(session, **new, username="sifa3", password="short")
            await accounts.add(session, **new, username="sifa3", password="long-enough")
            with pytest.raises(Conflict):
                await accounts.add(session, **new, username="sifa3", password="long-enough")
        async with database.reading() as session:
            assert (await accounts.login(session, username="sifa3", password="long-enough")).name == "司法助理员三"


class TestDemoPlace:
    async def test_every_village_has_its_five_with_a_woman(self, database: Database) -> None:
        async with database.reading() as session:
            rows = (await session.scalars(select(OrganisationRow).where(OrganisationRow.tier == "village"))).all()
            assert len(rows) == 6
            for row in rows:
                members = await session.scalars(select(MemberRow).where(MemberRow.organisation_id == row.id))
                people = members.all()
                assert len(people) == 5
                assert any(member.woman for member in people)

    async def test_every_group_has_a_grid_worker_and_a_leader(self, database: Database) -> None:
        async with database.reading() as session:
            for role in ("grid_worker", "group_leader"):
                query = select(func.count()).select_from(MemberRow).where(MemberRow.role == role)
                assert await session.scalar(query) == 30

    async def test_accounts_that_are_shown_exist(self, database: Database) -> None:
        async with database.reading() as session:
            for username, _ in seed.accounts_to_show(load_demo_place()):
                assert await organisations.account(session, username), username

    async def test_a_filled_database_is_left_alone(self, database: Database) -> None:
        async with database.transaction() as session:
            assert await seed.seed_demo(session, load_demo_place(), password=PASSWORD) == 0


class TestRouting:
    async def test_preview_stores_nothing_and_finds_the_town(self, database: Database, desk: RoutingDesk) -> None:
        facts = {"category": "land_forest", "subcategory": "encroachment", "village": "东沟村"}
        async with database.reading() as session:
            decision = await preview(session, desk, facts, FRIDAY)
        assert decision.organisation is not None
        assert decision.organisation.name == "东沟村人民调解委员会"
        assert decision.mediator is not None
        assert decision.mediator.name == "东沟村调委会主任"

    async def test_a_changed_organisation_is_seen_without_a_restart(
        self, database: Database, desk: RoutingDesk
    ) -> None:
        facts = {"category": "land_forest", "village": "东沟村"}
        async with database.reading() as session:
            before = await preview(session, desk, facts, FRIDAY)
        assert before.organisation is not None
        async with database.transaction() as session:
            row = await session.get_one(OrganisationRow, int(before.organisation.id))
            row.active = False
            await session.flush()
            await organisations.mark_changed(session, row.id)
        async with database.reading() as session:
            after = await preview(session, desk, facts, FRIDAY)
        assert after.tier == "judicial_office"

    def test_holidays_and_make_up_days_come_from_the_library(self) -> None:
        calendar = working_calendar()
        assert not calendar.is_working(date(2026, 10, 1))
        assert calendar.is_working(date(2026, 2, 14))
        assert not calendar.knows(date(2035, 1, 1))
