"""What is counted of a ticket, when, and which tickets stand behind a number. Nothing is lumped into "resolved".

A number belongs to the period in which the thing happened: a ticket opened in May and agreed in June counts as
registered in May and as agreed in June. Duplicates and shares of a batch are counted once, with their master.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from api.domain.deadline import LOCAL
from api.domain.events import Event
from api.domain.facts import Origin
from api.domain.lifecycle import OPENED, Move
from api.domain.period import Period
from api.domain.ticket import Ticket
from api.domain.tier import Tier


@dataclass(frozen=True)
class Recorded:
    """What the records of a ticket say beyond its moves; money in 分. `prevented`: as stated, never inferred."""

    form: str = ""
    cents: int | None = None
    performed_at: datetime | None = None
    confirmed_at: datetime | None = None
    prevented: str = ""
    prevented_at: datetime | None = None
    visited_at: datetime | None = None
    satisfied: bool | None = None
    docked_at: datetime | None = None
    rights_at: datetime | None = None
    share: bool = False


@dataclass(frozen=True)
class CountedTicket:
    """One ticket as the reports see it: no names, no words, only what is counted or what numbers are split by."""

    category: str
    subcategory: str
    organisation_id: int | None
    kind: str
    origin: str
    town: str
    village: str
    tier: str
    tier_rank: int
    protective: bool
    complexity: str
    warning_level: str
    respondent_org: str
    single: bool
    people: int
    cents: int
    opened_at: datetime
    last_at: datetime
    accepted_at: datetime | None = None
    outcome: str = ""
    decided_at: datetime | None = None
    escalated_at: datetime | None = None
    referred_at: datetime | None = None
    days_to_court: int | None = None
    reopened_at: datetime | None = None
    ended_at: datetime | None = None
    rights_at: datetime | None = None
    form: str = ""
    performed_at: datetime | None = None
    confirmed_at: datetime | None = None
    prevented: str = ""
    prevented_at: datetime | None = None
    visited_at: datetime | None = None
    satisfied: bool | None = None


@dataclass(frozen=True)
class Described:
    """What a ticket's row knows beside its life."""

    kind: str
    origin: Origin
    complexity: str
    respondent_org: str
    people: int
    cents: int


def count_of(
    ticket: Ticket, history: Sequence[Event], described: Described, recorded: Recorded | None = None
) -> CountedTicket:
    """`history` is the whole of it, oldest first."""
    recorded = recorded or Recorded()
    decided = _decided(history) if ticket.outcome else None
    referred = recorded.docked_at or _first(history, Move.ESCALATE, tier=Tier.COURT)
    # 人民调解法 26: whoever is refused or not agreed is told of the other ways.
    told = recorded.rights_at or (decided if ticket.outcome in ("refused", "failed") else None)
    agreed = ticket.outcome == "agreed"
    times = {
        "accepted_at": _first(history, Move.ACCEPT),
        "decided_at": decided,
        "escalated_at": _first(history, Move.ESCALATE),
        "referred_at": referred,
        "reopened_at": _last(history, Move.REOPEN),
        "ended_at": ticket.ended_at,
        "rights_at": told,
        "performed_at": recorded.performed_at if agreed else None,
        "confirmed_at": recorded.confirmed_at if agreed else None,
        "prevented_at": recorded.prevented_at,
        "visited_at": recorded.visited_at,
    }
    return CountedTicket(
        category=ticket.category,
        subcategory=ticket.subcategory,
        organisation_id=int(ticket.organisation) if ticket.organisation else None,
        kind=described.kind,
        origin=described.origin,
        town=ticket.place.town,
        village=ticket.place.village,
        tier=ticket.tier,
        tier_rank=ticket.tier.rank,
        protective=ticket.protective,
        complexity=described.complexity,
        warning_level=ticket.warning_level,
        respondent_org=described.respondent_org,
        single=not ticket.merged_into and not recorded.share,
        people=described.people,
        cents=described.cents if recorded.cents is None else recorded.cents,
        opened_at=ticket.opened_at,
        last_at=max([ticket.opened_at, *(at for at in times.values() if at)]),
        outcome=ticket.outcome,
        days_to_court=_days(ticket.opened_at, referred) if referred else None,
        form=recorded.form if agreed else "",
        prevented=recorded.prevented,
        satisfied=recorded.satisfied,
        **times,
    )


def _days(since: datetime, until: datetime) -> int:
    return (until.astimezone(LOCAL).date() - since.astimezone(LOCAL).date()).days


def _first(history: Sequence[Event], move: Move, **changes: str) -> datetime | None:
    return next((one.at for one in history if one.move == move and changes.items() <= one.changes.items()), None)


def _last(history: Sequence[Event], move: Move) -> datetime | None:
    return next((one.at for one in reversed(history) if one.move == move), None)


def _decided(history: Sequence[Event]) -> datetime | None:
    """When the present outcome was set; the opening event carries an empty one."""
    return next((one.at for one in reversed(history) if one.changes.get("outcome") and one.move != OPENED), None)


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
PREVENTED = ("suicide", "criminal", "mass_petition", "mass_fight")
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
    decided = sum(numbers.get(code, 0) for code in ("agreed", "failed", "refused", "withdrawn"))
    return decided >= least and numbers.get("agreed", 0) == decided
