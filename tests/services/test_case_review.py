"""Files are drawn at random; the second reader never sees the first sheet."""

import pytest

from api.db.session import Database
from api.db.tables.desk import MemberRow
from api.db.tables.oversight import CaseReview
from api.domain.access import Viewer
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.services import accounts, case_review, tickets
from tests.services.closed_files import close_files
from tests.services.desk_fixtures import FRIDAY, staff

TOWN, PERIOD = "青石镇", "2026-10"
GOOD = {"voluntary": 15, "timely": 10, "impartial": 15, "facts": 15, "lawful": 15, "exits": 10, "complete": 10}
POOR = {"voluntary": 5, "timely": 5, "impartial": 10, "facts": 10, "lawful": 10, "exits": 0, "complete": 5}


async def drawn(database: Database, count: int = 50, percent: int | None = None) -> list[CaseReview]:
    await close_files(database, "东沟村", count)
    by = await staff(database, "qingshi_sifa1")
    async with database.transaction() as session:
        return await case_review.draw(session, town=TOWN, period=PERIOD, percent=percent, by=by, at=FRIDAY)


async def reader(database: Database, member: int) -> Viewer:
    async with database.reading() as session:
        username = (await session.get_one(MemberRow, member)).username
        assert username
        return await accounts.viewer_of(session, username)


async def hand_in(database: Database, review: CaseReview, member: int, points: dict[str, int]) -> CaseReview:
    by = await reader(database, member)
    async with database.transaction() as session:
        return await case_review.hand_in(session, review.id, points, {"facts": "经过清楚"}, by=by, at=FRIDAY)


async def seen(database: Database, review: CaseReview, viewer: Viewer) -> list[int]:
    async with database.transaction() as session:
        found = await case_review.find(session, review.id, by=viewer)
        return [sheet.member_id for sheet in case_review.sheets_for(found, viewer)]


async def test_a_share_of_the_files_is_drawn_each_with_two_strangers_to_it(database: Database) -> None:
    reviews = await drawn(database, 50)
    assert len(reviews) == 4
    assert len({review.ticket_id for review in reviews}) == 4
    async with database.reading() as session:
        for review in reviews:
            first = await session.get_one(MemberRow, review.first_id)
            second = await session.get_one(MemberRow, review.second_id)
            assert first.organisation_id != second.organisation_id
            assert {first.role, second.role} <= set(case_review.review_rules()["reader_roles"])
            viewer = await accounts.viewer_of(session, str(first.username))
            ticket = await session.get_one(CaseReview, review.id)
            await session.refresh(ticket, ["ticket"])
            assert await tickets.get(session, ticket.ticket.no, visible_to=viewer)


async def test_the_second_reader_never_sees_the_first_sheet(database: Database) -> None:
    [review] = await drawn(database, 3)
    first, second = await reader(database, review.first_id), await reader(database, review.second_id)
    county = await staff(database, "supervisor")
    await hand_in(database, review, review.first_id, GOOD)
    assert await seen(database, review, second) == []
    assert await seen(database, review, first) == [review.first_id]
    if county.member not in (first.member, second.member):
        assert await seen(database, review, county) == []
    done = await hand_in(database, review, review.second_id, GOOD | {"facts": 14})
    assert (done.status, done.score) == ("agreed", 90)
    assert await seen(database, review, second) == [review.second_id]
    assert await seen(database, review, first) == [review.first_id]
    if county.member not in (first.member, second.member):
        assert await seen(database, review, county) == [review.first_id, review.second_id]
    with pytest.raises(Conflict):
        await hand_in(database, review, review.first_id, POOR)


async def test_readers_far_apart_are_settled_by_a_third(database: Database) -> None:
    [review] = await drawn(database, 3)
    await hand_in(database, review, review.first_id, GOOD)
    done = await hand_in(database, review, review.second_id, POOR)
    assert (done.status, done.score) == ("disputed", None)
    third, by = Viewer.tool(), await reader(database, review.first_id)
    async with database.transaction() as session:
        with pytest.raises(Forbidden):
            await case_review.settle(session, review.id, 60, "再看", by=by)
        with pytest.raises(InvalidInput):
            await case_review.settle(session, review.id, 60, " ", by=third)
        settled = await case_review.settle(session, review.id, 62, "材料不全，告知有缺", by=third)
    assert (settled.status, settled.score) == ("settled", 62)


async def test_a_sheet_has_all_seven_points_in_range(database: Database) -> None:
    [review] = await drawn(database, 3)
    for wrong in ({"voluntary": 15}, GOOD | {"voluntary": 16}, GOOD | {"luck": 1}, GOOD | {"facts": -1}):
        with pytest.raises(InvalidInput):
            await hand_in(database, review, review.first_id, wrong)
    outsider = await staff(database, "donggou_director")
    async with database.transaction() as session:
        with pytest.raises(NotFound):
            await case_review.hand_in(session, review.id, GOOD, {}, by=outsider, at=FRIDAY)


async def test_the_share_stays_between_five_and_ten_percent(database: Database) -> None:
    by = await staff(database, "qingshi_sifa1")
    await close_files(database, "东沟村", 40)
    async with database.transaction() as session:
        for percent in (4, 11):
            with pytest.raises(InvalidInput):
                await case_review.draw(session, town=TOWN, period=PERIOD, percent=percent, by=by, at=FRIDAY)
        assert len(await case_review.draw(session, town=TOWN, period=PERIOD, percent=10, by=by, at=FRIDAY)) == 4
        again = await case_review.draw(session, town=TOWN, period=PERIOD, percent=5, by=by, at=FRIDAY)
        assert len({review.ticket_id for review in again}) == 2
    village = await staff(database, "donggou_director")
    async with database.transaction() as session:
        with pytest.raises(Forbidden):
            await case_review.draw(session, town=TOWN, period=PERIOD, percent=None, by=village, at=FRIDAY)
