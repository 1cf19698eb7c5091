"""Economic compensation N, and 2N for an unlawful dismissal (劳动合同法 46、47、87)."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, plain, positive


@dataclass(frozen=True)
class Facts:
    worked: Decimal
    monthly_wage: Decimal
    reason: str | None = None
    average_wage: Decimal | None = None
    minimum_wage: Decimal | None = None


def months_of_pay(worked: Decimal) -> Decimal:
    """A month's wage for a full year; half a year and more counts as one, less as a half."""
    years, rest = divmod(worked, 12)
    return years + (1 if rest >= 6 else Decimal("0.5") if rest else 0)


def spoken(worked: Decimal) -> str:
    years, rest = divmod(worked, 12)
    parts = [f"{figure(years)}年" if years else "", f"{figure(rest)}个月" if rest else ""]
    return "零".join(part for part in parts if part)


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.worked, "worked", "工作年限")
    positive(facts.monthly_wage, "monthly_wage", "月工资")
    n, wage = months_of_pay(facts.worked), facts.monthly_wage
    steps = [f"工作年限：{spoken(facts.worked)}，算{figure(n)}个月工资"]
    if facts.minimum_wage is not None and wage < facts.minimum_wage:
        wage = facts.minimum_wage
        steps.append(f"月工资低于当地最低工资，按最低工资{plain(wage)}元算")
    cap = facts.average_wage * context.number("wage_cap_times") if facts.average_wage else None
    if cap is not None and wage > cap:
        most = context.number("capped_years")
        wage, n = cap, min(n, most)
        steps.append(
            f"月工资高于当地社平工资的{figure(context.number('wage_cap_times'))}倍：按{plain(cap)}元算，"
            f"年限最多{figure(most)}年，算{figure(n)}个月"
        )
    pay = n * wage
    steps.append(f"经济补偿 N：{figure(n)}×{plain(wage)}＝{plain(pay)}元")
    amounts = [Amount("经济补偿（N）", pay)]
    if facts.reason != "lawful":
        times = context.number("unlawful_times")
        steps.append(f"如果是违法辞退，赔偿金 2N：{plain(pay)}×{figure(times)}＝{plain(pay * times)}元")
        amounts.append(Amount("违法辞退的赔偿金（2N）", pay * times))
        if facts.reason == "unlawful":
            amounts.reverse()
    missing = [] if facts.average_wage else ["没有当地上年度职工月平均工资，没有核对三倍封顶（工资特别高的人才用得上）"]
    return Result(tuple(amounts), tuple(steps), missing=tuple(missing))
