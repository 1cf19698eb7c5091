"""A case is not given to a party or a relative of one, by whatever way, and neither of them may begin it."""

from datetime import timedelta
from typing import Any

import pytest

from api.db import organisations
from api.db.session import Database
from api.db.tables.desk import AbsenceRow
from api.domain.errors import InvalidInput
from api.domain.lifecycle import Move
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from tests.services.desk_fixtures import FRIDAY, staff
from tests.services.life import Life

LAND = {"category": "land_forest", "subcategory": "encroachment", "facts": {}}
DIRECTOR, FIRST, ELDER = (f"东沟村调委会{post}" for post in ("主任", "委员一", "乡贤委员"))
COMMITTEE = "东沟村人民调解委员会"


async def change(database: Database, username: str, **values: Any) -> None:
    """As an administrator would."""
    async with database.transaction() as session:
        row = await organisations.account(session, username)
        assert row
        for name, value in values.items():
            setattr(row, name, value)
        await organisations.mark_changed(session, row.organisation_id)


async def leave(database: Database, username: str) -> None:
    async with database.transaction() as session:
        row = await organisations.account(session, username)
        assert row
        away = timedelta(days=3)
        session.add(AbsenceRow(member_id=row.id, since=FRIDAY - away, until=FRIDAY + away))


async def refused(life: Life, move: Move, who: str, **asked: str) -> str:
    """The code; the ticket stays as it was."""
    by, before = await staff(life.database, who), await life.ticket()
    with pytest.raises(InvalidInput) as refusal:
        await life.move(move, by=by, **asked)
    assert (await life.ticket()).version == before.version
    return str(refusal.value.code)


async def test_a_relative_is_not_assigned(database: Database, desk: RoutingDesk) -> None:
    await change(database, "donggou_mediator1", relations=["钱大壮"])
    life = await Life(database, desk).open(respondent=Applicant("钱大壮"), **LAND)
    assert await refused(life, Move.ASSIGN, "donggou_director", mediator=FIRST) == "conflict_of_interest"
    await life.move(Move.ASSIGN, by=await staff(database, "donggou_director"), mediator=ELDER)
    found = (await life.ticket()).mediator
    assert found
    assert found.name == ELDER


async def test_a_party_does_not_give_the_case_to_himself_nor_begin_it(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).open(respondent=Applicant(DIRECTOR), **LAND)
    assert await refused(life, Move.ASSIGN, "donggou_director", mediator=DIRECTOR) == "conflict_of_interest"
    assert await refused(life, Move.ACCEPT, "donggou_director") == "conflict_of_interest"
    await life.move(Move.ACCEPT, by=await staff(database, "donggou_mediator1"))
    assert await refused(life, Move.START_MEDIATION, "donggou_director") == "conflict_of_interest"


async def test_a_kinship_that_came_out_later_stops_the_beginning(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).opened(Move.ACCEPT, respondent=Applicant("钱大壮"), **LAND)
    await life.move(Move.ASSIGN, mediator=FIRST)
    await change(database, "donggou_mediator1", relations=["钱大壮"])
    assert await refused(life, Move.START_MEDIATION, "donggou_elder") == "conflict_of_interest"


async def test_who_is_only_not_wanted_as_mediator_may_do_the_paperwork(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).open(**(LAND | {"facts": {"refused": [DIRECTOR]}}))
    await life.move(Move.ASSIGN, mediator=ELDER)
    await life.move(Move.ACCEPT, Move.START_MEDIATION, by=await staff(database, "donggou_director"))


async def test_a_committee_that_is_a_party_gets_no_case_back(database: Database, desk: RoutingDesk) -> None:
    village = Applicant("东沟村村民委员会", kind="village")
    life = await Life(database, desk).open(respondent=village, **LAND)
    assert "conflict_of_interest" in (await life.ticket()).flags
    asked = {"organisation": COMMITTEE, "note": "请村里就近办"}
    assert await refused(life, Move.TRANSFER, "qingshi_sifa1", **asked) == "conflict_of_interest"
    await life.move(Move.ACCEPT, by=await staff(database, "qingshi_sifa1"))


async def test_one_on_leave_is_named_only_with_a_reason(database: Database, desk: RoutingDesk) -> None:
    await leave(database, "donggou_mediator1")
    life = await Life(database, desk).open(**LAND)
    assert await refused(life, Move.ASSIGN, "donggou_director", mediator=FIRST, note="") == "mediator_absent"
    await life.move(Move.ASSIGN, mediator=FIRST, note="本人说明天就回来")
