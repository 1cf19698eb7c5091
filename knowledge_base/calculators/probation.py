"""A probation that is too long or paid too low (劳动合同法 19、20、83)."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, percent, plain, positive


@dataclass(frozen=True)
class Facts:
    contract: str
    probation_months: Decimal
    regular_wage: Decimal
    probation_wage: Decimal | None = None
    minimum_wage: Decimal | None = None


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.regular_wage, "regular_wage", "转正后的月工资")
    longest = Decimal(str(context.numbers["longest"][facts.contract]))
    excess = max(facts.probation_months - longest, Decimal(0))
    pay = facts.regular_wage * excess
    steps = [
        f"这种合同的试用期最多{figure(longest)}个月，您的是{figure(facts.probation_months)}个月",
        f"超过：{figure(excess)}个月×{plain(facts.regular_wage)}＝{plain(pay)}元",
    ]
    amounts = [Amount("违法试用期的赔偿金", pay)]
    if facts.probation_wage is not None:
        amounts.append(shortfall(facts, min(facts.probation_months, longest), context, steps))
    missing = () if facts.minimum_wage else ("没有当地最低工资，没有核对是否低于最低工资",)
    return Result(tuple(amounts), tuple(steps), missing=missing)


def shortfall(facts: Facts, months: Decimal, context: Context, steps: list[str]) -> Amount:
    share = context.number("least_share")
    least = max(facts.regular_wage * share, facts.minimum_wage or Decimal(0))
    gap = max(least - (facts.probation_wage or Decimal(0)), Decimal(0))
    steps.append(
        f"试用期工资至少{plain(facts.regular_wage)}×{percent(share)}且不低于最低工资，即{plain(least)}元；"
        f"合法试用期内差额{plain(gap)}×{figure(months)}个月＝{plain(gap * months)}元"
    )
    return Amount("试用期少发的工资", gap * months)
