"""What is counted in a period, how numbers are split, and which tickets stand behind them: no lumped "resolved"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from api.domain.counting import PREVENTED, CountedTicket
from api.domain.period import Period


@dataclass(frozen=True)
class Measure:
    """Tickets whose `at` falls into the period and whose fields equal `where`. `sums`: a field to add up instead.

    `stock`: how many are open when the period ends. `once`: leave out what is counted with its master.
    """

    code: str
    at: str
    where: Mapping[str, str | bool] = field(default_factory=dict)
    sums: str = ""
    stock: bool = False
    once: bool = True


OUTCOMES = ("agreed", "failed", "refused", "withdrawn", "declined", "handled")
FORMS = ("written", "oral")
MEASURES: Mapping[str, Measure] = {
    one.code: one
    for one in (
        Measure("registered", "opened_at"),
        Measure("accepted", "accepted_at"),
        Measure("people", "accepted_at", sums="people"),
        *(Measure(outcome, "decided_at", {"outcome": outcome}) for outcome in OUTCOMES),
        Measure("merged", "decided_at", {"outcome": "merged"}, once=False),
        Measure("amount", "decided_at", {"outcome": "agreed"}, sums="cents"),
        *(Measure(form, "decided_at", {"outcome": "agreed", "form": form}) for form in FORMS),
        Measure("performed", "performed_at"),
        Measure("confirmed", "confirmed_at"),
        *(Measure(f"prevented_{code}", "prevented_at", {"prevented": code}) for code in PREVENTED),
        *(
            Measure(f"prevented_{code}_people", "prevented_at", {"prevented": code}, sums="people")
            for code in PREVENTED
        ),
        Measure("escalated", "escalated_at"),
        Measure("referred", "referred_at"),
        Measure("days_to_court", "referred_at", sums="days_to_court"),
        Measure("reopened", "reopened_at"),
        Measure("rights", "rights_at"),
        Measure("visited", "visited_at"),
        Measure("satisfied", "visited_at", {"satisfied": True}),
        Measure("open", "opened_at", stock=True),
    )
}
SPLITS = frozenset(
    {
        *("category", "subcategory", "kind", "origin", "tier", "town", "village", "organisation_id", "complexity"),
        *("warning_level", "respondent_org"),
    }
)
assert {field.name for field in fields(CountedTicket)} >= SPLITS


@dataclass(frozen=True)
class CountQuery:
    """Which tickets stand behind a number: the measure, the period, and the row it was split into."""

    measure: Measure
    period: Period
    within: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """As the list of tickets takes them."""
        return {"measure": self.measure.code, "period": self.period.code, **self.within}


@dataclass(frozen=True)
class Line:
    """One group of tickets: what it was split by, and its numbers by measure."""

    key: Mapping[str, str]
    numbers: Mapping[str, int]


def rolled(lines: Sequence[Line], *by: str) -> list[Line]:
    """The same numbers in fewer, larger groups, in order of their first appearance."""
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for line in lines:
        into = found.setdefault(tuple(line.key[name] for name in by), {})
        for code, number in line.numbers.items():
            into[code] = into.get(code, 0) + number
    return [Line(dict(zip(by, key, strict=True)), numbers) for key, numbers in found.items()]


def hidden_cells(tickets: Sequence[int], k: int) -> frozenset[int]:
    """Indexes of a column that must not leave the staff side: fewer than `k` tickets behind them.

    The total stands beside the column, so what it would give away goes too: the next smallest cells are hidden until
    at least two are, and together they stand for `k` tickets or more.
    """
    hidden = [index for index, count in enumerate(tickets) if 0 < count < k]
    others = sorted((count, index) for index, count in enumerate(tickets) if count >= k)
    for _, index in others:
        if not hidden or (len(hidden) > 1 and sum(tickets[one] for one in hidden) >= k):
            break
        hidden.append(index)
    return frozenset(hidden)


def all_agreed(numbers: Mapping[str, int], least: int) -> bool:
    """Every case of a fair number ended in agreement: rare enough in honest books to look at the files again."""
    decided = sum(numbers.get(code, 0) for code in ("agreed", "failed", "refused", "withdrawn", "referred"))
    return decided >= least and numbers.get("agreed", 0) == decided
