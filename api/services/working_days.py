"""The working-day calendar with 调休, handed to the domain as plain values."""

from datetime import time
from functools import cache
from pathlib import Path

from chinese_calendar.constants import holidays, workdays

from api.domain.calendar import WorkingCalendar
from knowledge_base.clocks import load_calendar

COUNTY_FILE = "calendar.yml"


class County:
    """Where this county keeps its own days; set once when a process starts."""

    folder: Path | None = None

    @classmethod
    def use(cls, folder: Path) -> None:
        cls.folder = folder
        working_calendar.cache_clear()


@cache
def working_calendar() -> WorkingCalendar:
    """The library's days, changed by the county's. Years outside both count Monday to Friday and are estimated."""
    ours = load_calendar(County.folder / COUNTY_FILE if County.folder else None)
    days_off, make_up = frozenset(holidays) | ours.days_off, frozenset(workdays) | ours.make_up_days
    return WorkingCalendar(
        days_off,
        make_up - ours.days_off,
        frozenset(day.year for day in holidays) | ours.years,
        tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in ours.office_hours),
    )
