"""Economic compensation N, and 2N for an unlawful dismissal (劳动合同法 46、47、87)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, in_order, months_between, plain, positive
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    monthly_wage: Decimal
    worked: Decimal | None = None
    started: date | None = None
    left_on: date | None = None
    reason: str | None = None
    average_wage: Decimal | None = None
    minimum_wage: Decimal | None = None


def months_of_pay(worked: Decimal) -> Decimal:
    """A month's wage for a full year; half a year and more counts as one, less as a half."""
    years, rest = divmod(worked, 12)
    return years + (1 if rest >= 6 else Decimal("0.5") if rest else 0)


def time_worked(facts: Facts) -> tuple[Decimal, tuple[str, ...]]:
    """In months, and the line that shows it where it follows from two dates."""
    if facts.worked is not None:
        return facts.worked, ()
    if facts.started is None or facts.left_on is None:
        raise FactError("worked", "请说干了几年几个月，或者哪天进的单位、哪天离开的。")
    in_order(facts.started, facts.left_on, "left_on", "离开单位的日期不能早于进单位的日期。")
    # The last day is still worked.
    months = months_between(facts.started, facts.left_on + timedelta(days=1))
    return months, (f"从{facts.started}干到{facts.left_on}",)


def spoken(worked: Decimal) -> str:
    years, rest = divmod(worked, 12)
    rest = rest.quantize(Decimal("0.1"))
    parts = [f"{figure(years)}年" if years else "", f"{figure(rest)}个月" if rest else ""]
    return "零".join(part for part in parts if part)


def calculate(facts: Facts, context: Context) -> Result:
    worked, shown = time_worked(facts)
    positive(worked, "worked", "工作年限")
    positive(facts.monthly_wage, "monthly_wage", "月工资")
    n, wage = months_of_pay(worked), facts.monthly_wage
    steps = [*shown, f"工作年限：{spoken(worked)}，算{figure(n)}个月工资"]
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
