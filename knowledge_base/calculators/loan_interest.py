"""The most interest a private loan may bear: four times the one-year LPR at the time of the contract (借贷规定 25)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, in_order, percent, plain, positive

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


def yearly(facts: Facts, context: Context) -> Decimal | None:
    """The agreed rate a year, as a fraction: 月息2分 and 月利率2% are both 24 %."""
    if facts.rate is None:
        return None
    return facts.rate * Decimal(str(context.numbers["rate_units"][facts.rate_unit or "year"]))


def period(facts: Facts, context: Context) -> tuple[Decimal, str]:
    """Years, and how they are shown."""
    if facts.months is not None:
        return facts.months / 12, f"{figure(facts.months)}个月÷12"
    start, end = facts.signed_on or context.today, facts.until or context.today
    in_order(start, end, "until", "还钱的日期不能早于借钱的日期。")
    days = (end - start).days
    return (Decimal(days) / YEAR_DAYS, f"{days}天÷{YEAR_DAYS}") if days else (Decimal(1), "1年")


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.principal, "principal", "本金")
    positive(facts.lpr, "lpr", "一年期LPR")
    principal, steps = facts.principal, []
    if facts.received is not None and facts.received < principal:
        principal = facts.received
        steps.append(f"预先扣了利息的，本金按实际到手的{plain(principal)}元算")
    cap = facts.lpr / 100 * context.number("lpr_times")
    years, shown = period(facts, context)
    most = principal * cap * years
    steps += [
        f"最高年利率：{figure(facts.lpr)}%×{figure(context.number('lpr_times'))}＝{percent(cap)}",
        f"最多的利息：{plain(principal)}×{percent(cap)}×{shown}＝{plain(most)}元",
    ]
    amounts = [Amount("法律支持的最多利息", most)]
    agreed = yearly(facts, context)
    if agreed is None:
        return Result(tuple(amounts), tuple(steps), missing=("没有约定利息的，借期内视为没有利息",))
    asked = principal * agreed * years
    steps.append(f"您说的利率合一年{percent(agreed)}：{plain(principal)}×{percent(agreed)}×{shown}＝{plain(asked)}元")
    if agreed > cap:
        steps.append(f"超过上限的部分{plain(asked - most)}元，法律不支持")
        amounts.append(Amount("超过上限、不受支持的部分", asked - most))
    else:
        amounts.insert(0, Amount("按约定的利息（没有超过上限）", asked))
    return Result(tuple(amounts), tuple(steps))
