"""The tree of places keeps its history: rename, merge, move, and what became of a place by a day."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import places
from api.db.organisations import place_of
from api.db.session import Database
from api.db.tables.desk import PlaceRow
from api.domain.access import Viewer
from api.domain.errors import Conflict, InvalidInput, NotFound
from api.domain.organisation import Place
from api.services import place_tree, tickets
from api.services.place_tree import Change, PlaceFacts
from api.services.places import match
from api.services.routing import RoutingDesk, preview
from tests.services.desk_fixtures import FRIDAY, application, staff

TODAY = date(2026, 11, 20)
EAST = Place("清和县", "青石镇", "东沟村")
WEST = Place("清和县", "青石镇", "西沟村")
NEW = Place("清和县", "青石镇", "双沟村")
TOOL = Viewer.tool()


def change(on: date = TODAY) -> Change:
    return Change(on, FRIDAY, "tool:test", "区划调整")


async def row_of(session: AsyncSession, place: Place) -> PlaceRow:
    row = await places.at(session, place)
    assert row is not None
    return row


async def merge(database: Database, **options: Any) -> PlaceRow:
    async with database.transaction() as session:
        east, west = await row_of(session, EAST), await row_of(session, WEST)
        east.population, west.population, east.households = 900, 600, 250
        groups = {}
        for row in await places.tree(session, WEST):
            if row.group_name:
                groups[row.id] = f"西{row.group_name}"
        options.setdefault("groups", groups)
        return await place_tree.merge(session, [east.id, west.id], "双沟村", change(), **options)


async def test_two_villages_become_one_and_old_tickets_keep_old_names(database: Database, desk: RoutingDesk) -> None:
    async with database.transaction() as session:
        old = await tickets.open_ticket(session, desk, application(), by=TOOL, at=FRIDAY, key=None)
    merged = await merge(database)
    assert (merged.population, merged.households) == (1500, 250)
    async with database.reading() as session:
        kept = await tickets.get(session, old.no, visible_to=TOOL)
        assert (kept.village, kept.group_name) == ("东沟村", "一组")
        groups = [place_of(row).group for row in await places.tree(session, NEW)]
        assert {"一组", "西一组"} <= set(groups)
        decision = await preview(session, desk, {"category": "land_forest", "village": "西沟村"}, FRIDAY)
    assert decision.organisation is not None
    assert decision.organisation.name in ("东沟村人民调解委员会", "西沟村人民调解委员会")


async def test_people_may_go_on_using_the_old_name(database: Database) -> None:
    async with database.transaction() as session:
        await place_tree.rename(session, (await row_of(session, EAST)).id, "新沟村", change())
    async with database.reading() as session:
        for said, expected in (("东沟村三组", "三组"), ("我是东沟村的", ""), ("新沟村三组", "三组")):
            found = await match(session, said)
            assert found.place == Place("清和县", "青石镇", "新沟村", expected)


async def test_those_who_watched_over_the_old_village_still_see_its_tickets(
    database: Database, desk: RoutingDesk
) -> None:
    async with database.transaction() as session:
        old = await tickets.open_ticket(session, desk, application(), by=TOOL, at=FRIDAY, key=None)
    await merge(database)
    director = await staff(database, "donggou_director")
    assert director.scope == NEW
    async with database.reading() as session:
        assert (await tickets.get(session, old.no, visible_to=director)).no == old.no
        assert [row.no for row in await tickets.list_queue(session, tickets.QueueFilter(), visible_to=director)] == [
            old.no
        ]


async def test_groups_of_one_name_are_asked_about_and_nothing_happens(database: Database) -> None:
    with pytest.raises(Conflict, match="重名"):
        await merge(database, groups={})
    async with database.reading() as session:
        assert (await row_of(session, EAST)).active
        assert await places.at(session, NEW) is None


async def test_a_place_resolves_to_what_it_was_on_a_day(database: Database) -> None:
    async with database.transaction() as session:
        east = await row_of(session, EAST)
        second = await place_tree.rename(session, east.id, "新沟村", change(date(2024, 5, 1)))
        await place_tree.rename(session, second.id, "东沟村", change(date(2026, 3, 1)))
    async with database.reading() as session:
        for on, name in ((date(2023, 1, 1), "东沟村"), (date(2025, 1, 1), "新沟村"), (TODAY, "东沟村")):
            found = await place_tree.resolve(session, EAST, on)
            assert found is not None
            assert found.village == name
        group = await place_tree.resolve(session, Place(*EAST.parts[:3], "三组"), date(2025, 1, 1))
        assert group is not None
        assert place_of(group) == Place("清和县", "青石镇", "新沟村", "三组")
        with pytest.raises(NotFound):
            await place_tree.resolve(session, Place("清和县", "没有镇"), TODAY)


async def test_a_renamed_town_takes_everything_inside_along(database: Database, desk: RoutingDesk) -> None:
    async with database.transaction() as session:
        town = await row_of(session, Place("清和县", "青石镇"))
        await place_tree.rename(session, town.id, "青岩镇", change())
    async with database.reading() as session:
        assert len(await places.tree(session, Place("清和县", "青岩镇"))) == 25
        assert await places.tree(session, Place("清和县", "青石镇")) == []
        for name in ("青石镇", "青岩镇"):
            facts = {"category": "land_forest", "town": name, "village": "东沟村", "prior_attempts": ["village"]}
            decision = await preview(session, desk, facts, FRIDAY)
            assert decision.organisation is not None
            assert decision.organisation.name == "青石镇司法所"


async def test_a_group_moves_with_its_people(database: Database) -> None:
    async with database.transaction() as session:
        east, west = await row_of(session, EAST), await row_of(session, WEST)
        group = await row_of(session, Place(*EAST.parts[:3], "五组"))
        east.population, west.population, group.population = 900, 600, 100
        moved = await place_tree.move(session, group.id, west.id, change(), name="六组")
        assert place_of(moved) == Place(*WEST.parts[:3], "六组")
        assert (east.population, west.population, moved.population) == (800, 700, 100)
        history = await places.history(session, [moved.id])
        assert [(one.kind, str(place_of(one.source))) for one in history] == [("move", "清和县青石镇东沟村五组")]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda at: place_tree.rename(at.session, at.east, "西沟村", change()), Conflict),
        (lambda at: place_tree.rename(at.session, at.east, "  ", change()), InvalidInput),
        (lambda at: place_tree.rename(at.session, at.east, "新村", change(date(2026, 11, 21))), InvalidInput),
        (lambda at: place_tree.move(at.session, at.east, at.west, change()), InvalidInput),
        (lambda at: place_tree.merge(at.session, [at.east, at.east], "双沟村", change()), InvalidInput),
        (lambda at: place_tree.add(at.session, EAST, PlaceFacts()), Conflict),
        (lambda at: place_tree.add(at.session, Place("清和县", "新镇", "新村"), PlaceFacts()), InvalidInput),
        (lambda at: place_tree.add(at.session, Place("", "新镇"), PlaceFacts()), InvalidInput),
        (lambda at: place_tree.update(at.session, at.east, PlaceFacts(population=1), revision=9), Conflict),
    ],
)
async def test_what_makes_no_sense_is_refused(database: Database, act: Any, error: type[Exception]) -> None:
    async with database.transaction() as session:
        east, west = await row_of(session, EAST), await row_of(session, WEST)
        with pytest.raises(error):
            await act(SimpleNamespace(session=session, east=east.id, west=west.id))


async def test_an_ended_place_is_not_changed_again(database: Database) -> None:
    await merge(database)
    async with database.transaction() as session:
        west = await row_of(session, WEST)
        with pytest.raises(Conflict, match="不再使用"):
            await place_tree.rename(session, west.id, "某村", change())
        codes = await session.scalars(select(PlaceRow).where(PlaceRow.merged_into.is_not(None)))
        assert len(codes.all()) == 12
