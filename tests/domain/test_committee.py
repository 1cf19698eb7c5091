"""What a people's mediation committee lacks: numbers of the law, seats, term, and the county's checklist."""

from datetime import date
from typing import Any

import pytest

from api.domain.committee import Register, Seat, gaps, term_end
from api.services.directory_rules import directory_rules

RULES = directory_rules().committee
TODAY = date(2026, 11, 20)
FIVE = [Seat("director", False), Seat("member", True), *[Seat("member", False)] * 3]
FULL = Register(5, date(2025, 3, 1), checklist=frozenset(RULES.checklist))


def lacking(register: Register | None = FULL, seats: list[Seat] = FIVE) -> list[str]:
    return [gap.code for gap in gaps(register, seats, RULES, TODAY)]


def changed(**fields: Any) -> Register:
    return Register(**({"seats": 5, "elected_on": date(2025, 3, 1), "checklist": FULL.checklist} | fields))


def test_a_committee_in_order_lacks_nothing() -> None:
    assert lacking() == []


@pytest.mark.parametrize(
    ("register", "seats", "codes"),
    [
        (None, FIVE, ["no_register"]),
        (changed(seats=2), FIVE[:2], ["seats"]),
        (changed(seats=10), [FIVE[0], *[Seat("member", True)] * 9], ["seats"]),
        (changed(seats=3), [*FIVE[:2], FIVE[2]], []),
        (changed(seats=9), [FIVE[0], *[Seat("member", True)] * 8], []),
        (changed(seats=7), FIVE, ["vacant"]),
        (changed(), [Seat("member", True)] * 5, ["no_director"]),
        (changed(), [Seat("director", True)] * 2 + FIVE[2:], ["many_directors"]),
        (changed(), [FIVE[0], *[Seat("member", False)] * 4], ["no_woman"]),
        (changed(elected_on=None), FIVE, ["no_election"]),
        (changed(elected_on=date(2023, 11, 20)), FIVE, []),
        (changed(elected_on=date(2023, 11, 19)), FIVE, ["term_over"]),
        (changed(term_ends_on=date(2026, 1, 1)), FIVE, ["term_over"]),
        (changed(multi_ethnic=True), FIVE, ["no_minority"]),
        (changed(multi_ethnic=True, minority_member=True), FIVE, []),
        (changed(checklist=FULL.checklist - {"has_seal"}), FIVE, ["unchecked"]),
    ],
)
def test_gaps(register: Register | None, seats: list[Seat], codes: list[str]) -> None:
    assert lacking(register, seats) == codes


def test_every_gap_says_what_and_why() -> None:
    for gap in gaps(None, [], RULES, TODAY):
        assert gap.text
        assert gap.basis


def test_a_term_that_began_on_a_leap_day() -> None:
    assert term_end(date(2024, 2, 29), RULES) == date(2027, 2, 28)


def test_eight_and_six() -> None:
    codes = list(RULES.checklist)
    assert (sum(code.startswith("has_") for code in codes), sum(code.startswith("same_") for code in codes)) == (8, 6)
