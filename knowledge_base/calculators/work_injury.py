"""Benefits after a work injury or death (工伤保险条例 33-39); what the provinces set is named, never stated."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, percent, plain, positive

DEATH = "death"


@dataclass(frozen=True)
class Facts:
    grade: str
    wage: Decimal
    average_wage: Decimal | None = None
    national_income: Decimal | None = None
    leave_months: Decimal | None = None
    care: str | None = None


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.wage, "wage", "月工资")
    return _death(facts, context) if facts.grade == DEATH else _disabled(facts, context)


def own_wage(facts: Facts, context: Context) -> tuple[Decimal, str]:
    """本人工资 lies between 60 % and 300 % of the local average (64)."""
    if facts.average_wage is None:
        return facts.wage, f"本人工资：{plain(facts.wage)}元"
    low, high = (facts.average_wage * context.number(name) for name in ("wage_floor", "wage_cap"))
    wage = min(max(facts.wage, low), high)
    note = "" if wage == facts.wage else "（按当地平均工资的60%到300%调整）"
    return wage, f"本人工资：{plain(wage)}元{note}"


def _disabled(facts: Facts, context: Context) -> Result:
    wage, line = own_wage(facts, context)
    months = Decimal(str(context.numbers["lump_months"][facts.grade]))
    steps = [line, f"一次性伤残补助金：{plain(wage)}×{figure(months)}个月＝{plain(wage * months)}元"]
    amounts = [Amount("一次性伤残补助金", wage * months)]
    share = context.numbers["allowance"].get(facts.grade)
    if share is not None:
        rate = Decimal(str(share))
        steps.append(f"伤残津贴：{plain(wage)}×{percent(rate)}＝{plain(wage * rate)}元/月")
        amounts.append(Amount("伤残津贴（五、六级是难以安排工作时才发）", wage * rate, "元/月"))
    if facts.leave_months:
        pay = facts.wage * facts.leave_months
        steps.append(f"停工留薪期工资：{plain(facts.wage)}×{figure(facts.leave_months)}个月＝{plain(pay)}元")
        amounts.append(Amount("停工留薪期工资", pay))
    _care(facts, context, steps, amounts)
    return Result(tuple(amounts), tuple(steps), missing=_not_counted(facts))


def _care(facts: Facts, context: Context, steps: list[str], amounts: list[Amount]) -> None:
    rate = Decimal(str(context.numbers["care"].get(facts.care or "none", 0)))
    if rate and facts.average_wage:
        pay = facts.average_wage * rate
        steps.append(f"生活护理费：{plain(facts.average_wage)}×{percent(rate)}＝{plain(pay)}元/月")
        amounts.append(Amount("生活护理费", pay, "元/月"))


def _not_counted(facts: Facts) -> tuple[str, ...]:
    out = []
    if int(facts.grade) >= 5:
        out.append("五到十级离职时还有一次性工伤医疗补助金、一次性伤残就业补助金，标准由省里定，以本省公布为准")
    if facts.average_wage is None:
        out.append("没有当地职工平均工资，没有核对60%、300%的上下限")
    if facts.care in ("full", "most", "part") and facts.average_wage is None:
        out.append("生活护理费要按当地职工平均工资算，这里没有算")
    return (*out, "医疗费、住院伙食、康复、辅助器具按票据和目录另算")


def _death(facts: Facts, context: Context) -> Result:
    steps: list[str] = []
    amounts: list[Amount] = []
    missing: list[str] = []
    if facts.average_wage:
        months = context.number("funeral_months")
        pay = facts.average_wage * months
        steps.append(f"丧葬补助金：{plain(facts.average_wage)}×{figure(months)}个月＝{plain(pay)}元")
        amounts.append(Amount("丧葬补助金", pay))
    else:
        missing.append("丧葬补助金是当地上年度职工月平均工资的6个月，当地的数还没有填")
    if facts.national_income:
        times = context.number("death_times")
        pay = facts.national_income * times
        steps.append(f"一次性工亡补助金：{plain(facts.national_income)}×{figure(times)}＝{plain(pay)}元")
        amounts.append(Amount("一次性工亡补助金", pay))
    else:
        missing.append("一次性工亡补助金是上一年度全国城镇居民人均可支配收入的20倍，国家统计局的数还没有填")
    _pensions(facts, context, steps, amounts)
    missing.append(
        "供养亲属抚恤金不是家家都有：只发给靠死者生前提供主要生活来源、自己又没有劳动能力的亲属；有工作能力的配偶、成年子女一般没有"
    )
    lead = () if facts.national_income else (_lead(context),)
    return Result(tuple(amounts), tuple(steps), missing=tuple(missing), lead=lead)


def _lead(context: Context) -> str:
    times = figure(context.number("death_times"))
    return (
        f"最大的一项“一次性工亡补助金”还没算进去：是上一年度全国城镇居民人均可支配收入的{times}倍。"
        "这个数国家统计局每年公布，您把它告诉我，我就能算"
    )


def _pensions(facts: Facts, context: Context, steps: list[str], amounts: list[Amount]) -> None:
    for label, name in (("配偶的供养抚恤金", "spouse_share"), ("其他供养亲属每人的抚恤金", "other_share")):
        rate = context.number(name)
        steps.append(f"{label}：{plain(facts.wage)}×{percent(rate)}＝{plain(facts.wage * rate)}元/月")
        amounts.append(Amount(f"{label}（符合条件才有）", facts.wage * rate, "元/月"))
    steps.append(
        f"孤寡老人、孤儿再加{percent(context.number('alone_extra'))}；各人加起来不超过生前工资{plain(facts.wage)}元"
    )
