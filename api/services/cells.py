"""One cell of an imported table → a value of its type, and back. Messages name what was expected, in Chinese."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.domain.organisation import Place
from api.domain.place import named

BETWEEN = re.compile(r"[、,，;；\n]+")
DAYS = "一二三四五六日"
MAX_COUNT = 100_000_000


class BadCell(Exception):
    """Why the cell cannot be taken."""


@dataclass(frozen=True)
class Column:
    """`codes`: code → Chinese, for types that look up; both the code and the Chinese are accepted."""

    field: str
    zh: str
    type: str
    required: bool = False
    default: Any = None
    aliases: tuple[str, ...] = ()
    codes: Mapping[str, str] | None = None
    example: Any = ""


@dataclass(frozen=True)
class Words:
    """How people write yes and no, and how long a cell may be."""

    yes: frozenset[str]
    no: frozenset[str]
    longest: int


def parse(column: Column, text: str | None, words: Words) -> Any:
    """Raises BadCell. Empty is the default of the column."""
    if text is None:
        raise BadCell("不接受公式，请改成文字或数字")
    if len(text) > words.longest:
        raise BadCell(f"最多 {words.longest} 个字")
    if not text:
        if column.required:
            raise BadCell("不能空")
        return EMPTY.get(column.type, column.default)
    return PARSERS[column.type](column, text, words)


def show(column: Column, value: Any) -> Any:
    """As it is written into an exported table."""
    if value is None:
        return ""
    match column.type:
        case "yes_no":
            return "是" if value else "否"
        case "list":
            return "、".join(value)
        case "days":
            return "、".join(DAYS[day] for day in sorted(value))
        case "places":
            return "、".join("/".join(part for part in place.parts if part) for place in value)
        case "code":
            return _zh(column, value)
        case "codes":
            return "、".join(_zh(column, one) for one in value)
    return value


def _zh(column: Column, code: str) -> str:
    return (column.codes or {}).get(code, code)


def _plain(_column: Column, text: str, _words: Words) -> str:
    if text.startswith(("=", "@")):
        raise BadCell("开头像公式，请改成普通文字")
    return text


def _count(_column: Column, text: str, _words: Words) -> int:
    if not text.isdecimal() or not text.isascii() or int(text[:12]) > MAX_COUNT:
        raise BadCell("应当是不小于 0 的整数")
    return int(text)


def _amount(_column: Column, text: str, _words: Words) -> float:
    """12,000 and 1.5万 are understood."""
    plain = text.replace(",", "").replace("，", "").removesuffix("元").removesuffix("块")
    times = 10_000 if plain.endswith("万") else 1
    try:
        found = float(plain.removesuffix("万")) * times
    except ValueError:
        raise BadCell("应当是金额（元）") from None
    if not 0 <= found <= 1e12:
        raise BadCell("应当是不小于 0 的金额（元）")
    return round(found, 2)


def _date(_column: Column, text: str, _words: Words) -> date:
    digits = re.findall(r"\d+", text)[:3]
    try:
        return date(*map(int, digits))
    except (TypeError, ValueError):
        raise BadCell("应当是日期，例如 2026-11-20") from None


def _yes_no(_column: Column, text: str, words: Words) -> bool:
    if text.lower() in words.yes:
        return True
    if text.lower() in words.no:
        return False
    raise BadCell("只能填“是”或“否”")


def _list(_column: Column, text: str, _words: Words) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in BETWEEN.split(text) if one.strip()))


def _code(column: Column, text: str, _words: Words) -> str:
    codes = column.codes or {}
    found = next((code for code, zh in codes.items() if text in (code, zh)), None)
    if found is None:
        raise BadCell(f"不认识“{text}”，可以填：{'、'.join(list(codes.values())[:12])}")
    return found


def _codes(column: Column, text: str, words: Words) -> list[str]:
    """Names may hold the comma that separates them (抚养、抚养费、探望), so the longest known name is taken first."""
    found, rest = [], text
    names = sorted(((zh, code) for code, zh in (column.codes or {}).items()), key=lambda pair: -len(pair[0]))
    while rest := rest.lstrip("、,，;；\n "):
        known = next(((zh, code) for zh, code in names if _starts(rest, zh)), None)
        zh, code = known or (BETWEEN.split(rest)[0], "")
        found.append(code or _code(column, zh, words))
        rest = rest[len(zh) :]
    return list(dict.fromkeys(found))


def _starts(text: str, name: str) -> bool:
    return text.startswith(name) and (len(text) == len(name) or bool(BETWEEN.match(text[len(name)])))


def _days(_column: Column, text: str, _words: Words) -> list[int]:
    days = {DAYS.find("日" if one == "天" else one) for one in re.sub(r"周|星期|[、,，;；\s]", "", text)}
    if -1 in days:
        raise BadCell("写成“一、三、五”这样")
    return sorted(days)


def _places(_column: Column, text: str, _words: Words) -> list[Place]:
    found = []
    for one in BETWEEN.split(text):
        parts = [named(part) for part in one.split("/")]
        if not 1 <= len(parts) <= 4 or not all(parts):
            raise BadCell("写成“县/镇/村/组”，多个用顿号分开")
        found.append(Place(*parts))
    return found


EMPTY: Mapping[str, Any] = {"list": [], "codes": [], "days": [], "places": []}
PARSERS: Mapping[str, Callable[[Column, str, Words], Any]] = {
    "text": _plain,
    "count": _count,
    "amount": _amount,
    "date": _date,
    "yes_no": _yes_no,
    "list": _list,
    "code": _code,
    "codes": _codes,
    "days": _days,
    "places": _places,
}
