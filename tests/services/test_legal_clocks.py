"""Limits set by law on a ticket: the days of the calculator, what is asked, what to do when it is late."""

from datetime import date

import pytest

from api.domain.calendar import LOCAL
from api.domain.deadline import last_day
from api.domain.facts import DisputeFacts
from api.services import legal_clocks
from api.services.routing import RoutingDesk
from api.services.working_days import working_calendar
from knowledge_base.calculators import limitation
from knowledge_base.calculators.base import Context
from tests.domain.factories import FRIDAY

TODAY = FRIDAY.astimezone(LOCAL).date()
WAGES = {"category": "labor", "subcategory": "unpaid_wages"}


def told(desk: RoutingDesk, **facts: object) -> dict[str, dict[str, object]]:
    values = DisputeFacts.from_mapping(facts).values()
    found = legal_clocks.deadline.legal_clocks(values, desk.policy, FRIDAY, working_calendar())
    return {one["key"]: one for one in legal_clocks.legal_list(found, desk.policy, TODAY)}


def test_a_wage_ticket_shows_arbitration_and_hearing(desk: RoutingDesk) -> None:
    found = told(desk, **WAGES, event_date="2026-06-30")
    assert found["labour_arbitration"]["ends"] == "2027-06-30"
    assert found["labour_arbitration"]["basis"] == ["劳动争议调解仲裁法#第二十七条"]
    assert found["labour_arbitration"]["left_days"] == 222
    assert "四十五日" in str(found["labour_hearing"]["because"])
    assert (found["labour_hearing"]["ends"], found["labour_hearing"]["question"]) == (None, None)


@pytest.mark.parametrize("event", [None, "2027-01-01"], ids=["not known", "not yet"])
def test_what_is_not_known_is_asked(desk: RoutingDesk, event: str | None) -> None:
    found = told(desk, **WAGES, event_date=event)["labour_arbitration"]
    assert (found["starts"], found["ends"], found["left_days"]) == (None, None, None)
    assert "离职" in str(found["question"])


@pytest.mark.parametrize(
    ("event", "passed", "words"),
    [("2025-03-01", True, "法律援助"), ("2025-12-20", False, "递材料"), ("2026-11-01", False, "")],
)
def test_late_or_nearly_late_is_told_with_what_to_do(desk: RoutingDesk, event: str, passed: bool, words: str) -> None:
    found = told(desk, **WAGES, event_date=event)["labour_arbitration"]
    assert found["passed"] is passed
    assert words in str(found["advice"])
    assert bool(words) is bool(found["advice"])


@pytest.mark.parametrize(
    ("facts", "key", "ends"),
    [
        ({"category": "labor", "subcategory": "work_injury"}, "work_injury_employer", "2026-09-30"),
        ({"category": "labor", "subcategory": "work_injury"}, "work_injury", "2027-08-31"),
        ({"category": "land_forest", "subcategory": "contract_right"}, "land_arbitration", "2028-08-31"),
        ({"category": "consumer", "subcategory": "other"}, "general", "2029-08-31"),
        ({"category": "administrative", "subcategory": "other"}, "reconsideration", "2026-10-30"),
    ],
)
def test_every_limit_counts_from_the_day_it_happened(
    desk: RoutingDesk, facts: dict[str, str], key: str, ends: str
) -> None:
    assert told(desk, **facts, event_date="2026-08-31")[key]["ends"] == ends


def test_the_domain_and_the_calculator_agree(desk: RoutingDesk) -> None:
    calendar = working_calendar()
    context = Context({"clocks": limitation.clocks()}, TODAY, lambda day: not calendar.is_working(day))
    for rule in desk.policy.legal_clocks:
        for start in (date(2024, 2, 29), date(2025, 8, 31), date(2026, 1, 30), date(2026, 9, 1)):
            if rule.limit:
                result = limitation.calculate(limitation.Facts(rule.limit, start), context)
                assert last_day(start, rule.length, calendar) == result.days[limitation.LAST_DAY]
