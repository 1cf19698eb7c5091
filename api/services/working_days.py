"""The working-day calendar with 调休, handed to the domain as plain values."""

from functools import cache

from chinese_calendar.constants import holidays, workdays

from api.domain.deadline import WorkingCalendar


@cache
def working_calendar() -> WorkingCalendar:
    """Years outside the library's data count Monday to Friday, and their due times say that they are estimated."""
    days_off, make_up = frozenset(holidays), frozenset(workdays)
    return WorkingCalendar(days_off, make_up, frozenset(day.year for day in days_off))
