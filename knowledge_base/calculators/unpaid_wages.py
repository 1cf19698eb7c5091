"""Wages owed, and what may be added when a labour authority's order is not obeyed (劳动合同法 85)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from knowledge_base.calculators.base import (
    Amount,
    Context,
    Result,
    add_months,
    figure,
    in_order,
    months_between,
    percent,
    plain,
    positive,
)
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    monthly_wage: Decimal | None = None
    owed_months: Decimal | None = None
    daily_wage: Decimal | None = None
    owed_days: int | None = None
    owed_from: date | None = None
    owed_to: date | None = None
    paid: Decimal | None = None
    left_on: date | None = None


def months_owed(facts: Facts) -> Decimal:
    if facts.owed_months is not None:
        return facts.owed_months
    if facts.owed_days is not None:
        return Decimal(facts.owed_days) / 30
    if facts.owed_from is None or facts.owed_to is None:
        raise FactError("owed_months", "请说欠了几个月，或者从哪天欠到哪天。")
    in_order(facts.owed_from, facts.owed_to, "owed_to", "欠薪结束的日期不能早于开始的日期。")
    return months_between(facts.owed_from, facts.owed_to + timedelta(days=1))


def due_wages(facts: Facts) -> tuple[Decimal, str]:
    """By the day where the wage is one for a day, else by the month; with the line that shows it."""
    if facts.daily_wage is not None and facts.owed_days is not None and facts.monthly_wage is None:
        positive(facts.daily_wage, "daily_wage", "一天的工钱")
        due = facts.daily_wage * facts.owed_days
        return due, f"应发：{plain(facts.daily_wage)}×{facts.owed_days}天＝{plain(due)}元"
    wage = facts.monthly_wage or Decimal(0)
    positive(wage, "monthly_wage", "月工资")
    months = months_owed(facts)
    return wage * months, f"应发：{plain(wage)}×{figure(months)}个月＝{plain(wage * months)}元"


def calculate(facts: Facts, context: Context) -> Result:
    due, line = due_wages(facts)
    paid = facts.paid or Decimal(0)
    owed = max(due - paid, Decimal(0))
    steps = [line]
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
