"""Child support (婚姻家庭编解释一 49、53): a range, since the court weighs need and means."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, figure, percent, plain, positive
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    monthly_income: Decimal
    children: int
    child_age: int | None = None


def calculate(facts: Facts, context: Context) -> Result:
    positive(facts.monthly_income, "monthly_income", "月收入")
    if not 1 <= facts.children <= context.number("most_children"):
        raise FactError("children", "孩子的人数好像不对，请核对一下。")
    low, high = context.number("low"), context.number("high" if facts.children == 1 else "high_many")
    least, most = facts.monthly_income * low, facts.monthly_income * high
    grown = facts.child_age is not None and facts.child_age >= context.number("grown_up")
    steps = [
        f"最低：{plain(facts.monthly_income)}×{percent(low)}＝{plain(least)}元/月",
        f"最高：{plain(facts.monthly_income)}×{percent(high)}＝{plain(most)}元/月",
    ]
    if facts.children > 1:
        steps.append(f"两个以上孩子，比例可以提高，合起来一般不超过{percent(high)}")
    if facts.child_age is not None and facts.child_age < context.number("grown_up"):
        left = context.number("grown_up") - facts.child_age
        steps.append(f"一般给到18周岁，大约还有{left}年")
    label = "抚养费（合计，要符合上面说的条件才有）" if grown else "抚养费（合计）"
    return Result((Amount(label, least, "元/月", high=most),), tuple(steps), lead=_grown_up(context) if grown else ())


def _grown_up(context: Context) -> tuple[str, ...]:
    # 民法典 1067、婚姻家庭编解释一 41
    return (
        f"孩子满{figure(context.number('grown_up'))}周岁了，一般不用再给抚养费。只有还在读高中或以下，"
        "或者因为病残等不是自己的原因没法维持正常生活的，才可以要",
    )
