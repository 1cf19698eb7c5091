"""Every published table and example, the borders, bad input, and what must hold for any figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.calculators import Calculator, load_calculators
from knowledge_base.calculators.base import Result, add_months, cents, rolled
from knowledge_base.calculators.figures import load_figures
from knowledge_base.calculators.severance import months_of_pay
from knowledge_base.fields import FactError, check_all
from knowledge_base.numbers import number_of
from knowledge_base.reading import answer, prefill
from knowledge_base.schema import KnowledgeError
from knowledge_base.statutes.catalogue import load_catalogue

TODAY = date(2026, 11, 25)
CALCULATORS = load_calculators(load_catalogue(), load_figures())
MONEY = st.decimals(min_value=1, max_value=10_000_000, places=2)


def weekend(day: date) -> bool:
    return day.weekday() >= 5


def run(code: str, **facts: Any) -> Result:
    calculator = CALCULATORS[code]
    typed = check_all(calculator.fields, facts)
    return calculator.calculate(typed, today=TODAY, day_off=weekend)


def yuan(result: Result, start: str = "") -> Decimal:
    return cents(next(one.yuan for one in result.amounts if one.label.startswith(start)))


@pytest.mark.parametrize(
    ("worked", "months"),
    [
        (0.5, 0.5),
        (5.9, 0.5),
        (6, 1),
        (11.9, 1),
        (12, 1),
        (12.1, 1.5),
        (18, 2),
        (38, 3.5),
        (41, 3.5),
        (42, 4),
        (150, 13),
    ],
)
def test_years_of_work_count_in_halves(worked: float, months: float) -> None:
    assert months_of_pay(Decimal(str(worked))) == Decimal(str(months))


def test_the_villager_of_three_years_and_two_months() -> None:
    result = run("severance", worked=38, monthly_wage=4500)
    assert yuan(result, "经济补偿") == 15750
    assert yuan(result, "违法辞退") == 31500
    assert "3.5×4500＝15750元" in "".join(result.steps)


@pytest.mark.parametrize(
    ("wage", "worked", "pay"), [(30_000, 240, 24_000 * 12), (24_000, 240, 24_000 * 20), (24_001, 150, 24_000 * 12)]
)
def test_only_wages_above_three_times_the_average_are_capped(wage: int, worked: int, pay: int) -> None:
    result = run("severance", worked=worked, monthly_wage=wage, average_wage=8000)
    assert yuan(result, "经济补偿") == pay
    assert yuan(result, "违法辞退") == 2 * pay


def test_without_the_local_average_the_cap_is_named_as_not_checked() -> None:
    assert "三倍封顶" in run("severance", worked=12, monthly_wage=99_999).missing[0]


def test_a_lawful_end_shows_no_double() -> None:
    assert [one.label for one in run("severance", worked=12, monthly_wage=3000, reason="lawful").amounts] == [
        "经济补偿（N）"
    ]


@pytest.mark.parametrize(
    ("hours", "rest", "holiday", "pay"),
    [(1, 0, 0, "38.79"), (0, 1, 0, "413.79"), (0, 0, 1, "620.69"), (1, 1, 1, "1073.27")],
)
def test_overtime_of_a_wage_of_4500(hours: int, rest: int, holiday: int, pay: str) -> None:
    result = run("overtime", monthly_wage=4500, weekday_hours=hours, rest_days=rest, holiday_days=holiday)
    assert yuan(result) == Decimal(pay)
    assert "206.90" in result.steps[0]
    assert "25.86" in result.steps[1]


def test_more_than_36_hours_a_month_is_told() -> None:
    assert run("overtime", monthly_wage=4500, weekday_hours=37, months=1).missing
    assert not run("overtime", monthly_wage=4500, weekday_hours=36, months=1).missing


@pytest.mark.parametrize(
    ("started", "until", "pay"),
    [
        ("2025-01-01", "2026-03-01", 33_000),  # never more than eleven months
        ("2025-01-01", "2025-02-28", 3000),
        ("2025-01-01", "2025-01-31", 0),  # within the first month
    ],
)
def test_double_wage(started: str, until: str, pay: int) -> None:
    assert yuan(run("double_wage", started=started, until=until, monthly_wage=3000)) == pay


def test_double_wage_ends_the_day_before_the_contract_was_signed() -> None:
    signed = run("double_wage", started="2025-01-01", until="2025-03-01", monthly_wage=3000, signed=True)
    assert yuan(signed) == 3000
    part = run("double_wage", started="2025-01-01", until="2025-03-04", monthly_wage=2175, signed=True)
    assert yuan(part) == 2175 + 100  # one working day: Monday 3 March 2025


def test_double_wage_warns_of_the_time_limit() -> None:
    assert (
        "可能过了仲裁时效" in run("double_wage", started="2023-01-01", until="2024-03-01", monthly_wage=3000).missing[0]
    )


def test_unpaid_wages_by_the_day() -> None:
    assert yuan(run("unpaid_wages", daily_wage=260, owed_days=45, paid=1700), "欠的工资") == 10_000
    assert yuan(run("unpaid_wages", monthly_wage=6000, owed_days=45), "欠的工资") == 9000
    calculator = CALCULATORS["unpaid_wages"]
    assert not calculator.missing({"daily_wage": 260, "owed_days": 45})
    assert [one.id for one in calculator.missing({"daily_wage": 260})] == ["monthly_wage", "owed_months"]


def test_years_of_work_follow_from_two_days() -> None:
    facts = {"started": "2022-03-01", "left_on": "2026-09-30", "monthly_wage": 4500}
    assert not CALCULATORS["severance"].missing(facts)
    assert yuan(run("severance", **facts), "经济补偿") == 22_500


def test_unpaid_wages_by_months_and_by_dates() -> None:
    assert yuan(run("unpaid_wages", monthly_wage=5000, owed_months=3, paid=4000), "欠的工资") == 11_000
    dated = run("unpaid_wages", monthly_wage=3000, owed_from="2026-01-01", owed_to="2026-03-10")
    assert yuan(dated, "欠的工资") == 7000
    left = run("unpaid_wages", monthly_wage=5000, owed_months=1, left_on="2025-02-01")
    assert left.days == {"申请劳动仲裁的最后一天": date(2026, 2, 1)}
    assert "超过一年" in left.missing[0]


@pytest.mark.parametrize(
    ("contract", "months", "pay"),
    [
        ("under_3_months", 1, 5000),
        ("under_1_year", 1, 0),
        ("under_1_year", 3, 10_000),
        ("under_3_years", 3, 5000),
        ("longer", 6, 0),
    ],
)
def test_probation(contract: str, months: int, pay: int) -> None:
    assert yuan(run("probation", contract=contract, probation_months=months, regular_wage=5000)) == pay


@pytest.mark.parametrize(
    ("grade", "months"), list(zip(range(1, 11), (27, 25, 23, 21, 18, 16, 13, 11, 9, 7), strict=True))
)
def test_work_injury_lump_sums(grade: int, months: int) -> None:
    assert yuan(run("work_injury", grade=str(grade), wage=4000), "一次性伤残补助金") == 4000 * months


@pytest.mark.parametrize(("grade", "share"), [("1", 90), ("2", 85), ("3", 80), ("4", 75), ("5", 70), ("6", 60)])
def test_work_injury_allowances(grade: str, share: int) -> None:
    assert yuan(run("work_injury", grade=grade, wage=4000), "伤残津贴") == 40 * share


def test_work_injury_wage_lies_between_60_and_300_percent() -> None:
    assert yuan(run("work_injury", grade="10", wage=1000, average_wage=5000)) == 7 * 3000
    assert yuan(run("work_injury", grade="10", wage=90_000, average_wage=5000)) == 7 * 15_000


def test_what_the_province_sets_is_named_but_never_stated() -> None:
    result = run("work_injury", grade="7", wage=4000)
    assert "由省里定" in result.missing[0]
    assert not any("就业补助金" in one.label for one in result.amounts)


def test_death_at_work() -> None:
    result = run("work_injury", grade="death", wage=4000, national_income=54_188, average_wage=7000)
    assert yuan(result, "一次性工亡补助金") == 1_083_760
    assert yuan(result, "丧葬") == 42_000
    assert yuan(result, "配偶") == 1600
    without = run("work_injury", grade="death", wage=4000)
    assert "一次性工亡补助金”还没算" in without.lead[0]
    assert "没有劳动能力" in without.missing[-1]
    assert all("符合条件才有" in one.label for one in without.amounts)


@pytest.mark.parametrize(("age", "years"), [(30, 20), (59, 20), (60, 20), (61, 19), (74, 6), (75, 5), (90, 5)])
def test_disability_pay_falls_with_age(age: int, years: int) -> None:
    assert yuan(run("personal_injury", outcome="10", age=age, income=50_000), "残疾赔偿金") == 5000 * years


def test_injury_without_the_provincial_figure_shows_the_formula_only() -> None:
    result = run("personal_injury", outcome="10", age=40, medical=8000)
    assert yuan(result, "已经算出来的几样") == 8000
    assert "20年×10%" in result.missing[0]
    assert "最大的一项“残疾赔偿金”还没算" in result.lead[0]
    assert run("personal_injury", outcome="10", age=40).amounts == ()


def test_injury_items_and_own_fault() -> None:
    result = run(
        "personal_injury",
        outcome="death",
        age=40,
        income=50_000,
        average_wage=6000,
        consumption=30_000,
        dependant_age=8,
        dependant_sharers=2,
        lost_days=10,
        lost_daily=200,
        own_fault=30,
    )
    assert yuan(result, "死亡赔偿金") == 1_000_000
    assert yuan(result, "丧葬费") == 36_000
    assert yuan(result, "被扶养人") == 150_000
    assert yuan(result, "能算出来") == Decimal("831600.00")


def test_child_support_is_a_range() -> None:
    one = run("child_support", monthly_income=6000, children=1).amounts[0]
    assert (one.yuan, one.high) == (1200, 1800)
    many = run("child_support", monthly_income=6000, children=2, child_age=6).amounts[0]
    assert (many.yuan, many.high) == (1200, 3000)


@pytest.mark.parametrize(("age", "told"), [(17, False), (18, True), (19, True)])
def test_support_of_a_grown_child_says_first_on_what_it_depends(age: int, told: bool) -> None:
    result = run("child_support", monthly_income=6000, children=1, child_age=age)
    assert ["高中或以下" in one for one in result.lead] == [True] * told
    assert ("条件" in result.amounts[0].label) is told


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        (1, 50),
        (10_000, 50),
        (30_000, 550),
        (50_000, 1050),
        (100_000, 2300),
        (200_000, 4300),
        (300_000, 5800),
        (500_000, 8800),
        (1_000_000, 13_800),
        (2_000_000, 22_800),
        (5_000_000, 46_800),
        (10_000_000, 81_800),
        (20_000_000, 141_800),
        (30_000_000, 191_800),
    ],
)
def test_court_fee_for_property(amount: int, fee: int) -> None:
    assert yuan(run("litigation_fee", kind="property", amount=amount)) == fee
    assert yuan(run("litigation_fee", kind="property", amount=amount, halved="half")) == cents(Decimal(fee) / 2)


@pytest.mark.parametrize(
    ("kind", "amount", "low", "high"),
    [
        ("divorce", None, 50, 300),
        ("divorce", 200_000, 50, 300),
        ("divorce", 300_000, 550, 800),
        ("personality", 50_000, 100, 500),
        ("personality", 100_000, 600, 1000),
        ("personality", 200_000, 1100, 1500),
        ("other", None, 50, 100),
    ],
)
def test_court_fees_with_a_range(kind: str, amount: int | None, low: int, high: int) -> None:
    one = run("litigation_fee", kind=kind, amount=amount).amounts[0]
    assert (one.yuan, one.high) == (low, high)


@pytest.mark.parametrize(
    ("kind", "amount", "fee"),
    [
        ("labour", None, "10"),
        ("administrative", None, "50"),
        ("payment_order", 100_000, "766.67"),
        ("preservation", 1000, "30"),
        ("preservation", 10_000, "120"),
        ("preservation", 100_000, "1020"),
        ("preservation", 10_000_000, "5000"),
        ("enforcement", 10_000, "50"),
        ("enforcement", 100_000, "1400"),
        ("enforcement", 500_000, "7400"),
        ("enforcement", 5_000_000, "52400"),
        ("enforcement", 20_000_000, "87400"),
    ],
)
def test_flat_fees_and_fees_for_applications(kind: str, amount: int | None, fee: str) -> None:
    assert yuan(run("litigation_fee", kind=kind, amount=amount)) == Decimal(fee)
    if kind in ("payment_order", "preservation", "enforcement"):
        assert yuan(run("litigation_fee", kind=kind, amount=amount, halved="half")) == Decimal(fee)


def test_who_pays_first_is_told_of_each_kind_alone() -> None:
    assert "申请人不用先交" in run("litigation_fee", kind="enforcement", amount=1000).assumptions[0]
    assert "原告先交" not in "".join(CALCULATORS["litigation_fee"].assumptions)
    assert run("litigation_fee", kind="property", amount=1000).assumptions == ("先由原告交，最后一般由败诉的一方负担",)


def test_doubled_interest_for_a_late_judgment() -> None:
    assert yuan(run("late_interest", principal=50_000, days=100)) == 875
    assert yuan(run("late_interest", principal=50_000, due="2026-01-01", until="2026-04-11")) == 875
    assert yuan(run("late_interest", principal=50_000, due="2026-11-24")) == Decimal("8.75")


def test_interest_is_capped_at_four_times_the_lpr() -> None:
    result = run("loan_interest", principal=100_000, months=12, rate=2, rate_unit="fen", lpr=3)
    assert yuan(result, "法律支持") == 12_000
    assert yuan(result, "超过上限") == 12_000
    within = run("loan_interest", principal=100_000, months=6, rate=10, rate_unit="year", lpr=3, received=90_000)
    assert yuan(within, "按约定") == 4500


@pytest.mark.parametrize(("signed", "months"), [("2019-01-01", None), ("2020-08-19", 24), (None, 96)])
def test_a_loan_from_before_the_cap_is_counted_in_two_parts(signed: str | None, months: int | None) -> None:
    result = run("loan_interest", principal=100_000, signed_on=signed, months=months, rate=2, rate_unit="fen", lpr=3)
    assert "2020年8月20日以前借的" in result.lead[0]
    (amount,) = result.amounts
    assert amount.label.startswith("2020年8月20日以后")
    assert "12%" in result.steps[-2]


def test_the_part_after_the_switch_is_counted_by_days() -> None:
    result = run("loan_interest", principal=73_000, signed_on="2019-01-01", until="2021-08-20", lpr=3)
    assert yuan(result) == 73_000 * 12 // 100  # 365 days
    over = run("loan_interest", principal=73_000, signed_on="2019-01-01", months=12, lpr=3)
    assert over.amounts == ()
    assert run("loan_interest", principal=1000, signed_on="2020-08-20", months=1, lpr=3).lead == ()


def test_the_lpr_is_that_of_the_loan_or_of_the_suit_for_an_old_one() -> None:
    loan = CALCULATORS["loan_interest"]
    lpr = next(one for one in loan.fields if one.id == "lpr")
    old, new = date(2019, 1, 1), date(2025, 3, 1)
    assert "起诉" in loan.asking(lpr, {"signed_on": old}).question
    assert "借钱那个月" in loan.asking(lpr, {"signed_on": new}).question
    days = [
        loan.figure_day(lpr, facts, TODAY) for facts in ({"signed_on": old}, {"signed_on": new}, {"months": 24}, {})
    ]
    assert days == [TODAY, new, date(2024, 11, 25), TODAY]


def test_a_rate_without_its_period_is_asked_back() -> None:
    loan = CALCULATORS["loan_interest"]
    known = {"principal": 1000, "months": 12, "lpr": 3}
    assert [one.id for one in loan.missing({**known, "rate": 2})] == ["rate_unit"]
    assert [one.id for one in loan.worth_asking(known)] == ["rate"]
    assert "没有说约定的利率" in run("loan_interest", **known).missing[0]
    assert "没有约定利息的" in run("loan_interest", **known, rate=0, rate_unit="year").missing[0]


def test_without_a_known_lpr_it_is_asked_for() -> None:
    loan = CALCULATORS["loan_interest"]
    assert [one.id for one in loan.missing({"principal": 1000, "months": 12})] == ["lpr"]


CLOCKS = [
    ("civil", "2023-11-27", "2026-11-27"),
    ("labour_arbitration", "2026-03-02", "2027-03-02"),
    ("land_arbitration", "2025-03-03", "2027-03-03"),
    ("labour_inspection", "2025-03-03", "2027-03-03"),
    ("injury_employer", "2026-11-02", "2026-12-02"),
    ("injury_worker", "2026-03-02", "2027-03-02"),
    ("revocation", "2026-03-02", "2027-03-02"),
    ("mistake", "2026-09-01", "2026-11-30"),
    ("collective_decision", "2026-03-02", "2027-03-02"),
    ("reconsideration", "2026-10-01", "2026-11-30"),
    ("administrative_suit", "2026-06-01", "2026-12-01"),
    ("suit_after_reconsideration", "2026-11-10", "2026-11-25"),
    ("land_ownership", "2026-11-02", "2026-12-02"),
    ("demolition", "2026-11-10", "2026-11-25"),
    ("appeal_judgment", "2026-11-10", "2026-11-25"),
    ("appeal_ruling", "2026-11-17", "2026-11-27"),
    ("enforcement", "2025-03-03", "2027-03-03"),
    ("judicial_confirmation", "2026-11-02", "2026-12-02"),
    ("protection_order", "2026-11-20", "2026-11-25"),
    ("guarantee", "2026-06-01", "2026-12-01"),
    ("cooling_off", "2026-11-02", "2026-12-02"),
    ("divorce_certificate", "2026-11-02", "2026-12-02"),
    ("traffic_review", "2026-11-20", "2026-11-23"),
    ("labour_award", "2026-11-10", "2026-11-25"),
    ("land_award", "2026-11-02", "2026-12-02"),
]


@pytest.mark.parametrize(("kind", "start", "last"), CLOCKS)
def test_every_time_limit(kind: str, start: str, last: str) -> None:
    assert run("limitation", kind=kind, start=start).days["最后一天"] == date.fromisoformat(last)


def test_all_clocks_are_tested_and_ask_for_their_own_first_day() -> None:
    calculator = CALCULATORS["limitation"]
    assert {kind for kind, *_ in CLOCKS} | {"divorce_again"} == set(calculator.numbers["clocks"])
    questions = {calculator.missing({"kind": kind})[0].question for kind in calculator.numbers["clocks"]}
    assert len(questions) > 15


def test_a_wait_tells_the_first_day_that_is_open_again() -> None:
    assert run("limitation", kind="divorce_again", start="2026-06-01").days == {"可以再起诉的第一天": date(2026, 12, 2)}


def test_the_last_day_moves_off_a_holiday_and_the_month_has_an_end() -> None:
    result = run("limitation", kind="civil", start="2024-01-31")  # 31 January 2027 is a Sunday
    assert result.days["最后一天"] == date(2027, 2, 1)
    assert "顺延" in "".join(result.steps)
    assert add_months(date(2024, 8, 31), 6) == date(2025, 2, 28)


def test_over_is_told_with_what_may_have_restarted_it() -> None:
    result = run("limitation", kind="civil", start="2020-03-02")
    assert "已经过了" in result.steps[-1]
    assert "重新算" in result.missing[0]


def test_the_longest_time_counts_from_the_event() -> None:
    result = run("limitation", kind="revocation", start="2026-06-01", happened="2021-06-01")
    assert result.days["最长到"] == date(2026, 6, 1)
    assert "已经过了" in result.steps[-1]


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("severance", {"worked": -1, "monthly_wage": 1}, "不能是负数"),
        ("severance", {"worked": 12, "monthly_wage": float("nan")}, "要写一个数"),
        ("severance", {"worked": 12, "monthly_wage": float("inf")}, "要写一个数"),
        ("severance", {"worked": 12, "monthly_wage": 1e30}, "太大"),
        ("severance", {"worked": 0, "monthly_wage": 3000}, "要大于 0"),
        ("severance", {"worked": 12, "monthly_wage": 3}, "好像不对"),
        ("severance", {"worked": 12, "monthly_wage": True}, "要写一个数"),
        ("severance", {"worked": 12, "monthly_wage": "很多"}, "要写一个数"),
        ("severance", {"worked": 12, "monthly_wage": 1, "wage": 2}, "不认识的项目"),
        ("severance", {"worked": 12, "monthly_wage": 3000, "reason": "x"}, "只能选"),
        ("double_wage", {"started": "2026-05-01", "until": "2026-01-01", "monthly_wage": 3000}, "不能早于"),
        ("double_wage", {"started": "2026-02-30", "until": "2026-03-01", "monthly_wage": 1}, "年月日"),
        ("unpaid_wages", {"monthly_wage": 3000, "owed_from": "2026-05-01", "owed_to": "2026-01-01"}, "不能早于"),
        ("late_interest", {"principal": 1000, "due": "2026-05-01", "until": "2026-01-01"}, "不能早于"),
        ("limitation", {"kind": "civil", "start": "2027-01-01"}, "还没有到"),
        ("limitation", {"kind": "civil", "start": "1800-01-01"}, "年份"),
        ("personal_injury", {"outcome": "10", "age": 200}, "好像不对"),
        ("personal_injury", {"outcome": "hurt"}, "至少说一样"),
        ("overtime", {"monthly_wage": 4500}, "至少说一样"),
        ("child_support", {"monthly_income": 3000, "children": 0}, "好像不对"),
        ("loan_interest", {"principal": 1000, "months": 1, "lpr": 100}, "好像不对"),
    ],
)
def test_bad_input_is_named_in_plain_chinese(code: str, facts: Mapping[str, Any], words: str) -> None:
    with pytest.raises(FactError, match=words):
        run(code, **facts)


@given(MONEY, MONEY)
def test_fees_never_fall_when_the_sum_grows(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    for kind in ("property", "payment_order", "preservation", "enforcement", "divorce", "personality"):
        fees = [run("litigation_fee", kind=kind, amount=sum_).amounts[0].yuan for sum_ in (low, high)]
        assert fees == sorted(fees)


WAGE = st.decimals(min_value=300, max_value=200_000, places=2)


@given(st.decimals(min_value="0.1", max_value=600, places=1), WAGE, st.none() | WAGE)
def test_compensation_is_never_negative_and_2n_is_twice_n(
    worked: Decimal, wage: Decimal, average: Decimal | None
) -> None:
    result = run("severance", worked=worked, monthly_wage=wage, average_wage=average)
    n, double = yuan(result, "经济补偿"), yuan(result, "违法辞退")
    assert n > 0
    assert abs(double - 2 * n) <= Decimal("0.01")
    assert months_of_pay(worked) <= worked / 12 + 1


@given(st.dates(date(2000, 1, 1), TODAY), st.sampled_from([kind for kind, *_ in CLOCKS]))
def test_a_last_day_is_never_a_day_off_and_never_before_its_start(start: date, kind: str) -> None:
    last = run("limitation", kind=kind, start=start).days["最后一天"]
    assert last > start
    assert not weekend(last)


def test_a_calendar_without_working_days_does_not_hang() -> None:
    assert rolled(TODAY, lambda _: True) <= TODAY + timedelta(days=40)


def test_local_figures_are_empty_as_shipped_and_dated_when_set(tmp_path: Path) -> None:
    assert not any(one.values for one in load_figures().values())
    own = tmp_path / "local_figures.yml"
    own.write_text(
        "figures:\n  lpr_one_year:\n    values:\n"
        "    - {from: 2025-01-20, value: 3.1, source: 测试}\n    - {from: 2026-01-20, value: 3, source: 测试}\n",
        encoding="utf8",
    )
    lpr = load_figures(own)["lpr_one_year"]
    values = [one.value if (one := lpr.on(day)) else None for day in (date(2024, 1, 1), date(2025, 6, 1), TODAY)]
    assert values == [None, Decimal("3.1"), 3]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{unknown: {values: []}}", "没有这一项"),
        ("{lpr_one_year: {values: [{from: 2026-01-20, value: -3, source: x}]}}", "大于 0"),
        ("{lpr_one_year: {values: [{from: 2026-01-20, value: .nan, source: x}]}}", "大于 0"),
        ("{lpr_one_year: {values: [{from: 2026-01-20, value: 3}]}}", "source"),
        ("{lpr_one_year: {values: [{value: 3, source: x}]}}", "from"),
        ("{lpr_one_year: {values: [3]}}", "from"),
        ("[", "YAML"),
    ],
)
def test_wrong_local_figures_are_refused_by_name(tmp_path: Path, line: str, words: str) -> None:
    own = tmp_path / "local_figures.yml"
    own.write_text(f"figures: {line}\n", encoding="utf8")
    with pytest.raises(KnowledgeError, match=words):
        load_figures(own)


def test_a_calculator_that_cites_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    for path in Path(load_calculators.__code__.co_filename).parent.glob("*.yml"):
        (tmp_path / path.name).write_text(
            path.read_text("utf8").replace("劳动合同法#第八十七条", "劳动合同法#第九百条"), "utf8"
        )
    with pytest.raises(KnowledgeError, match="劳动合同法没有第九百条"):
        load_calculators(load_catalogue(), load_figures(), folder=tmp_path)


@pytest.mark.parametrize("calculator", CALCULATORS.values(), ids=lambda one: one.code)
def test_every_calculator_says_what_it_rests_on(calculator: Calculator) -> None:
    assert calculator.basis
    assert calculator.assumptions
    assert calculator.words
    assert len(calculator.missing({})) <= 3 or calculator.code == "personal_injury"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("四千五", 4500),
        ("两万三", 23_000),
        ("一百二", 120),
        ("十二", 12),
        ("3.5万", 35_000),
        ("8,000", 8000),
        ("两千零五十", 2050),
        ("万一", None),
        ("abc", None),
    ],
)
def test_numbers_in_words(words: str, value: float | None) -> None:
    assert number_of(words) == value


def entity(kind: str, value: Any, text: str) -> dict[str, Any]:
    return {"entity": kind, "value": value, "text": text}


@pytest.mark.parametrize(
    ("code", "text", "entities", "facts"),
    [
        (
            "severance",
            "干了3年零2个月,月4500,辞退补多少",
            [entity("duration", {"months": 38}, "3年零2个月")],
            {"worked": 38, "monthly_wage": 4500},
        ),
        (
            "severance",
            "月薪五千干了两年三个月被开除",
            [entity("money", 5000, "五千"), entity("duration", {"months": 27}, "两年三个月")],
            {"worked": 27, "monthly_wage": 5000},
        ),
        (
            "loan_interest",
            "借了十万两分利一年",
            [entity("money", 100_000, "十万"), entity("duration", {"months": 12}, "一年")],
            {"principal": 100_000, "months": 12, "rate": 2, "rate_unit": "fen"},
        ),
        ("child_support", "我一个月挣6000,两个孩子", [], {"monthly_income": 6000, "children": 2}),
        ("work_injury", "工伤九级一个月四千", [entity("money", 4000, "四千")], {"grade": "9", "wage": 4000}),
    ],
)
def test_a_message_fills_what_it_already_says(
    code: str, text: str, entities: list[dict[str, Any]], facts: dict[str, Any]
) -> None:
    assert prefill(CALCULATORS[code].fields, text, entities) == facts


@pytest.mark.parametrize(
    "words", ["只有", "一个月大概只有", "试用期", "够了满够", "零一二三万千百十", "1,000", "借了给我款钱"]
)
def test_a_long_text_of_filling_words_is_read_at_once(words: str) -> None:
    begun = perf_counter()
    for calculator in CALCULATORS.values():
        prefill(calculator.fields, ("月薪" + words * 2000)[:2000], [])
    assert perf_counter() - begun < 5


def test_answers_in_words() -> None:
    fields = {one.id: one for one in CALCULATORS["severance"].fields}
    asked = list(fields.values())
    assert answer(asked, fields["worked"], "三年半") == {"worked": 42}
    assert answer(asked, fields["worked"], "两年零三个月") == {"worked": 27}
    assert answer(asked, fields["monthly_wage"], "四千五吧") == {"monthly_wage": 4500}
    assert answer(asked, fields["reason"], "没有理由就让我走") == {"reason": "unlawful"}
    with pytest.raises(FactError):
        answer(asked, fields["monthly_wage"], "记不得了")
