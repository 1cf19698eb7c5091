"""Due times by the policy, over a working-day calendar that is handed in."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from api.domain.calendar import LOCAL, WorkingCalendar
from api.domain.policy import DeadlineRule, LegalClockRule, Policy

__all__ = [
    "LOCAL",
    "Due",
    "LegalClock",
    "WorkingCalendar",
    "add_months",
    "due_at",
    "due_times",
    "legal_clocks",
    "readable",
]
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Due:
    """`estimated`: the calendar has no holiday data for that year."""

    key: str
    zh: str
    at: datetime
    because: str
    basis: tuple[str, ...] = ()
    estimated: bool = False

    @property
    def text(self) -> str:
        return f"{readable(self.at)}前{self.zh}"


@dataclass(frozen=True)
class LegalClock:
    """`limit` names it in the calculator, empty for what is only told; `ends` is None while `start` is not known."""

    key: str
    zh: str
    because: str
    basis: tuple[str, ...] = field(default=())
    limit: str = ""
    start: date | None = None
    ends: date | None = None
    passed: bool = False


def readable(at: datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def due_at(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> datetime:
    end = after(start, rule.amount, rule.unit, calendar)
    return calendar.in_office_hours(end) if rule.roll else end


def after(start: datetime, amount: int, unit: str, calendar: WorkingCalendar) -> datetime:
    """`unit`: minutes, hours, days, months, or working_days (which end when the office closes)."""
    match unit:
        case "working_days":
            return calendar.after_working_days(start, amount)
        case "months":
            return add_months(start, amount)
        case _:
            return start.astimezone(LOCAL) + timedelta(**{unit: amount})


def add_months(start: datetime, months: int) -> datetime:
    local = start.astimezone(LOCAL)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def due_times(values: Mapping[str, Any], policy: Policy, start: datetime, calendar: WorkingCalendar) -> dict[str, Due]:
    """The first matching rule of each key wins, so exceptions stand before the ordinary case."""
    found: dict[str, Due] = {}
    for rule in policy.deadlines:
        if rule.key not in found and rule.holds(values):
            at = due_at(rule, start, calendar)
            found[rule.key] = Due(rule.key, rule.zh, at, rule.because, rule.basis, not calendar.knows(at.date()))
    return {key: due for key, due in found.items() if due.zh}


def legal_clocks(
    values: Mapping[str, Any], policy: Policy, at: datetime, calendar: WorkingCalendar
) -> tuple[LegalClock, ...]:
    """A day of the event that has not come yet says nothing about its limits."""
    today = at.astimezone(LOCAL).date()
    event: date | None = values.get("event_date")
    start = event if event and event <= today else None
    return tuple(_legal(rule, start, today, calendar) for rule in policy.legal_clocks if rule.holds(values))


def _legal(rule: LegalClockRule, event: date | None, today: date, calendar: WorkingCalendar) -> LegalClock:
    start = event if rule.length else None
    ends = last_day(start, rule.length, calendar) if start else None
    passed = ends is not None and ends < today
    return LegalClock(rule.key, rule.zh, rule.because, rule.basis, rule.limit, start, ends, passed)


def last_day(start: date, length: Mapping[str, int], calendar: WorkingCalendar) -> date:
    """The day of the start is not counted; a last day off moves to the next working day (民法典 201-203)."""
    months = length.get("years", 0) * 12 + length.get("months", 0)
    end = add_months(datetime.combine(start, time(), LOCAL), months).date() + timedelta(days=length.get("days", 0))
    while not calendar.is_working(end):
        end += timedelta(days=1)
    return end
