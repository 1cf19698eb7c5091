"""Overtime pay (劳动法 44): 150 % on working days, 200 % on rest days not given back, 300 % on public holidays."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, cents, figure, plain, positive
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    monthly_wage: Decimal
    weekday_hours: Decimal | None = None
    rest_days: Decimal | None = None
    holiday_days: Decimal | None = None
    months: Decimal | None = None


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.monthly_wage, "monthly_wage", "月工资")
    daily = facts.monthly_wage / context.number("paid_days")
    hourly = daily / context.number("hours_a_day")
    steps = [
        f"日工资：{plain(facts.monthly_wage)}÷{figure(context.number('paid_days'))}＝{plain(daily)}元",
        f"小时工资：{plain(daily)}÷{figure(context.number('hours_a_day'))}＝{plain(hourly)}元",
    ]
    kinds = (
        ("平日加班", facts.weekday_hours, "小时", hourly, "weekday_times"),
        ("休息日加班", facts.rest_days, "天", daily, "rest_times"),
        ("法定节假日加班", facts.holiday_days, "天", daily, "holiday_times"),
    )
    amounts = []
    for label, quantity, unit, base, times in kinds:
        rate = context.number(times)
        if quantity:
            pay = cents(base * rate * quantity)
            amounts.append(Amount(label, pay))
            steps.append(f"{label}：{plain(base)}×{figure(rate)}×{figure(quantity)}{unit}＝{plain(pay)}元")
    if not amounts:
        raise FactError("weekday_hours", "请至少说一样：平日加班几小时、休息日加班几天，或者节假日加班几天。")
    total = sum((one.yuan for one in amounts), Decimal(0))
    steps.append(f"合计：{plain(total)}元")
    return Result((Amount("加班费合计", total), *amounts), tuple(steps), missing=too_long(facts, context))


def too_long(facts: Facts, context: Context) -> tuple[str, ...]:
    hours = (facts.weekday_hours or 0) + (facts.rest_days or 0) * context.number("hours_a_day")
    most = context.number("most_hours_a_month")
    if facts.months and hours / max(facts.months, Decimal(1)) > most:
        return (f"平均每月加班超过{figure(most)}小时，已经超出法律允许的上限，可以向劳动监察投诉",)
    return ()
