"""Court fees (诉讼费用交纳办法 13-16): acceptance fees by kind of case, application fees, and the halves."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.calculators.base import Amount, Context, Result, percent, plain, tiered
from knowledge_base.fields import FactError


@dataclass(frozen=True)
class Facts:
    kind: str
    amount: Decimal | None = None
    halved: str | None = None


@dataclass(frozen=True)
class Fee:
    low: Decimal
    high: Decimal
    steps: tuple[str, ...]


Reckoner = Callable[[Decimal, Context], Fee]


def property_fee(amount: Decimal, context: Context) -> Fee:
    base = context.number("property_base")
    extra, lines = tiered(amount, context.table("property_tiers"))
    return Fee(base + extra, base + extra, (f"不超过1万元的部分：每件{plain(base)}元", *lines))


def _ranged(name: str) -> Reckoner:
    """A range the province narrows, plus a rate on what lies above a sum."""

    def reckon(amount: Decimal, context: Context) -> Fee:
        low, high = (Decimal(str(one)) for one in context.numbers[f"{name}_range"])
        tiers = f"{name}_tiers"
        extra, lines = tiered(amount, context.table(tiers)) if tiers in context.numbers else (Decimal(0), [])
        return Fee(low + extra, high + extra, (f"每件{plain(low)}元到{plain(high)}元，具体由省里定", *lines))

    return reckon


def _flat(name: str) -> Reckoner:
    def reckon(_amount: Decimal, context: Context) -> Fee:
        fee = context.number(name)
        return Fee(fee, fee, (f"每件{plain(fee)}元",))

    return reckon


def payment_order(amount: Decimal, context: Context) -> Fee:
    whole = property_fee(amount, context)
    fee = whole.low / context.number("payment_order_part")
    return Fee(fee, fee, (*whole.steps, f"支付令按财产案件的三分之一：{plain(whole.low)}÷3＝{plain(fee)}元"))


def preservation(amount: Decimal, context: Context) -> Fee:
    base, most = context.number("preservation_base"), context.number("preservation_most")
    extra, lines = tiered(amount, context.table("preservation_tiers"))
    fee = min(base + extra, most)
    capped = (f"最多不超过{plain(most)}元",) if base + extra > most else ()
    return Fee(fee, fee, (f"不超过1000元的部分：{plain(base)}元", *lines, *capped))


def enforcement(amount: Decimal, context: Context) -> Fee:
    base = context.number("enforcement_base")
    extra, lines = tiered(amount, context.table("enforcement_tiers"))
    fee = base + extra
    return Fee(fee, fee, (f"不超过1万元的部分：{plain(base)}元", *lines))


KINDS: dict[str, Reckoner] = {
    "property": property_fee,
    "divorce": _ranged("divorce"),
    "personality": _ranged("personality"),
    "other": _ranged("other"),
    "labour": _flat("labour"),
    "administrative": _flat("administrative"),
    "payment_order": payment_order,
    "preservation": preservation,
    "enforcement": enforcement,
}
NEEDS_AMOUNT = {"property", "payment_order", "preservation", "enforcement"}
# 15、16: only acceptance fees are halved, not fees for applications.
APPLICATIONS = {"payment_order", "preservation", "enforcement"}
# 20、29、36、38: who pays first and who bears it in the end.
WHO_PAYS = {
    "payment_order": "申请人先交；对方没提异议的由对方负担，提了异议终结的由申请人负担，再起诉时可以一并要",
    "preservation": "申请人先交；起诉的可以把这笔钱列进诉讼请求",
    "enforcement": "执行到钱以后由被执行人交，申请人不用先交",
}
WHO_PAYS_FEES = "先由原告交，最后一般由败诉的一方负担"


def calculate(facts: Facts, context: Context) -> Result:
    if facts.kind in NEEDS_AMOUNT and facts.amount is None:
        raise FactError("amount", "请说要的是多少钱，或者财产值多少。")
    fee = KINDS[facts.kind](facts.amount or Decimal(0), context)
    low, high, steps = fee.low, fee.high, list(fee.steps)
    if facts.halved == "half" and facts.kind not in APPLICATIONS:
        half = context.number("half")
        low, high = low * half, high * half
        steps.append(f"简易程序、调解结案或撤诉减半，乘{percent(half)}")
    steps.append(f"合计：{plain(low)}元" + (f"到{plain(high)}元" if high != low else ""))
    label = "申请费" if facts.kind in APPLICATIONS else "案件受理费"
    amount = Amount(label, low, high=high if high != low else None)
    return Result((amount,), tuple(steps), assumptions=(WHO_PAYS.get(facts.kind, WHO_PAYS_FEES),))
