"""万人成讼率 and the self-check of a village without lawsuits: never without what stands against them.

A rate that counts lawsuits tempts people to stand in the way of a court. So it can only be made together with the
figures that show whether anybody was: rights notices, refusals honoured, referrals, days to court, reopened cases,
what people said afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api.domain.period import Period

BESIDE = ("rights", "refused", "referred", "days_to_court", "reopened", "visited", "satisfied")
MONTHS, QUARTERS = ("month", 12), ("quarter", 4)


@dataclass(frozen=True)
class CounterMetrics:
    """Counts of one place and period; `days_to_court` is the sum over all that were referred."""

    rights: int = 0
    refused: int = 0
    referred: int = 0
    days_to_court: int = 0
    reopened: int = 0
    visited: int = 0
    satisfied: int = 0

    @property
    def mean_days(self) -> float | None:
        return round(self.days_to_court / self.referred, 1) if self.referred else None

    @property
    def satisfaction(self) -> float | None:
        """Percent of those who were visited."""
        return round(100 * self.satisfied / self.visited, 1) if self.visited else None


@dataclass(frozen=True)
class Litigation:
    """Court cases of a place; None is "not known"."""

    cases: int | None
    criminal: int | None
    population: int | None
    before: int | None
    beside: CounterMetrics

    @property
    def per_ten_thousand(self) -> float | None:
        if self.cases is None or not self.population:
            return None
        return round(self.cases * 10_000 / self.population, 2)

    @property
    def percent(self) -> float | None:
        if self.cases is None or not self.population:
            return None
        return round(self.cases * 100 / self.population, 2)


def summed(period: Period, figures: Mapping[str, int]) -> int | None:
    """Figures by period code; parts are added up only when none of them is missing."""
    if period.code in figures:
        return figures[period.code]
    for kind, _ in (QUARTERS, MONTHS):
        parts = parts_of(period, kind)
        if parts and all(one.code in figures for one in parts):
            return sum(figures[one.code] for one in parts)
    return None


def parts_of(period: Period, kind: str) -> list[Period]:
    """The months or quarters that a longer period is made of; nothing for periods that are not longer."""
    if period.kind not in ("quarter", "year") or kind == period.kind:
        return []
    parts = [Period.of(kind, period.first)]
    while parts[-1].after < period.after:
        parts.append(Period.of(kind, parts[-1].after))
    return parts


@dataclass(frozen=True)
class Criterion:
    """`kind` rate_below (percent of the population), falling, or no_criminal; `words` by met, missed, unknown."""

    code: str
    text: str
    kind: str
    limit: float
    basis: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Judged:
    """`met` None: cannot be told, `evidence` says what is missing."""

    met: bool | None
    evidence: str


def judge(criterion: Criterion, found: Litigation) -> Judged:
    met = _met(criterion, found)
    name = "unknown" if met is None else "met" if met else "missed"
    values = {"cases": found.cases, "before": found.before, "criminal": found.criminal, "limit": criterion.limit}
    words = criterion.words[name].format(**values, population=found.population, percent=found.percent)
    return Judged(met, words)


def _met(criterion: Criterion, found: Litigation) -> bool | None:
    match criterion.kind:
        case "rate_below":
            return None if found.percent is None else found.percent < criterion.limit
        case "falling":
            return None if found.cases is None or found.before is None else found.cases < found.before
        case "no_criminal":
            return None if found.criminal is None else found.criminal == 0
    raise ValueError(criterion.kind)
