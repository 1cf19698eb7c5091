"""A day, week, month, quarter or year of local time, as written: 2026-10-05, 2026-W41, 2026-10, 2026-Q4, 2026."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput

YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Period:
    """`first` day up to, not including, `after`; `since` and `until` are the same as moments in UTC."""

    code: str
    kind: str
    first: date
    after: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Raises InvalidInput for what is no period."""
        for kind, (pattern, build) in READERS.items():
            if found := pattern.fullmatch(text.strip()):
                try:
                    return build(kind, *map(int, found.groups()))
                except (ValueError, OverflowError):
                    break
        raise InvalidInput("时间段写成 2026-10-05、2026-W41、2026-10、2026-Q4 或 2026", code="bad_period")

    @classmethod
    def of(cls, kind: str, day: date) -> "Period":
        """The period of this kind that holds the day."""
        iso = day.isocalendar()
        numbers = {
            "day": (day.year, day.month, day.day),
            "week": (iso.year, iso.week),
            "month": (day.year, day.month),
            "quarter": (day.year, (day.month + 2) // 3),
            "year": (day.year,),
        }[kind]
        return READERS[kind][1](kind, *numbers)

    @property
    def since(self) -> datetime:
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        return _midnight(self.after)

    @property
    def previous(self) -> "Period":
        return Period.of(self.kind, self.first - timedelta(days=1))

    @property
    def a_year_before(self) -> "Period":
        """The same month, quarter … of the year before; of a day, the same date (28 February for the 29th)."""
        if self.kind == "week":
            return Period.of("week", self.first - timedelta(weeks=52))
        day = min(self.first.day, 28) if self.first.month == 2 else self.first.day
        return Period.of(self.kind, self.first.replace(year=self.first.year - 1, day=day))

    @property
    def year(self) -> "Period":
        return Period.of("year", self.first)

    @property
    def zh(self) -> str:
        first, last = self.first, self.after - timedelta(days=1)
        match self.kind:
            case "day":
                return f"{first.year}年{first.month}月{first.day}日"
            case "week":
                return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"
            case "month":
                return f"{first.year}年{first.month}月"
            case "quarter":
                return f"{first.year}年第{'一二三四'[first.month // 3]}季度"
        return f"{first.year}年"

    def earlier(self, count: int) -> list["Period"]:
        """This one and those before it, oldest first."""
        found = [self]
        for _ in range(count - 1):
            found.append(found[-1].previous)
        return found[::-1]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def _day(kind: str, year: int, month: int, day: int) -> Period:
    first = date(_year(year), month, day)
    return Period(first.isoformat(), kind, first, first + timedelta(days=1))


def _week(kind: str, year: int, week: int) -> Period:
    first = date.fromisocalendar(_year(year), week, 1)
    return Period(f"{year}-W{week:02d}", kind, first, first + timedelta(weeks=1))


def _month(kind: str, year: int, month: int) -> Period:
    return Period(f"{year}-{month:02d}", kind, date(_year(year), month, 1), _month_after(year, month))


def _quarter(kind: str, year: int, quarter: int) -> Period:
    first = date(_year(year), quarter * 3 - 2, 1)
    return Period(f"{year}-Q{quarter}", kind, first, _month_after(year, quarter * 3))


def _whole_year(kind: str, year: int) -> Period:
    return Period(str(year), kind, date(_year(year), 1, 1), date(year + 1, 1, 1))


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _year(year: int) -> int:
    if year not in YEARS:
        raise ValueError(year)
    return year


READERS: dict[str, tuple[re.Pattern[str], Callable[..., Period]]] = {
    "day": (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), _day),
    "week": (re.compile(r"(\d{4})-[Ww](\d{1,2})"), _week),
    "month": (re.compile(r"(\d{4})-(\d{1,2})"), _month),
    "quarter": (re.compile(r"(\d{4})-[Qq]([1-4])"), _quarter),
    "year": (re.compile(r"(\d{4})"), _whole_year),
}
