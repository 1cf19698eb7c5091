"""An answer without the words around it: 四千五, 3万2, 5个半月, 三成, 一分五; what it does not say is asked back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from knowledge_base.fields import FactError, Field, heard
from knowledge_base.numbers import number_of, numbers_in
from knowledge_base.quantities import (
    BARE_RATE,
    age_of,
    days_of,
    expanded,
    months_of,
    rate_of,
    share_of,
)
from knowledge_base.said import Said, one_day, vague
from knowledge_base.spoken import MONTHS_A_YEAR, NONE, periods_in

_AGE, _LENGTH, _SHARE, _RATE = (re.compile(expanded(macro)) for macro in ("{A}", "{T}", "{P}", "{R}"))
_HOURS = re.compile(expanded("{N}个?(?:小时|钟头)"))
_BARE_RATE = re.compile(BARE_RATE)
# Up to here a bare number of a share may mean tenths as well.
_TENTHS = 10
_ENDS = "。.!！~,，吧呢啊了的 "


def bare(field: Field, said: Said) -> Any:
    """The value, or None when there is none. Raises FactError with what to ask."""
    if field.type == "date":
        return one_day(field, said)
    reader = _rate if field.with_unit else _BY_UNIT.get(field.unit) or _BY_TYPE.get(field.type)
    if reader is None:
        kinds = said.values(field.entity) if field.entity else []
        return kinds[0] if kinds else said.raw
    if field.per == "whole" and _partly(field, said):
        raise FactError(field.id, heard("part_for_whole", field))
    return 0 if _none(field, said) else reader(field, said)


def _partly(field: Field, said: Said) -> bool:
    """一天两小时 and 每周一天 say a part; 一个小时 and 一个星期 may be all there is."""
    told = periods_in(said.words)
    if field.unit == "小时":
        return bool(told - {"hour"})
    return "每" in said.words or "天天" in said.words or (bool(told & {"week", "month"}) and "天" in said.words)


def _none(field: Field, said: Said) -> bool:
    return field.type != "months" and not field.least and bool(NONE.fullmatch(said.words.strip(_ENDS)))


def _one(field: Field, values: Sequence[float], said: Said) -> float | None:
    """The only number, or in 不是四千五，是四千八 the last."""
    if len(set(values)) > 1:
        if "不是" not in said.words:
            raise FactError(field.id, heard("several", field))
        return values[-1]
    return values[0] if values else None


def _number(field: Field, said: Said) -> float | None:
    text = re.sub(expanded("(?:每|一|1)(?:个?(?:小时|钟头|星期|礼拜|月)|天|日|周|年|晚)"), "\0", said.text)
    value = _one(field, numbers_in(text), said)
    return value if value is not None else _of_entity(field, said)


def _of_entity(field: Field, said: Said) -> float | None:
    """What only the bot could read: 五千多 counts as five thousand, 三四千 is asked again."""
    value = next(iter(said.values(field.entity or field.type)), None)
    if isinstance(value, Mapping):
        if value.get("at_most") is not None:
            raise FactError(field.id, heard("range", field))
        value = value.get("at_least")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _money(field: Field, said: Said) -> float | None:
    value, told = _number(field, said), periods_in(said.words)
    if value is None or not field.per:
        return value
    if field.per == "day" and told & {"month", "year", "week"} and "day" not in told:
        raise FactError(field.id, heard("month_for_day", field))
    if field.per == "month" and "month" not in told:
        if told & {"day", "week", "hour"}:
            raise FactError(field.id, heard("day_for_month", field))
        return value / MONTHS_A_YEAR if "year" in told else value
    return value


def _lengths(field: Field, said: Said, read: Callable[[str], float | None]) -> float | None:
    found = [value for one in _LENGTH.finditer(said.text) if (value := read(one["t"])) is not None]
    if value := _one(field, found, said):
        return value
    if numbers := numbers_in(said.text) if not said.values("duration") else []:
        if not field.bare:
            raise FactError(field.id, heard("bare_months", field))
        return _one(field, numbers, said)
    return None


def _months(field: Field, said: Said) -> Any:
    value = _lengths(field, said, months_of)
    if value is not None:
        return value
    told = next(iter(said.values("duration")), None)
    if vague(told):
        raise FactError(field.id, heard("vague", field))
    return told


def _days(field: Field, said: Said) -> float | None:
    return _lengths(field, said, days_of)


def _ages(field: Field, said: Said) -> float | None:
    found = [value for one in _AGE.finditer(said.text) if (value := age_of(one["a"])) is not None]
    months = [months_of(one["t"]) for one in _LENGTH.finditer(said.text)]
    found = found or [value // 12 for value in months if value is not None]
    if field.pick == "least" and found:
        return min(found)
    value = _one(field, found, said)
    return value if value is not None else _one(field, numbers_in(said.text), said)


def _share(field: Field, said: Said) -> float | None:
    found = [value for one in _SHARE.finditer(said.text) if (value := share_of(one["p"])) is not None]
    if (value := _one(field, found, said)) is not None:
        return value
    value = _one(field, numbers_in(said.text), said)
    if value is not None and not field.bare and 0 < value <= _TENTHS:
        raise FactError(field.id, heard("bare_share", field))
    return value


def _rate(field: Field, said: Said) -> Any:
    found = _RATE.search(said.text) or _BARE_RATE.search(said.text)
    if found:
        return rate_of(found["r"])
    return _one(field, numbers_in(said.text), said)


def _hours(field: Field, said: Said) -> float | None:
    found = [number_of(one["n"]) for one in _HOURS.finditer(said.text)]
    value = _one(field, [one for one in found if one is not None], said)
    return value if value is not None else _one(field, numbers_in(said.text), said)


_BY_UNIT: Mapping[str, Callable[[Field, Said], Any]] = {"岁": _ages, "天": _days, "小时": _hours, "%": _share}
_BY_TYPE: Mapping[str, Callable[[Field, Said], Any]] = {
    "money": _money,
    "number": _money,
    "count": _number,
    "months": _months,
}
