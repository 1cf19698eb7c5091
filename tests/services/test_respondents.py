"""Who is named as the other side: an organisation may stand in the clear, a person nowhere."""

from typing import Any

import pytest
from sqlalchemy import text

from api.db.base import Base
from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.domain.errors import InvalidInput
from api.domain.facts import A_PERSON
from api.domain.lifecycle import Move
from api.services import tickets
from api.services.count_rules import count_rules
from api.services.respondents import body_kind
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from tests.services.desk_fixtures import FRIDAY, application
from tests.services.life import TOOL, Life

PERSON = "欧阳阿大"


async def in_the_clear(database: Database, name: str) -> list[str]:
    """The tables in which anybody who reads the database finds the name."""
    found = []
    async with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = (await session.execute(text(f'select * from "{table.name}"'))).all()
            escaped = name.encode("unicode_escape").decode()
            if any(name in str(value) or escaped in str(value) for row in rows for value in row):
                found.append(table.name)
    return found


async def opened(database: Database, desk: RoutingDesk, **given: Any) -> TicketRow:
    async with database.transaction() as session:
        return await tickets.open_ticket(session, desk, application(**given), by=TOOL, at=FRIDAY, key="k")


@pytest.mark.parametrize(
    "given",
    [
        {"facts": {"respondent_org": PERSON}},
        {"facts": {"respondent_org": PERSON}, "respondent": Applicant(PERSON)},
        {"facts": {"respondent_org": PERSON}, "respondent": Applicant(None, "13900000000")},
        {"respondent": Applicant(PERSON)},
    ],
)
async def test_a_person_is_a_party_and_stands_nowhere_else(
    database: Database, desk: RoutingDesk, given: dict[str, Any]
) -> None:
    row = await opened(database, desk, **given)
    assert row.respondent_org == ""
    assert row.facts.get("respondent_org", A_PERSON) == A_PERSON
    assert [(one.role, one.name) for one in row.parties] == [("applicant", "申请人"), ("respondent", PERSON)]
    assert await in_the_clear(database, PERSON) == []


async def test_an_organisation_may_be_read(database: Database, desk: RoutingDesk) -> None:
    named = await opened(database, desk, facts={"respondent_org": "某某建筑公司（二分公司）"})
    assert (named.respondent_org, len(named.parties)) == ("某某建筑公司（二分公司）", 1)
    assert "tickets" in await in_the_clear(database, "某某建筑公司")


@pytest.mark.parametrize(
    "name",
    ["东沟村委会", "东沟村村委会", "我们村委会", "东沟村经济合作社", "东沟村两委", "东沟大队", "一组", "东沟村第三组"],
)
async def test_a_case_against_the_village_is_not_its_own(database: Database, desk: RoutingDesk, name: str) -> None:
    """Whether anybody said what kind of party it is or not."""
    land = {"category": "land_forest", "subcategory": "encroachment", "facts": {}}
    row = await opened(database, desk, respondent=Applicant(name), **land)
    assert row.organisation
    assert (row.organisation.name, row.respondent_org) == ("青石镇司法所", name)
    assert "conflict_of_interest" in row.flags
    assert row.parties[1].kind == "village"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("某某建筑公司", "company"),
        ("青石镇人民政府", "government"),
        ("青石镇派出所", "government"),
        ("清和县交警大队", "organisation"),
        ("劳动保障监察大队", "organisation"),
        ("东沟村委会主任", ""),
        ("一组的老张", ""),
        ("李厂长", ""),
        ("欧阳阿大", ""),
    ],
)
def test_what_a_name_is_of(desk: RoutingDesk, name: str, kind: str) -> None:
    assert body_kind(name, desk.policy) == kind


async def test_a_village_that_is_named_later_steps_aside_too(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).open(category="land_forest", subcategory="encroachment", facts={})
    await life.add("party", role="respondent", name="东沟村委会")
    with pytest.raises(InvalidInput) as refusal:
        await life.move(Move.ACCEPT)
    assert refusal.value.code == "conflict_of_interest"
    await life.move(Move.ESCALATE)
    assert (await life.ticket()).tier == "judicial_office"


async def test_somebody_of_an_organisation_is_a_person(database: Database, desk: RoutingDesk) -> None:
    await opened(database, desk, facts={"respondent_org": f"某某公司的{PERSON}"})
    assert await in_the_clear(database, PERSON) == []
    assert [count_rules().is_organisation(name) for name in ("东沟村委会", "东沟村委会主任", "")] == [
        True,
        False,
        False,
    ]


async def test_routing_again_still_knows_that_somebody_else_is_named(database: Database, desk: RoutingDesk) -> None:
    """Without a name the village itself would be taken for the other side of such a case, and have to step aside."""
    about = {"category": "land_forest", "subcategory": "membership"}
    life = await Life(database, desk).open(**about, facts={"respondent_org": PERSON})
    await life.move(Move.ESCALATE)
    assert "conflict_of_interest" not in (await life.ticket()).flags
    assert await in_the_clear(database, PERSON) == []
