from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import InvalidInput
from api.domain.period import READERS, Period

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


def test_a_month_begins_at_local_midnight() -> None:
    month = Period.parse("2026-10")
    assert month.since == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert month.until == datetime(2026, 10, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "zh", "previous", "a_year_before"),
    [
        ("2026-10-05", "2026年10月5日", "2026-10-04", "2025-10-05"),
        ("2024-02-29", "2024年2月29日", "2024-02-28", "2023-02-28"),
        ("2026-W01", "2025年12月29日至1月4日", "2025-W52", "2025-W01"),
        ("2026-01", "2026年1月", "2025-12", "2025-01"),
        ("2026-Q4", "2026年第四季度", "2026-Q3", "2025-Q4"),
        ("2026", "2026年", "2025", "2025"),
    ],
)
def test_kinds(code: str, zh: str, previous: str, a_year_before: str) -> None:
    period = Period.parse(code)
    assert (period.code, period.zh) == (code, zh)
    assert period.previous.code == previous
    assert period.a_year_before.code == a_year_before


@pytest.mark.parametrize("text", ["十月", "2026-13", "2026-02-30", "2026-W54", "2026-Q5", "1999", "2026/10", "20261"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(InvalidInput):
        Period.parse(text)


@given(day=DAYS, kind=st.sampled_from(sorted(READERS)))
def test_periods_of_one_kind_follow_each_other_without_gap(day: date, kind: str) -> None:
    period = Period.of(kind, day)
    assert period.first <= day < period.after
    assert period.previous.after == period.first
    assert Period.parse(period.code) == period
    assert period.a_year_before.first < period.previous.first or kind == "year"
    assert timedelta(days=360) <= period.first - period.a_year_before.first <= timedelta(days=367)


def test_the_months_of_half_a_year() -> None:
    found = [one.code for one in Period.parse("2026-03").earlier(6)]
    assert found == ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
