"""The second wage for the months without a written contract (劳动合同法 82、实施条例 6、7, 劳释二 6)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, add_months, figure, in_order, plain, positive


@dataclass(frozen=True)
class Facts:
    started: date
    monthly_wage: Decimal
    until: date
    signed: bool | None = None


def whole_months(start: date, end: date) -> tuple[int, date]:
    """Full months from `start` up to and with `end`, and the first day of the rest."""
    months = 0
    while add_months(start, months + 1) - timedelta(days=1) <= end:
        months += 1
    return months, add_months(start, months)


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.monthly_wage, "monthly_wage", "月工资")
    in_order(facts.started, facts.until, "until", "补签合同或离职的日期不能早于上班的日期。")
    begin = add_months(facts.started, int(context.number("free_months")))
    last_possible = add_months(facts.started, 12) - timedelta(days=1)
    end = min(facts.until - timedelta(days=1) if facts.signed else facts.until, last_possible)
    steps = [
        f"{facts.started}开始上班，满一个月的次日是{begin}，从这天起算",
        f"算到{end}（补签的前一日、离职日或满一年的前一日，取最早的）",
    ]
    if end < begin:
        steps.append("这段时间还没有满一个月，没有二倍工资")
        return Result((Amount("二倍工资差额", Decimal(0)),), tuple(steps))
    months, rest = whole_months(begin, end)
    pay = facts.monthly_wage * months
    steps.append(f"整月：{months}个月×{plain(facts.monthly_wage)}＝{plain(pay)}元")
    if rest <= end:
        part, line = part_month(rest, end, facts.monthly_wage, context)
        pay += part
        steps.append(line)
    steps.append(f"合计：{plain(pay)}元（最多{figure(context.number('most_months'))}个月）")
    return Result((Amount("二倍工资差额", pay),), tuple(steps), missing=limitation(begin, end, context))


def part_month(start: date, end: date, wage: Decimal, context: Context) -> tuple[Decimal, str]:
    """A part of a month by working days."""
    span = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    days = sum(not context.day_off(day) for day in span)
    daily = wage / context.number("paid_days")
    pay = min(daily * days, wage)
    formula = f"{plain(wage)}÷{figure(context.number('paid_days'))}×{days}"
    return pay, f"零头{start}到{end}按{days}个工作日：{formula}＝{plain(pay)}元"


def limitation(begin: date, end: date, context: Context) -> tuple[str, ...]:
    """What may be out of time: one year, counted here month by month, the strictest way."""
    years = int(context.number("limitation_years"))
    if add_months(end, 12 * years) < context.today:
        return ("最后一天离现在已经超过一年，可能过了仲裁时效；期间要过钱、投诉过的会重新算，请尽快问 12348",)
    if add_months(begin, 12 * years) < context.today:
        return ("前面的月份离现在超过一年，对方可能说过了仲裁时效；怎么起算以仲裁委认定为准，请尽快申请",)
    return ()
