"""Due times over a working-day calendar that is handed in (days off and make-up working days are data)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from api.domain.policy import DeadlineRule, Policy

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class WorkingCalendar:
    """Monday to Friday, except `days_off`, plus `make_up_days` (调休). Years outside `years` are only estimated."""

    days_off: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    opens: time = time(8, 30)
    closes: time = time(17, 30)

    def is_working(self, day: date) -> bool:
        return day in self.make_up_days or (day.weekday() < 5 and day not in self.days_off)

    def knows(self, day: date) -> bool:
        return day.year in self.years

    def after_working_days(self, at: datetime, days: int) -> datetime:
        """Closing time of the n-th working day after the day of `at`."""
        day = at.astimezone(LOCAL).date()
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return datetime.combine(day, self.closes, LOCAL)

    def in_office_hours(self, at: datetime) -> datetime:
        """`at` itself inside office hours, otherwise the end of the next office day: nothing falls due at night."""
        local = at.astimezone(LOCAL)
        day = local.date()
        if self.is_working(day) and self.opens <= local.time() <= self.closes:
            return local
        day += timedelta(days=local.time() > self.closes)
        while not self.is_working(day):
            day += timedelta(days=1)
        return datetime.combine(day, self.closes, LOCAL)


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
    """`ends` is None while the day of the event is not known."""

    key: str
    zh: str
    because: str
    basis: tuple[str, ...] = field(default=())
    ends: date | None = None
    passed: bool = False


def readable(at: datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def due_at(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> datetime:
    match rule.unit:
        case "working_days":
            return calendar.after_working_days(start, rule.amount)
        case "months":
            end = add_months(start, rule.amount)
        case unit:
            end = start.astimezone(LOCAL) + timedelta(**{unit: rule.amount})
    return calendar.in_office_hours(end) if rule.roll else end


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


def legal_clocks(values: Mapping[str, Any], policy: Policy, at: datetime) -> tuple[LegalClock, ...]:
    today = at.astimezone(LOCAL).date()
    event: date | None = values.get("event_date")
    clocks = []
    for rule in policy.legal_clocks:
        if rule.holds(values):
            ends = event + timedelta(days=rule.days) if event else None
            passed = ends is not None and ends < today
            clocks.append(LegalClock(rule.key, rule.zh, rule.because, rule.basis, ends, passed))
    return tuple(clocks)
