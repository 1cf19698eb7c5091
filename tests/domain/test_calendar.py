"""Office hours with a lunch break, holidays and make-up days."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.calendar import LOCAL, WorkingCalendar

# 1-7 October 2026 are holidays, Saturday the 10th is worked instead.
CALENDAR = WorkingCalendar(
    days_off=frozenset({date(2026, 10, day) for day in range(1, 8)}),
    make_up_days=frozenset({date(2026, 10, 10)}),
    years=frozenset({2026}),
    hours=((time(8, 30), time(12)), (time(14), time(17, 30))),
)
START = datetime(2026, 9, 20, tzinfo=LOCAL)
MOMENTS = st.integers(0, 42 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def local(day: int, hour: int = 10, minute: int = 0, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (local(12, 10), local(12, 10)),
        (local(12, 12, 30), local(12, 14)),
        (local(12, 23, 59), local(13, 8, 30)),
        (local(9, 18), local(10, 8, 30)),
        (local(30, 18, month=9), local(8, 8, 30)),
    ],
    ids=["open", "lunch", "midnight", "make-up Saturday", "holiday"],
)
def test_nobody_is_reminded_outside_office_hours(at: datetime, opens: datetime) -> None:
    assert CALENDAR.next_open(at) == opens


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        (local(12, 9), local(12, 11), 2),
        (local(12, 11), local(12, 15), 2),
        (local(9, 17), local(10, 9), 1),
        (local(30, 17, month=9), local(8, 9), 1),
        (local(12, 19), local(13, 3), 0),
        (local(13, 9), local(12, 9), 0),
    ],
    ids=["morning", "over lunch", "into a make-up day", "over the holiday", "night", "backwards"],
)
def test_working_time_leaves_out_lunch_nights_and_holidays(since: datetime, until: datetime, hours: float) -> None:
    assert CALENDAR.working_time(since, until) == timedelta(hours=hours)


def test_working_days_between_count_the_make_up_day() -> None:
    assert CALENDAR.working_days_between(local(30, month=9), local(11)) == 3


@given(MOMENTS, st.integers(1, 80))
def test_after_so_much_working_time_so_much_has_passed(since: datetime, hours: int) -> None:
    until = CALENDAR.after_working_time(since, timedelta(hours=hours))
    assert CALENDAR.working_time(since, until) == timedelta(hours=hours)
    assert CALENDAR.is_open(until)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    assert CALENDAR.working_time(first, middle) + CALENDAR.working_time(middle, last) == CALENDAR.working_time(
        first, last
    )
