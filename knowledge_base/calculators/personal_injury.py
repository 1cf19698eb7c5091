"""Compensation for bodily harm (民法典 1179; 人身损害解释 7-17); income figures are dated settings."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, percent, plain
from knowledge_base.fields import FactError

HURT, DEATH = "hurt", "death"
OLDEST = 130


@dataclass(frozen=True)
class Facts:
    outcome: str
    age: int | None = None
    medical: Decimal | None = None
    lost_days: int | None = None
    lost_daily: Decimal | None = None
    nursing_days: int | None = None
    nursing_daily: Decimal | None = None
    hospital_days: int | None = None
    meal_daily: Decimal | None = None
    dependant_age: int | None = None
    dependant_sharers: int | None = None
    own_fault: Decimal | None = None
    income: Decimal | None = None
    consumption: Decimal | None = None
    average_wage: Decimal | None = None


def years_paid(age: int, context: Context) -> Decimal:
    """20 years; from 60 on one less for every year of age; from 75 on five."""
    if age >= context.number("very_old_from"):
        return context.number("very_old_years")
    return context.number("years") - max(age - context.number("old_from"), Decimal(0))


class _Bill:
    """The sums found so far, each with its line."""

    def __init__(self) -> None:
        self.amounts: list[Amount] = []
        self.steps: list[str] = []
        self.missing: list[str] = []
        self.lead: list[str] = []

    def add(self, label: str, sum_: Decimal, formula: str) -> None:
        self.amounts.append(Amount(label, sum_))
        self.steps.append(f"{label}：{formula}＝{plain(sum_)}元")


def calculate(facts: Facts, context: Context) -> Result:
    for name in ("age", "dependant_age"):
        if (getattr(facts, name) or 0) > OLDEST:
            raise FactError(name, "年龄好像不对，请核对一下。")
    bill = _Bill()
    _daily_items(facts, bill)
    if facts.outcome != HURT:
        _by_income(facts, context, bill)
    _dependant(facts, context, bill)
    if not bill.amounts and not bill.missing:
        raise FactError("medical", "请至少说一样：医药费、误工天数，或者伤残等级。")
    _total(facts, bill)
    return Result(
        tuple(bill.amounts),
        tuple(bill.steps),
        missing=(*bill.missing, "严重的还可以要精神损害赔偿，数额由法院定"),
        lead=tuple(bill.lead),
    )


def _daily_items(facts: Facts, bill: _Bill) -> None:
    if facts.medical:
        bill.add("医药费等票据", facts.medical, "按票据")
    for label, days, daily in (
        ("误工费", facts.lost_days, facts.lost_daily),
        ("护理费", facts.nursing_days, facts.nursing_daily),
        ("住院伙食补助费", facts.hospital_days, facts.meal_daily),
    ):
        if days and daily:
            bill.add(label, daily * days, f"{plain(daily)}×{days}天")
        elif days:
            bill.missing.append(f"{label}缺每天的标准，没有算")


def _by_income(facts: Facts, context: Context, bill: _Bill) -> None:
    if facts.age is None:
        raise FactError("age", "请说受伤的人今年多大。")
    dead, years = facts.outcome == DEATH, years_paid(facts.age, context)
    rate = Decimal(1) if dead else Decimal(str(context.numbers["coefficient"][facts.outcome]))
    label = "死亡赔偿金" if dead else "残疾赔偿金"
    share = "" if dead else f"×{percent(rate)}"
    if facts.income is None:
        bill.lead.append(
            f"最大的一项“{label}”还没算进去：要用本省上年度城镇居民人均可支配收入×{figure(years)}年{share}。"
            "这个数省统计局每年公布，您把它告诉我，我就能算"
        )
        bill.missing.append(f"{label}＝省上年度城镇居民人均可支配收入×{figure(years)}年{share}，省里的数还没有填")
    else:
        bill.add(label, facts.income * years * rate, f"{plain(facts.income)}×{figure(years)}年{share}")
    if dead and facts.average_wage:
        months = context.number("funeral_months")
        bill.add("丧葬费", facts.average_wage * months, f"{plain(facts.average_wage)}×{figure(months)}个月")
    elif dead:
        bill.missing.append("丧葬费＝当地上年度职工月平均工资×6个月，当地的数还没有填")


def _dependant(facts: Facts, context: Context, bill: _Bill) -> None:
    if facts.dependant_age is None or facts.outcome == HURT:
        return
    grown = context.number("grown_up")
    young = facts.dependant_age < grown
    years = grown - facts.dependant_age if young else years_paid(facts.dependant_age, context)
    sharers = max(facts.dependant_sharers or 1, 1)
    rate = Decimal(1) if facts.outcome == DEATH else Decimal(str(context.numbers["coefficient"][facts.outcome]))
    formula = f"{figure(years)}年×{percent(rate)}÷{sharers}人"
    if facts.consumption is None:
        bill.missing.append(f"被扶养人生活费＝省上年度城镇居民人均消费支出×{formula}，省里的数还没有填")
    else:
        bill.add("被扶养人生活费", facts.consumption * years * rate / sharers, f"{plain(facts.consumption)}×{formula}")


def _total(facts: Facts, bill: _Bill) -> None:
    total = sum((one.yuan for one in bill.amounts), Decimal(0))
    if not bill.amounts:
        return
    bill.steps.append(f"合计：{plain(total)}元")
    if facts.own_fault:
        fault = facts.own_fault / 100
        if fault > 1:
            raise FactError("own_fault", "责任比例不能超过 100。")
        bill.steps.append(
            f"自己有{percent(fault)}的责任：{plain(total)}×{percent(1 - fault)}＝{plain(total * (1 - fault))}元"
        )
        total *= 1 - fault
    label = "已经算出来的几样加起来（不含上面说的那一项）" if bill.lead else "能算出来的合计"
    bill.amounts.insert(0, Amount(label, total))
