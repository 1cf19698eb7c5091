from datetime import UTC, date, datetime

import pytest

from api.domain.deadline import LOCAL, WorkingCalendar, add_months, due_times, readable
from tests.domain.factories import decide, policy

CALENDAR = WorkingCalendar(
    days_off=frozenset({date(2026, 10, day) for day in range(1, 8)}),
    make_up_days=frozenset({date(2026, 10, 10)}),
    years=frozenset({2026}),
)


def local(day: int, hour: int = 10, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (local(12), 3, date(2026, 10, 15)),
        (local(30, month=9), 3, date(2026, 10, 10)),
        (local(16), 1, date(2026, 10, 19)),
    ],
)
def test_working_days_skip_holidays_and_count_make_up_days(start: datetime, days: int, end: date) -> None:
    due = CALENDAR.after_working_days(start, days)
    assert (due.date(), due.time()) == (end, CALENDAR.closes)


def test_nothing_falls_due_at_night_or_on_a_holiday() -> None:
    assert CALENDAR.in_office_hours(local(1, 23)) == datetime(2026, 10, 8, 17, 30, tzinfo=LOCAL)
    assert CALENDAR.in_office_hours(local(12, 3)) == datetime(2026, 10, 12, 17, 30, tzinfo=LOCAL)
    assert CALENDAR.in_office_hours(local(12, 11)) == local(12, 11)


def test_a_month_ends_on_the_last_day_of_a_short_one() -> None:
    assert add_months(datetime(2027, 1, 31, 9, tzinfo=LOCAL), 1).date() == date(2027, 2, 28)


@pytest.mark.parametrize(("year", "estimated"), [(2026, False), (2030, True)])
def test_a_year_without_data_is_marked_as_estimated(year: int, estimated: bool) -> None:
    values = {"warning_level": "general", "category": "neighbor"}
    due = due_times(values, policy(), datetime(year, 10, 12, tzinfo=UTC), CALENDAR)
    assert due["accept"].estimated is estimated


def test_readable_is_local_time() -> None:
    assert readable(datetime(2026, 11, 20, 1, 0, tzinfo=UTC)) == "11月20日（周五）09:00"


@pytest.mark.parametrize(
    ("facts", "key", "day", "word"),
    [
        ({"category": "neighbor"}, "accept", date(2026, 11, 25), "三个工作日"),
        ({"category": "neighbor"}, "first_contact", date(2026, 11, 23), "二十四小时"),
        ({"category": "neighbor"}, "mediate", date(2026, 12, 21), "一个月"),
        ({"category": "labor", "subcategory": "termination"}, "mediate", date(2026, 12, 7), "十五日"),
        ({"category": "neighbor", "wants_court": True}, "mediate", date(2026, 12, 21), "三十日"),
        ({"category": "land_forest", "people_involved": 100}, "accept", date(2026, 11, 20), "两小时"),
    ],
)
def test_due_times_follow_the_policy(facts: dict[str, object], key: str, day: date, word: str) -> None:
    due = decide(**facts)
    assert due.due[key].at.date() == day
    assert word in due.due[key].because
