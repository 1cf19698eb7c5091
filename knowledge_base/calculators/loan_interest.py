"""The most interest a private loan may bear: four times the one-year LPR at the time of the contract (借贷规定 25).

Of a loan from before 20 August 2020 the interest up to the day before goes by the rule of that time, and the rest by
the LPR at the time of the suit (31): the first part is named, not counted.
"""

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
    in_words,
    percent,
    plain,
    positive,
)

YEAR_DAYS = 365


@dataclass(frozen=True)
class Facts:
    principal: Decimal
    lpr: Decimal
    months: Decimal | None = None
    signed_on: date | None = None
    until: date | None = None
    rate: Decimal | None = None
    rate_unit: str | None = None
    received: Decimal | None = None


@dataclass(frozen=True)
class Span:
    """How long interest runs: in years, and how that is shown."""

    years: Decimal
    shown: str


def yearly(facts: Facts, context: Context) -> Decimal | None:
    """The agreed rate a year, as a fraction: 月息2分 and 月利率2% are both 24 %; none agreed is None."""
    if not facts.rate:
        return None
    return facts.rate * Decimal(str(context.numbers["rate_units"][facts.rate_unit or "year"]))


def between(start: date, end: date) -> Span:
    days = (end - start).days
    return Span(Decimal(days) / YEAR_DAYS, f"{days}天÷{YEAR_DAYS}")


def period(facts: Facts, context: Context) -> Span:
    if facts.months is not None:
        return Span(facts.months / 12, f"{figure(facts.months)}个月÷12")
    start, end = facts.signed_on or context.today, facts.until or context.today
    in_order(start, end, "until", "还钱的日期不能早于借钱的日期。")
    return between(start, end) if end > start else Span(Decimal(1), "1年")


def first_and_last_day(facts: Facts, context: Context) -> tuple[date, date]:
    """When it was lent and to which day it runs, as far as it is told."""
    whole = int(facts.months) if facts.months is not None else 0
    last = facts.until or (add_months(facts.signed_on, whole) if facts.signed_on and whole else context.today)
    return facts.signed_on or add_months(last, -whole), last


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.principal, "principal", "本金")
    positive(facts.lpr, "lpr", "一年期LPR")
    principal, steps = facts.principal, []
    if facts.received is not None and facts.received < principal:
        principal = facts.received
        steps.append(f"预先扣了利息的，本金按实际到手的{plain(principal)}元算")
    begun, last = first_and_last_day(facts, context)
    switch: date = context.numbers["cap_from"]
    if begun < switch:
        return _before_the_cap(facts, context, principal, (switch, last), steps)
    return _capped(facts, context, principal, period(facts, context), steps)


def _cap(facts: Facts, context: Context) -> tuple[Decimal, str]:
    times = context.number("lpr_times")
    cap = facts.lpr / 100 * times
    return cap, f"最高年利率：{figure(facts.lpr)}%×{figure(times)}＝{percent(cap)}"


def _capped(facts: Facts, context: Context, principal: Decimal, span: Span, steps: list[str]) -> Result:
    cap, line = _cap(facts, context)
    most = principal * cap * span.years
    steps += [line, f"最多的利息：{plain(principal)}×{percent(cap)}×{span.shown}＝{plain(most)}元"]
    amounts = [Amount("法律支持的最多利息", most)]
    agreed = yearly(facts, context)
    if agreed is None:
        return Result(tuple(amounts), tuple(steps), missing=(_no_rate(facts),))
    asked = principal * agreed * span.years
    steps.append(
        f"您说的利率合一年{percent(agreed)}：{plain(principal)}×{percent(agreed)}×{span.shown}＝{plain(asked)}元"
    )
    if agreed > cap:
        steps.append(f"超过上限的部分{plain(asked - most)}元，法律不支持")
        amounts.append(Amount("超过上限、不受支持的部分", asked - most))
    else:
        amounts.insert(0, Amount("按约定的利息（没有超过上限）", asked))
    return Result(tuple(amounts), tuple(steps))


def _no_rate(facts: Facts) -> str:
    if facts.rate is None:
        return "您没有说约定的利率，这里只算了上限；真的没有约定利息的，借期内视为没有利息"
    return "没有约定利息的，借期内视为没有利息"


def _before_the_cap(
    facts: Facts, context: Context, principal: Decimal, days: tuple[date, date], steps: list[str]
) -> Result:
    """Two parts: by the old rule, which is not counted here, and by today's cap."""
    switch, last = days
    shown = in_words(switch)
    lead = (
        f"这笔钱看起来是{shown}以前借的，利息要分两段：到{shown}前一天为止，可以要求按当时的规定算，这一段这里没有算；"
        f"从{shown}起到还清，上限是起诉时一年期LPR的{figure(context.number('lpr_times'))}倍"
    )
    agreed = yearly(facts, context)
    if agreed is not None:
        steps.append(f"您说的利率合一年{percent(agreed)}")
    if last <= switch:
        return Result((), (*steps, f"借期在{shown}以前就满了，按当时的规定算"), lead=(lead,), missing=(_ASK,))
    cap, line = _cap(facts, context)
    rate, span = min(cap, agreed) if agreed is not None else cap, between(switch, last)
    pay = principal * rate * span.years
    steps += [line, f"{switch}到{last}：{plain(principal)}×{percent(rate)}×{span.shown}＝{plain(pay)}元"]
    amount = Amount(f"{shown}以后这一段，法律支持的最多利息", pay)
    missing = (_ASK,) if agreed is not None else (_no_rate(facts), _ASK)
    return Result((amount,), tuple(steps), lead=(lead,), missing=missing)


_ASK = "前一段怎么算，请带上借条问 12348 或值班律师"
