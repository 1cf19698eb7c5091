"""Time limits: when one ends, whether it is over, and how the last day moves off a holiday (民法典 201-203)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.calculators.base import Context, Result, add_months, rolled
from knowledge_base.fields import FactError

LAST_DAY, FIRST_DAY, OUTER_DAY = "最后一天", "可以再起诉的第一天", "最长到"
FARTHEST_YEAR = 2100


@dataclass(frozen=True)
class Facts:
    kind: str
    start: date
    happened: date | None = None


@cache
def clocks() -> Mapping[str, Mapping[str, Any]]:
    """Every kind of time limit: length, question for its first day, articles, notes."""
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    value: Mapping[str, Mapping[str, Any]] = found["numbers"]["clocks"]["value"]
    return value


def end_of(start: date, length: Mapping[str, int]) -> date:
    """The last day: the day of the start itself is not counted."""
    months = length.get("years", 0) * 12 + length.get("months", 0)
    return add_months(start, months) + timedelta(days=length.get("days", 0))


def spoken(length: Mapping[str, int]) -> str:
    names = {"years": "年", "months": "个月", "days": "日"}
    return "".join(f"{length[unit]}{name}" for unit, name in names.items() if unit in length)


def calculate(facts: Facts, context: Context) -> Result:
    clock = context.numbers["clocks"][facts.kind]
    if facts.start > context.today and not clock.get("future"):
        raise FactError("start", "起算的日期还没有到，请核对一下。")
    if facts.start.year > FARTHEST_YEAR - 30:
        raise FactError("start", "日期太远了，请核对一下。")
    end = end_of(facts.start, clock["length"])
    steps = [f"起算日：{facts.start}（当天不算，从第二天起数）", f"期限：{spoken(clock['length'])}，到{end}"]
    if clock.get("waiting"):
        first = end + timedelta(days=1)
        steps.append(f"{first}起可以再起诉")
        return Result((), tuple(steps), missing=notes(clock), days={FIRST_DAY: first})
    last = rolled(end, context.day_off)
    if last != end:
        steps.append(f"{end}是休息日，顺延到{last}")
    days = {LAST_DAY: last}
    _outer(facts, clock, steps, days)
    final = min(days.values())
    steps.append(verdict(final, context.today))
    return Result((), tuple(steps), missing=notes(clock), days=days)


def _outer(facts: Facts, clock: Mapping[str, Any], steps: list[str], days: dict[str, date]) -> None:
    """The longest time that counts from the event itself, known or not."""
    if "outer" not in clock or facts.happened is None:
        return
    if facts.happened > facts.start:
        raise FactError("happened", "事情发生的日期不能晚于知道的日期。")
    outer = end_of(facts.happened, clock["outer"])
    days[OUTER_DAY] = outer
    steps.append(f"从事情发生的{facts.happened}起最长{spoken(clock['outer'])}，到{outer}")


def verdict(last: date, today: date) -> str:
    left = (last - today).days
    if left > 0:
        return f"今天是{today}，还来得及，剩{left}天"
    return f"今天是{today}，就是最后一天，请马上办" if left == 0 else f"今天是{today}，看起来已经过了{-left}天"


def notes(clock: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(clock.get("notes", ()))
