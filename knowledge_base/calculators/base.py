"""What every calculator is made of: typed facts in, an explained result out. Nothing here reads a clock or a file."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from knowledge_base.fields import FactError

CENT = Decimal("0.01")
MOST_ROLLED = 30


@dataclass(frozen=True)
class Amount:
    """`unit` is 元 or 元/月; `high` closes a range that the law leaves open."""

    label: str
    yuan: Decimal
    unit: str = "元"
    high: Decimal | None = None


@dataclass(frozen=True)
class Result:
    """`steps` is the formula line by line, `missing` what was not counted and why, `days` the dates found.

    `lead` is told before any sum: what it leaves out, or on what it depends.
    """

    amounts: tuple[Amount, ...]
    steps: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    days: Mapping[str, date] = field(default_factory=dict)
    lead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """`numbers` are the rates of the calculator's YAML; `day_off` says whether a day is a holiday or weekend."""

    numbers: Mapping[str, Any]
    today: date
    day_off: Callable[[date], bool]

    def number(self, name: str) -> Decimal:
        return Decimal(str(self.numbers[name]))

    def table(self, name: str) -> list[tuple[Decimal, ...]]:
        return [tuple(Decimal(str(cell)) for cell in row) for row in self.numbers[name]]


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Yuan as people write them: 15750, 206.90."""
    rounded = cents(value)
    return f"{rounded.to_integral_value():f}" if rounded == rounded.to_integral_value() else f"{rounded:f}"


def figure(value: Decimal) -> str:
    """A count or a rate without trailing zeros: 3.5, 21.75."""
    return f"{value.quantize(Decimal('0.0001'), ROUND_HALF_UP).normalize():f}"


def percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"


def add_months(day: date, months: int) -> date:
    """The same day of the month, or its last day when there is none (民法典 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def months_between(start: date, end: date) -> Decimal:
    """Whole months from the start to, but without, the last day named, and the rest in thirtieths."""
    months = 0
    while add_months(start, months + 1) <= end:
        months += 1
    return months + Decimal((end - add_months(start, months)).days) / 30


def in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def rolled(day: date, day_off: Callable[[date], bool]) -> date:
    """The first working day from this one on (民法典 203)."""
    for _ in range(MOST_ROLLED):
        if not day_off(day):
            return day
        day += timedelta(days=1)
    return day


def tiered(amount: Decimal, tiers: list[tuple[Decimal, ...]]) -> tuple[Decimal, list[str]]:
    """Sum over (lower bound, rate) tiers, each rate for its own slice, with the lines that show it."""
    total, lines = Decimal(0), []
    for number, (low, rate) in enumerate(tiers):
        high = tiers[number + 1][0] if number + 1 < len(tiers) else None
        if amount <= low or not rate:
            continue
        part = (amount if high is None else min(amount, high)) - low
        total += part * rate
        lines.append(f"超过{plain(low)}元的{plain(part)}元×{percent(rate)}＝{plain(part * rate)}元")
    return total, lines


def in_order(start: date, end: date, field: str, detail: str) -> None:
    if end < start:
        raise FactError(field, detail)


def positive(value: Decimal, field: str, label: str) -> None:
    if value <= 0:
        raise FactError(field, f"“{label}”要大于 0。")
