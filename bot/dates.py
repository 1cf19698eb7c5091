"""When a citizen says it happened: 去年腊月, 上个月, 2024年3月, 三年前 → first and last day, both included.

The words and how far they reach are data (`nlu_data/lookups/dates.yml`); lunar months come from `bot.lunar`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot import lunar
from bot.numbers import parse

_WORDS = yaml.safe_load(
    (Path(__file__).resolve().parent.parent / "nlu_data" / "lookups" / "dates.yml").read_text(encoding="utf-8")
)
_YEARS, _MONTHS, _DAYS, _WEEKS = (_WORDS[name] for name in ("years", "months", "days", "weeks"))
_SEASONS, _FESTIVALS = _WORDS["seasons"], _WORDS["festivals"]
_LUNAR_FESTIVALS, _LUNAR_MONTHS = _WORDS["lunar_festivals"], _WORDS["lunar_months"]
_AROUND, _VAGUE = _WORDS["around"], _WORDS["vague"]
_WEEKDAYS = {c: n for n, cs in enumerate(["一1", "二2", "三3", "四4", "五5", "六6", "日天7"]) for c in cs}

_N = r"[\d零〇一二两三四五六七八九十]+"


def _any(names: dict[str, Any]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_HAN = "一二三四五六七八九"
_LASTING = r"多|以上|时间|来|工|牢|刑|半|前|之前|以前"
# 一九, 零八, 九三 name a year; 七八年 and 二三年 are lengths of time.
_HAN_PAIRS = "|".join(
    a + b for a in "零〇一二六七八九" for b in _HAN if a in "零〇" or _HAN.index(b) - _HAN.index(a) != 1
)
_DATED = rf"年的?(?:\d{{1,2}}月|[{_HAN}十]{{1,2}}月|[底初末春夏秋冬])"
_YEAR_NUMBER = (
    r"(?:19|20)\d\d|(?:一九|二[零〇])[零〇一二三四五六七八九]{2}"
    rf"|(?<![\d.])[012]\d(?={_DATED})"
    rf"|(?<![\d.了过满近共整干够达坐服])(?:0\d|[6-9][1-9]|[12][1-46-9])(?=年(?!{_LASTING}))"
    rf"|(?<![\d零〇{_HAN}两十百千了过满])(?:{_HAN_PAIRS})(?=年(?!{_LASTING}))"
)
_YEAR = rf"(?P<year>{_YEAR_NUMBER})年|(?<![床路山坡])(?P<ryear>{_any(_YEARS)})"
_SPOKEN_DAY = "十[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十"
_DAY_OF_MONTH = rf"(?P<day>初{_N}|{_N}(?=[日号])|(?<=月)(?:{_SPOKEN_DAY})(?![个多几万千百块元亩人户]))[日号]?"
_PART = r"(?P<part>上旬|中旬|下旬|月初|初(?![一二三四五六七八九十])|月中|月底|底|末)"
_LUNAR_NAME = r"(?P<lunar>正月|冬月|腊月)|(?:农历|阴历)(?P<lmonth>" + _N + r")月|闰(?P<leap>" + _N + r")月"
_MONTH = rf"(?P<month>{_N})月(?:份)?|{_LUNAR_NAME}"
# 3月1日前 and 2025年8月前 say by when, not how long ago.
_AGO = (
    rf"(?<![年月\d零〇一二两三四五六七八九十])(?P<n>{_N}|半)(?P<half>个半)?个?"
    r"(?P<ago>年半|年|月|星期|礼拜|周|天|日)(?:多)?(?:以)?[前之]前?(?!后)"
)
_FILL = rf"(?:{_any(_WORDS['fillers'])})"
_BESIDE = rf"(?P<around>{_any(_AROUND)})(?![天年])"
_ANY_FESTIVAL = _any({**_FESTIVALS, **_LUNAR_FESTIVALS})
_NO_DATE_BEHIND = r"(?![月日号个])"
# 一月四千 is a wage, no January; 每月20号 is every month's, no day.
_NOT_A_WAGE = (
    r"(?!一月[份]?(?:才|就|能|给|拿|挣|赚|开|发|是|有|工资|大概|差不多){0,3}[\d两二三四五六七八九一]+[百千万\d])"
)
_NOT_EVERY = r"(?<!每月)(?<!每个月)(?<!次月)(?<!当月)"

PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<iso>(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9]))(?!\d)",
        rf"(?P<n>{_N})(?P<ago>年)前的?(?:(?P<season>{_any(_SEASONS)})|(?P<month>{_N})月)",
        rf"(?P<vague>{_any(_VAGUE)})",
        _AGO,
        rf"(?:(?:{_YEAR})的?)?大年初(?P<newyear>[{_HAN}十]){_FILL}?",
        rf"(?:{_YEAR})的?(?P<festival>{_ANY_FESTIVAL}){_NO_DATE_BEHIND}(?:{_FILL}|{_BESIDE})?",
        rf"(?:{_YEAR})的?(?P<season>{_any(_SEASONS)}|[底初末](?=[^一二三四五六七八九十]|$)){_FILL}?",
        rf"(?:{_YEAR})的?(?:{_MONTH})(?:(?:的)?(?:{_DAY_OF_MONTH}|{_PART}))?",
        rf"(?:{_YEAR})(?![级龄纪代货画轻薪租终]){_FILL}?",
        rf"(?P<rmonth>{_any(_MONTHS)})(?:的)?(?:{_DAY_OF_MONTH.replace('(?<=月)', '')}|{_PART})?",
        rf"(?P<festival>{_any(dict.fromkeys(_WORDS['bare']))}){_NO_DATE_BEHIND}(?:{_FILL}|{_BESIDE})?",
        rf"(?<!\d)(?:{_MONTH})(?:份)?(?:(?:的)?(?:{_DAY_OF_MONTH}|{_PART}))(?:{_FILL})?",
        rf"(?<![\d个半]){_LUNAR_NAME}|(?<![\d个半第]){_NOT_A_WAGE}(?P<month>{_N})月份?(?!子|嫂|饼|亮)",
        r"(?P<week>上上|下下|上|这|本|下)个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])?",
        rf"(?P<rday>{_any(_DAYS)})",
        rf"(?P<festival>{_ANY_FESTIVAL})(?:{_FILL}|{_BESIDE})",
        rf"(?P<season>{_any(_SEASONS)}){_FILL}?",
        r"(?<![每各个\d一二三四五六七八九十上下这本])(?P<rpart>月[初中底])",
        rf"{_NOT_EVERY}(?<![\d.第一二三四五六七八九十])(?P<day>{_N})[号](?![楼院地块线门机院人])",
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
    except (ValueError, OverflowError):  # the thirteenth month, 99999 years ago
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
    month, day, before, after = {**_FESTIVALS, **_LUNAR_FESTIVALS}[name]
    if name in _FESTIVALS:
        chosen = date(today.year if year is None else year, month, day)
        if year is None and chosen > today:
            chosen = date(today.year - 1, month, day)
    else:
        first, last = lunar.month(_lunar_year_of(month, year, today), month)
        chosen = min(first + timedelta(days=day - 1), last)
    if parts.get("around"):
        since, until = _AROUND[parts["around"]]
        return Period(chosen + timedelta(days=since), chosen + timedelta(days=until))
    return Period(chosen - timedelta(days=before), chosen + timedelta(days=after))


def _new_year_days(parts: dict[str, str], today: date) -> Period:
    day = (parse(parts["newyear"]) or _fail()).whole
    return _one_day(lunar.month(_lunar_year_of(1, _year(parts, today), today), 1)[0] + timedelta(days=day - 1))


def _vague(parts: dict[str, str], today: date) -> Period:
    since, until = _VAGUE[parts["vague"]]
    return Period(today + timedelta(days=since), today + timedelta(days=until))


def _season(parts: dict[str, str], today: date) -> Period:
    year, name = _year(parts, today), parts["season"]
    first, last = _SEASONS[name] if name in _SEASONS else _SEASONS["年初" if name == "初" else "年底"]
    chosen = today.year if year is None else year
    if year is None and date(chosen, first, 1) > today:
        chosen -= 1
    end_year, end_month = (chosen + 1, last - 12) if last > 12 else (chosen, last)
    return Period(date(chosen, first, 1), date(end_year, end_month, monthrange(end_year, end_month)[1]))


def _lunar(parts: dict[str, str], today: date) -> Period:
    number = parts.get("lmonth") or parts.get("leap") or ""
    month = _LUNAR_MONTHS[parts["lunar"]] if parts.get("lunar") else (parse(number) or _fail()).whole
    if parts.get("leap"):
        return _part_of(Period(*lunar.month(_leap_year_of(month, _year(parts, today), today), month, leap=True)), parts)
    return _part_of(_lunar_month(_lunar_year_of(month, _year(parts, today), today), month), parts)


def _leap_year_of(month: int, said_year: int | None, today: date) -> int:
    """The last year with that leap month, when none is said."""
    if said_year is not None:
        return said_year
    years = range(today.year, lunar.FIRST_YEAR, -1)
    return next((year for year in years if lunar.has_leap(year, month)), 0)


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


def _part_of_this_month(parts: dict[str, str], today: date) -> Period:
    return _part_of(_whole_month(today.year, today.month), {"part": parts["rpart"]})


def _day_only(parts: dict[str, str], today: date) -> Period:
    """A bare 5号 is the last one that has passed, as stories are told."""
    day = (parse(parts["day"]) or _fail()).whole
    month = _whole_month(today.year, today.month)
    if day > today.day:
        month = _shifted_month(today, -1)
    return _one_day(month.first.replace(day=day))


_RESOLVERS = (
    ("iso", _iso),
    ("vague", _vague),
    ("newyear", _new_year_days),
    ("festival", _festival),
    ("season", _season),
    ("lunar", _lunar),
    ("lmonth", _lunar),
    ("leap", _lunar),
    ("month", _month),
    ("ago", _ago),
    ("rmonth", _relative_month),
    ("week", _relative_week),
    ("rday", _relative_day),
    ("year", _year_only),
    ("ryear", _year_only),
    ("rpart", _part_of_this_month),
    ("day", _day_only),
)


def _year(parts: dict[str, str], today: date) -> int | None:
    if parts.get("ryear"):
        return today.year + _YEARS[parts["ryear"]]
    if parts.get("ago"):
        return today.year - (parse(parts["n"]) or _fail()).whole
    if not parts.get("year"):
        return None
    value = (parse(parts["year"]) or _fail()).whole
    return value + next(century for least, century in ((100, 0), (50, 1900), (0, 2000)) if value >= least)


def _lunar_year_of(month: int, said_year: int | None, today: date) -> int:
    """去年腊月 belongs to the lunar year; without a year the last such month that has begun is meant."""
    current = lunar.year_of(today)
    if said_year is not None:
        return current + (said_year - today.year)
    return current if lunar.month(current, month)[0] <= today else current - 1


def _lunar_month(year: int, month: int) -> Period:
    return Period(*lunar.month(year, month))


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
