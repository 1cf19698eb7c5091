"""The doubled part of the interest for performing a judgment late (民事诉讼法 264; 迟延履行解释 1-3)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, in_order, plain, positive
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    principal: Decimal
    due: date | None = None
    until: date | None = None
    days: int | None = None


def days_late(facts: Facts, context: Context) -> tuple[int, str]:
    """From the day the time for performance ends until the day of payment."""
    if facts.days is not None:
        return facts.days, f"迟延{facts.days}天"
    if facts.due is None:
        raise FactError("due", "请说判决让对方哪天之前给钱。")
    until = facts.until or context.today
    in_order(facts.due, until, "until", "付清的日期不能早于判决限定的日期。")
    days = (until - facts.due).days
    return days, f"从{facts.due}到{until}，{days}天"


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.principal, "principal", "没付的钱")
    days, line = days_late(facts, context)
    rate = context.number("daily_rate")
    pay = facts.principal * rate * days
    steps = (
        line,
        f"加倍部分：{plain(facts.principal)}×日万分之{(rate * 10000).normalize():f}×{days}天＝{plain(pay)}元",
    )
    missing = ("判决里写明要付的一般利息，另外按判决写的办法算",)
    return Result((Amount("加倍部分债务利息", pay),), steps, missing=missing)
