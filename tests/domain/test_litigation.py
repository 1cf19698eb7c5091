import inspect

import pytest

from api.domain.litigation import CounterMetrics, Criterion, Litigation, judge, parts_of, summed
from api.domain.period import Period

YEAR = Period.parse("2026")
WORDS = {"met": "{cases}件", "missed": "{cases}件，上一年{before}件", "unknown": "缺数"}


def found(cases: int | None = 3, **known: int | None) -> Litigation:
    given = {"criminal": 0, "population": 1200, "before": 5} | known
    return Litigation(cases=cases, beside=CounterMetrics(), **given)


def criterion(kind: str, limit: float = 5) -> Criterion:
    return Criterion("x", "标准", kind, limit, "细则", WORDS)


def test_there_is_no_rate_without_its_counter_metrics() -> None:
    """The only thing that knows a rate cannot be made without them."""
    assert inspect.signature(Litigation).parameters["beside"].default is inspect.Parameter.empty
    assert found().per_ten_thousand == 25.0
    assert found(population=None).per_ten_thousand is None
    assert found(cases=None).per_ten_thousand is None


def test_means_have_their_denominators() -> None:
    metrics = CounterMetrics(referred=4, days_to_court=10, visited=3, satisfied=2)
    assert (metrics.mean_days, metrics.satisfaction) == (2.5, 66.7)
    assert (CounterMetrics().mean_days, CounterMetrics().satisfaction) == (None, None)


def test_parts_are_added_up_only_when_none_is_missing() -> None:
    months = {f"2026-{month:02d}": month for month in range(1, 13)}
    assert summed(YEAR, months) == 78
    assert summed(YEAR, {code: cases for code, cases in months.items() if code != "2026-07"}) is None
    assert summed(YEAR, months | {"2026": 80}) == 80
    assert summed(YEAR, {f"2026-Q{number}": 1 for number in range(1, 5)}) == 4
    assert summed(Period.parse("2026-Q4"), months) == 33
    assert summed(Period.parse("2026-10"), {"2026": 80}) is None
    assert [one.code for one in parts_of(Period.parse("2026-Q1"), "month")] == ["2026-01", "2026-02", "2026-03"]


@pytest.mark.parametrize(
    ("kind", "known", "met"),
    [
        ("rate_below", found(cases=59), True),
        ("rate_below", found(cases=60), False),
        ("rate_below", found(population=0), None),
        ("falling", found(cases=4), True),
        ("falling", found(cases=5), False),
        ("falling", found(before=None), None),
        ("no_criminal", found(), True),
        ("no_criminal", found(criminal=1), False),
        ("no_criminal", found(criminal=None), None),
    ],
)
def test_what_is_not_known_is_not_judged(kind: str, known: Litigation, met: bool | None) -> None:
    judged = judge(criterion(kind), known)
    assert judged.met is met
    assert judged.evidence
