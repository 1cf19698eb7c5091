"""When a citizen says it happened: 去年腊月, 上个月, 2024年3月, 三年前 → first and last day, both included.

Lunar months are computed from the civil date of each Chinese New Year and the mean length of a lunar month, with the
leap months listed; the result may be off by a day, which does no harm to a narrative or a limitation check.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.numbers import parse

_WORDS = yaml.safe_load(
    (Path(__file__).resolve().parent.parent / "nlu_data" / "lookups" / "dates.yml").read_text(encoding="utf-8")
)
_YEARS, _MONTHS, _DAYS, _WEEKS = (_WORDS[name] for name in ("years", "months", "days", "weeks"))
_SEASONS, _FESTIVALS = _WORDS["seasons"], _WORDS["festivals"]
_LUNAR_FESTIVALS, _LUNAR_MONTHS = _WORDS["lunar_festivals"], _WORDS["lunar_months"]
_LUNAR = {int(day[:4]): (date.fromisoformat(day), leap) for row in _WORDS["new_years"] for day, leap in row.items()}
_MEAN_MONTH = 29.530588
_WEEKDAYS = {c: n for n, cs in enumerate(["一1", "二2", "三3", "四4", "五5", "六6", "日天7"]) for c in cs}

_N = r"[\d零〇一二两三四五六七八九十]+"


def _any(names: dict[str, Any]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_YEAR_NUMBER = r"(?:19|20)\d\d|[一二][零〇九]?[零〇一二三四五六七八九]{2,3}|(?<!\d)[012]\d"
_YEAR = rf"(?P<year>{_YEAR_NUMBER})年|(?P<ryear>{_any(_YEARS)})"
_SPOKEN_DAY = "十[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十"
_DAY_OF_MONTH = rf"(?P<day>初{_N}|{_N}(?=[日号])|(?<=月)(?:{_SPOKEN_DAY})(?![个多几万千百]))[日号]?"
_PART = r"(?P<part>上旬|中旬|下旬|月初|初(?![一二三四五六七八九十])|月中|月底|底|末)"
_MONTH = rf"(?P<month>{_N})月(?:份)?|(?P<lunar>正月|冬月|腊月)|(?:农历|阴历)(?P<lmonth>{_N})月"
_AGO = rf"(?P<n>{_N}|半)(?P<half>个半)?个?(?P<ago>年半|年|月|星期|礼拜|周|天|日)(?:多)?(?:以)?[前之]前?(?!后)"

PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<iso>(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9]))(?!\d)",
        _AGO,
        rf"(?:{_YEAR})的?(?P<festival>{_any({**_FESTIVALS, **_LUNAR_FESTIVALS})})",
        rf"(?:{_YEAR})的?(?P<season>{_any(_SEASONS)}|[底初末](?=[^一二三四五六七八九十]|$))",
        rf"(?:{_YEAR})的?(?:{_MONTH})(?:(?:的)?(?:{_DAY_OF_MONTH}|{_PART}))?",
        rf"(?:{_YEAR})(?!级|龄|纪)",
        rf"(?P<rmonth>{_any(_MONTHS)})(?:的)?(?:{_DAY_OF_MONTH.replace('(?<=月)', '')}|{_PART})?",
        rf"(?<!\d)(?:{_MONTH})(?:份)?(?:(?:的)?(?:{_DAY_OF_MONTH}|{_PART}))",
        rf"(?<![\d个半])(?P<lunar>正月|冬月|腊月)|(?:农历|阴历)(?P<lmonth>{_N})月|(?<![\d个半第])(?P<month>{_N})月份?(?!子|嫂|饼|亮)",
        r"(?P<week>上上|下下|上|这|本|下)个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])?",
        rf"(?P<rday>{_any(_DAYS)})",
        rf"(?P<festival>{_any({**_FESTIVALS, **_LUNAR_FESTIVALS})})(?:前后|的时候|那天|期间|节)",
        rf"(?P<season>{_any(_SEASONS)})",
        rf"(?<![\d.第一二三四五六七八九十])(?P<day>{_N})[号](?![楼院地块线门机院人])",
    )
)


@dataclass(frozen=True)
class Period:
    """First and last day, both included."""

    first: date
    last: date

    def as_value(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def find(text: str, today: date) -> list[tuple[int, int, Period]]:
    """Every time expression that does not overlap an earlier pattern's: (start, end, period)."""
    found: list[tuple[int, int, Period]] = []
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            free = all(match.end() <= start or match.start() >= end for start, end, _ in found)
            period = _period(match.groupdict(), today) if free else None
            if period is not None:
                found.append((match.start(), match.end(), period))
    return sorted(found, key=lambda item: item[0])


def _period(parts: dict[str, str | None], today: date) -> Period | None:
    try:
        for name, resolve in _RESOLVERS:
            if parts.get(name):
                return resolve({key: value or "" for key, value in parts.items()}, today)
    except ValueError:
        return None
    return None


def _iso(parts: dict[str, str], _: date) -> Period:
    year, month, day = (int(piece) for piece in re.split(r"[-/.]", parts["iso"]))
    return _one_day(date(year, month, day))


def _ago(parts: dict[str, str], today: date) -> Period:
    amount = (parse(parts["n"]) or _fail()).value + (0.5 if parts["half"] or parts["ago"] == "年半" else 0)
    if parts["ago"] in ("天", "日"):
        return _one_day(today - timedelta(days=round(amount)))
    if parts["ago"] in ("星期", "礼拜", "周"):
        day = today - timedelta(days=round(amount * 7))
        return Period(day - timedelta(days=3), day + timedelta(days=3))
    if parts["ago"] == "月" and amount < 1:
        day = today - timedelta(days=15)
        return Period(day - timedelta(days=3), day + timedelta(days=3))
    months = round(amount * (12 if parts["ago"].startswith("年") else 1))
    if parts["ago"] == "年" and amount >= 1:
        return _whole_year(today.year - int(amount))
    return _shifted_month(today, -months)


def _festival(parts: dict[str, str], today: date) -> Period:
    name, year = parts["festival"], _year(parts, today)
    if name in _FESTIVALS:
        month, day = _FESTIVALS[name]
        chosen = date(today.year if year is None else year, month, day)
        if year is None and chosen > today:
            chosen = date(today.year - 1, month, day)
        return Period(chosen, chosen + timedelta(days=6 if name in ("国庆", "十一") else 2))
    month, day = _LUNAR_FESTIVALS[name]
    first = _lunar_month(_lunar_year_of(month, year, today), month).first + timedelta(days=day - 1)
    return Period(
        first - timedelta(days=7 if name == "过年" else 0), first + timedelta(days=7 if name in ("过年", "春节") else 1)
    )


def _season(parts: dict[str, str], today: date) -> Period:
    year, name = _year(parts, today), parts["season"]
    first, last = _SEASONS[name] if name in _SEASONS else _SEASONS["年初" if name == "初" else "年底"]
    chosen = today.year if year is None else year
    if year is None and date(chosen, first, 1) > today:
        chosen -= 1
    end_year, end_month = (chosen + 1, last - 12) if last > 12 else (chosen, last)
    return Period(date(chosen, first, 1), date(end_year, end_month, monthrange(end_year, end_month)[1]))


def _lunar(parts: dict[str, str], today: date) -> Period:
    month = _LUNAR_MONTHS[parts["lunar"]] if parts.get("lunar") else (parse(parts["lmonth"]) or _fail()).whole
    year = _lunar_year_of(month, _year(parts, today), today)
    return _part_of(_lunar_month(year, month), parts)


def _month(parts: dict[str, str], today: date) -> Period:
    month, year = (parse(parts["month"]) or _fail()).whole, _year(parts, today)
    if not 1 <= month <= 12:
        raise ValueError(month)
    if parts.get("day", "").startswith("初"):  # 三月初八 is said of the lunar calendar only
        return _part_of(_lunar_month(_lunar_year_of(month, year, today), month), parts)
    chosen = today.year if year is None else year
    if year is None and date(chosen, month, 1) > today:
        chosen -= 1
    return _part_of(_whole_month(chosen, month), parts)


def _relative_month(parts: dict[str, str], today: date) -> Period:
    return _part_of(_shifted_month(today, _MONTHS[parts["rmonth"]]), parts)


def _relative_week(parts: dict[str, str], today: date) -> Period:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_WEEKS[parts["week"]])
    if parts["weekday"]:
        return _one_day(monday + timedelta(days=_WEEKDAYS[parts["weekday"]]))
    return Period(monday, monday + timedelta(days=6))


def _relative_day(parts: dict[str, str], today: date) -> Period:
    return _one_day(today + timedelta(days=_DAYS[parts["rday"]]))


def _year_only(parts: dict[str, str], today: date) -> Period:
    return _whole_year(_year(parts, today) or _fail())


def _day_only(parts: dict[str, str], today: date) -> Period:
    """A bare 5号 is the last one that has passed, as stories are told."""
    day = (parse(parts["day"]) or _fail()).whole
    month = _whole_month(today.year, today.month)
    if day > today.day:
        month = _shifted_month(today, -1)
    return _one_day(month.first.replace(day=day))


_RESOLVERS = (
    ("iso", _iso),
    ("ago", _ago),
    ("festival", _festival),
    ("season", _season),
    ("lunar", _lunar),
    ("lmonth", _lunar),
    ("month", _month),
    ("rmonth", _relative_month),
    ("week", _relative_week),
    ("rday", _relative_day),
    ("year", _year_only),
    ("ryear", _year_only),
    ("day", _day_only),
)


def _year(parts: dict[str, str], today: date) -> int | None:
    if parts.get("ryear"):
        return today.year + _YEARS[parts["ryear"]]
    if not parts.get("year"):
        return None
    value = (parse(parts["year"]) or _fail()).whole
    return value if value >= 100 else 2000 + value


def _lunar_year_of(month: int, said_year: int | None, today: date) -> int:
    """去年腊月 belongs to the lunar year; without a year the last such month that has begun is meant."""
    current = today.year if today >= _LUNAR.get(today.year, (date(today.year, 2, 5), 0))[0] else today.year - 1
    if said_year is not None:
        return current + (said_year - today.year)
    return current if _lunar_month(current, month).first <= today else current - 1


def _lunar_month(year: int, month: int) -> Period:
    if year not in _LUNAR or year + 1 not in _LUNAR or not 1 <= month <= 12:
        raise ValueError(year, month)
    new_year, leap = _LUNAR[year]
    starts = [new_year + timedelta(days=round(_MEAN_MONTH * (n - 1 + (0 < leap < n)))) for n in (month, month + 1)]
    last = _LUNAR[year + 1][0] if month == 12 else starts[1]
    first = _LUNAR[year + 1][0] - timedelta(days=30) if month == 12 else starts[0]
    return Period(first, last - timedelta(days=1))


def _part_of(month: Period, parts: dict[str, str]) -> Period:
    if parts.get("day"):
        day = (parse(parts["day"].lstrip("初")) or _fail()).whole
        if not 1 <= day <= 31:
            raise ValueError(day)
        return _one_day(min(month.first + timedelta(days=day - 1), month.last))
    part = parts.get("part", "")
    if part in ("上旬", "月初", "初"):
        return Period(month.first, month.first + timedelta(days=9))
    if part in ("中旬", "月中"):
        return Period(month.first + timedelta(days=10), month.first + timedelta(days=19))
    if part in ("下旬", "月底", "底", "末"):
        return Period(month.first + timedelta(days=20), month.last)
    return month


def _one_day(day: date) -> Period:
    return Period(day, day)


def _whole_year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def _whole_month(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _shifted_month(today: date, months: int) -> Period:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return _whole_month(year, month + 1)


def _fail() -> None:
    raise ValueError
