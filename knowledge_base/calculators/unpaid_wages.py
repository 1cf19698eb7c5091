"""Wages owed, and what may be added when a labour authority's order is not obeyed (劳动合同法 85)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from knowledge_base.calculators.base import (
    Amount,
    Context,
    Result,
    add_months,
    figure,
    in_order,
    percent,
    plain,
    positive,
)
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    monthly_wage: Decimal
    owed_months: Decimal | None = None
    owed_from: date | None = None
    owed_to: date | None = None
    paid: Decimal | None = None
    left_on: date | None = None


def months_between(start: date, end: date) -> Decimal:
    """Whole months and the rest in thirtieths, both days counted."""
    months = 0
    while add_months(start, months + 1) <= end:
        months += 1
    rest = (end - add_months(start, months)).days + 1
    whole = add_months(start, months + 1).toordinal() - 1 == end.toordinal()
    return Decimal(months + 1) if whole else months + Decimal(rest) / 30


def months_owed(facts: Facts) -> Decimal:
    if facts.owed_months is not None:
        return facts.owed_months
    if facts.owed_from is None or facts.owed_to is None:
        raise FactError("owed_months", "请说欠了几个月，或者从哪天欠到哪天。")
    in_order(facts.owed_from, facts.owed_to, "owed_to", "欠薪结束的日期不能早于开始的日期。")
    return months_between(facts.owed_from, facts.owed_to)


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.monthly_wage, "monthly_wage", "月工资")
    months, paid = months_owed(facts), facts.paid or Decimal(0)
    due = facts.monthly_wage * months
    owed = max(due - paid, Decimal(0))
    steps = [f"应发：{plain(facts.monthly_wage)}×{figure(months)}个月＝{plain(due)}元"]
    if facts.paid:
        steps.append(f"减去已经给的：{plain(due)}－{plain(paid)}＝{plain(owed)}元")
    low, high = context.number("extra_low"), context.number("extra_high")
    steps.append(
        f"劳动部门责令限期支付后还不付的，可以加付{percent(low)}到{percent(high)}："
        f"{plain(owed * low)}元到{plain(owed * high)}元"
    )
    amounts = (
        Amount("欠的工资", owed),
        Amount("责令后逾期不付才有的加付赔偿金", owed * low, high=owed * high),
    )
    days = {"申请劳动仲裁的最后一天": add_months(facts.left_on, 12)} if facts.left_on else {}
    return Result(amounts, tuple(steps), missing=late(facts, context), days=days)


def late(facts: Facts, context: Context) -> tuple[str, ...]:
    if facts.left_on is None:
        return ("还在单位干的，要工资不受一年限制；离职的从离职那天起一年内申请仲裁",)
    if add_months(facts.left_on, 12) < context.today:
        return ("离职已经超过一年，可能过了仲裁时效；期间要过、投诉过的会重新算，请尽快问 12348",)
    return ()
