"""Lunar months and days of China's calendar, 1900 to 2100, from borax."""

from __future__ import annotations

from datetime import date, timedelta

from borax.calendars.lunardate import LCalendars, LunarDate

FIRST_YEAR, LAST_YEAR = 1900, 2100


def year_of(today: date) -> int:
    """The lunar year a day belongs to: it turns at Chinese New Year."""
    return int(LunarDate.from_solar(today).year)


def has_leap(year: int, number: int) -> bool:
    """Whether that year has a leap month after month `number`."""
    return FIRST_YEAR < year < LAST_YEAR and LCalendars.leap_month(year) == number


def month(year: int, number: int, leap: bool = False) -> tuple[date, date]:
    """First and last day; raises ValueError for a month that year does not have."""
    if not FIRST_YEAR < year < LAST_YEAR or not 1 <= number <= 12 or (leap and not has_leap(year, number)):
        raise ValueError(year, number, leap)
    first: date = LunarDate(year, number, 1, int(leap)).to_solar_date()
    return first, first + timedelta(days=LCalendars.ndays(year, number, int(leap)) - 1)
