"""One ticket as the reports see it: what happened, on which day, without names or words.

A thing belongs to the day on which it happened: a ticket opened in May and agreed in June counts as registered in May
and as agreed in June. Duplicates and shares of a batch are counted once, with their master.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.domain.deadline import LOCAL
from api.domain.events import Event
from api.domain.facts import Origin
from api.domain.lifecycle import OPENED, Move
from api.domain.ticket import Ticket
from api.domain.tier import Tier

SATISFIED = {"satisfied": True, "basic": True, "unsatisfied": False}
# A court that entrusts a case to the desk sends it the other way.
LEADS_TO_COURT = frozenset({"docking", "filing_guide", "arbitration"})
PREVENTED = ("suicide", "criminal", "mass_petition", "mass_fight")
PREVENTED_TAGS = {f"prevented_{one}": one for one in PREVENTED}


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
    shares: int = 0


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
    outcome, decided = _ending(ticket, history)
    ways = (recorded.docked_at, _first(history, Move.ESCALATE, tier=Tier.COURT), _first(history, Move.LEAVE))
    referred = min((at for at in ways if at), default=None)
    agreed = outcome == "agreed"
    times = {
        "accepted_at": _first(history, Move.ACCEPT),
        "decided_at": decided,
        "escalated_at": _first(history, Move.ESCALATE),
        "referred_at": referred,
        "reopened_at": _last(history, Move.REOPEN),
        "ended_at": ticket.ended_at,
        "rights_at": recorded.rights_at,
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
        single=outcome != "merged",
        people=max(described.people, recorded.shares),
        cents=described.cents if recorded.cents is None else recorded.cents,
        opened_at=ticket.opened_at,
        last_at=max([ticket.opened_at, *(at for at in times.values() if at)]),
        outcome=outcome,
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


def _ending(ticket: Ticket, history: Sequence[Event]) -> tuple[str, datetime | None]:
    """The outcome and when it was set. Who leaves after a failure has failed first; their leaving is counted too."""
    endings = [one for one in history if one.move != OPENED and one.changes.get("outcome")]
    if not ticket.outcome or not endings:
        return ticket.outcome, None
    last = endings[-1]
    if last.move == Move.LEAVE:
        steps = [one for one in history if "status" in one.changes and one.seq < last.seq]
        if steps and steps[-1].move == Move.RECORD_FAILURE:
            return "failed", steps[-1].at
    return ticket.outcome, last.at


@dataclass(frozen=True)
class RecordFact:
    """Of a record on a ticket what is counted: its kind and state, and the columns it is asked for by."""

    kind: str
    state: str
    code: str
    fen: int | None
    at: datetime
    changed_at: datetime


def recorded_of(records: Sequence[RecordFact]) -> Recorded:
    """`records` oldest first."""
    agreement = _last_of(records, "agreement", "effective")
    confirmed = _last_of(records, "confirmation", "confirmed")
    visit = _last_of(records, "follow_up", "visited")
    prevented = [one for one in records if (one.kind, one.state) == ("tag", "set") and one.code in PREVENTED_TAGS]
    docked = [one for one in records if one.kind == "docking" and one.code in LEADS_TO_COURT]
    rights = [one for one in records if one.kind == "rights_notice" and one.code != "start"]
    return Recorded(
        form=agreement.code if agreement else "",
        cents=agreement.fen if agreement else None,
        performed_at=_performed([one for one in records if one.kind == "obligation"]),
        confirmed_at=confirmed.changed_at if confirmed else None,
        prevented=PREVENTED_TAGS[prevented[-1].code] if prevented else "",
        prevented_at=prevented[-1].at if prevented else None,
        visited_at=visit.at if visit else None,
        satisfied=SATISFIED.get(visit.code) if visit else None,
        docked_at=docked[0].at if docked else None,
        rights_at=rights[0].at if rights else None,
        shares=sum((one.kind, one.state) == ("share", "joined") for one in records),
    )


def _last_of(records: Sequence[RecordFact], kind: str, state: str) -> RecordFact | None:
    return next((one for one in reversed(records) if (one.kind, one.state) == (kind, state)), None)


def _performed(obligations: Sequence[RecordFact]) -> datetime | None:
    """When the last of them was done; those that the other side let go do not stand in the way."""
    done = [one.changed_at for one in obligations if one.state == "performed"]
    waiting = [one for one in obligations if one.state not in ("performed", "released")]
    return max(done) if done and not waiting else None
