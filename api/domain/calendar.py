"""Working days and office hours: which days count is data (a library for the country, a file for the county)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingCalendar:
    """Monday to Friday, except `days_off`, plus `make_up_days` (调休). Years outside `years` are only estimated.

    `hours`: when the office is open, in order; what lies between them is the lunch break.
    """

    days_off: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(17, 30)),)

    @property
    def opens(self) -> time:
        return self.hours[0][0]

    @property
    def closes(self) -> time:
        return self.hours[-1][1]

    def is_working(self, day: date) -> bool:
        return day in self.make_up_days or (day.weekday() < 5 and day not in self.days_off)

    def knows(self, day: date) -> bool:
        return day.year in self.years

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(LOCAL)
        return self.is_working(local.date()) and any(opens <= local.time() <= closes for opens, closes in self.hours)

    def after_working_days(self, at: datetime, days: int) -> datetime:
        """Closing time of the n-th working day after the day of `at`."""
        day = at.astimezone(LOCAL).date()
        while days > 0:
            day += DAY
            days -= self.is_working(day)
        return datetime.combine(day, self.closes, LOCAL)

    def in_office_hours(self, at: datetime) -> datetime:
        """`at` itself inside office hours, otherwise the end of that or the next office day: nothing falls due at night
        or at lunch."""
        local = at.astimezone(LOCAL)
        if self.is_open(local):
            return local
        day = local.date()
        day += DAY * (local.time() > self.closes)
        while not self.is_working(day):
            day += DAY
        return datetime.combine(day, self.closes, LOCAL)

    def next_open(self, at: datetime) -> datetime:
        """`at` itself inside office hours, otherwise when the office opens next: nobody is reminded at midnight."""
        local = at.astimezone(LOCAL)
        if self.is_open(local):
            return local
        return next(opens for opens, _ in self._shifts(local.date()) if opens > local)

    def working_time(self, since: datetime, until: datetime) -> timedelta:
        """How long the office is open between the two; zero when `until` is not later."""
        total, last = timedelta(), until.astimezone(LOCAL)
        if last <= since:
            return total
        for opens, closes in self._shifts(since.astimezone(LOCAL).date()):
            if opens >= last:
                return total
            total += max(min(closes, last) - max(opens, since), timedelta())
        return total

    def working_days_between(self, since: datetime, until: datetime) -> int:
        """Working days after the day of `since`, up to and including the day of `until`."""
        day, last, count = since.astimezone(LOCAL).date(), until.astimezone(LOCAL).date(), 0
        while day < last:
            day += DAY
            count += self.is_working(day)
        return count

    def after_working_time(self, since: datetime, needed: timedelta) -> datetime:
        """The moment when the office will have been open for so long."""
        for opens, closes in self._shifts(since.astimezone(LOCAL).date()):
            begin = max(opens, since)
            if closes - begin >= needed:
                return max(begin, opens) + needed
            needed -= max(closes - begin, timedelta())
        raise AssertionError("shifts never end")

    def _shifts(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Every opening of the office from this day on, without end."""
        while True:
            if self.is_working(day):
                for opens, closes in self.hours:
                    yield datetime.combine(day, opens, LOCAL), datetime.combine(day, closes, LOCAL)
            day += DAY
