from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.counting import CountedTicket, Described, Recorded, RecordFact, count_of, recorded_of
from api.domain.events import Event
from api.domain.facts import Origin
from api.domain.history import open_ticket
from api.domain.lifecycle import Move
from api.domain.statistics import Line, all_agreed, hidden_cells, rolled
from api.domain.ticket import Target, Ticket, apply
from api.domain.tier import Tier
from tests.domain.factories import FRIDAY, make_ticket

PLAIN = Described("grid_station", Origin.APPLICATION, "simple", "", 2, 500_00)
UP = Target(organisation="9")


def lived(*moves: tuple[Move, int], **fields: Any) -> tuple[Ticket, list[Event]]:
    """Opened on FRIDAY; each move some days after."""
    ticket, event = open_ticket(make_ticket(organisation="7", **fields), "tool:test")
    history = [event]
    for move, days in moves:
        target = UP if move is Move.ESCALATE else Target(ticket="T-1")
        ticket, event = apply(ticket, move, FRIDAY + timedelta(days=days), "tool:test", "理由", target)
        history.append(event)
    return ticket, history


def counted(*moves: tuple[Move, int], recorded: Recorded | None = None, **fields: Any) -> CountedTicket:
    return count_of(*lived(*moves, **fields), PLAIN, recorded)


def on(days: int) -> datetime:
    return FRIDAY + timedelta(days=days)


AGREED = ((Move.ACCEPT, 1), (Move.START_MEDIATION, 2), (Move.RECORD_AGREEMENT, 5))


def test_each_step_counts_on_its_own_day() -> None:
    found = counted(*AGREED)
    assert (found.opened_at, found.accepted_at, found.decided_at) == (on(0), on(1), on(5))
    assert (found.outcome, found.last_at, found.single) == ("agreed", on(5), True)
    assert (found.people, found.cents, found.rights_at) == (2, 500_00, None)


def test_agreed_is_not_yet_performed_or_confirmed() -> None:
    assert counted(*AGREED).performed_at is None
    done = Recorded(form="written", cents=1, performed_at=on(9), confirmed_at=on(8))
    found = counted(*AGREED, recorded=done)
    assert (found.form, found.cents, found.performed_at, found.last_at) == ("written", 1, on(9), on(9))


def test_a_failure_reopened_has_no_outcome_any_more() -> None:
    failed = (*AGREED[:2], (Move.RECORD_FAILURE, 6), (Move.CLOSE, 7))
    assert (counted(*failed).outcome, counted(*failed).decided_at) == ("failed", on(6))
    again = counted(*failed, (Move.REOPEN, 8))
    assert (again.outcome, again.decided_at, again.reopened_at) == ("", None, on(8))


@pytest.mark.parametrize(("move", "outcome"), [(Move.REFUSE, "refused"), (Move.WITHDRAW, "withdrawn")])
def test_endings_stay_apart(move: Move, outcome: str) -> None:
    found = counted((move, 3))
    assert (found.outcome, found.decided_at) == (outcome, on(3))


def test_a_duplicate_is_counted_with_its_master() -> None:
    found = counted((Move.MERGE, 1))
    assert (found.outcome, found.single) == ("merged", False)
    assert counted((Move.MERGE, 1), (Move.REOPEN, 2)).single is True


def test_days_to_court_run_from_the_first_word() -> None:
    found = counted((Move.ESCALATE, 12), tier=Tier.TOWN)
    assert (found.referred_at, found.days_to_court) == (on(12), 12)
    lower = counted((Move.ESCALATE, 12), tier=Tier.VILLAGE)
    assert (lower.escalated_at, lower.referred_at, lower.days_to_court) == (on(12), None, None)


def test_who_leaves_after_a_failure_counts_as_both() -> None:
    failed = (*AGREED[:2], (Move.RECORD_FAILURE, 6))
    found = counted(*failed, (Move.LEAVE, 8))
    assert (found.outcome, found.decided_at, found.referred_at, found.days_to_court) == ("failed", on(6), on(8), 8)
    straight = counted(*AGREED[:2], (Move.LEAVE, 8))
    assert (straight.outcome, straight.decided_at, straight.referred_at) == ("referred", on(8), on(8))


def record(kind: str, state: str, code: str = "", fen: int | None = None, at: int = 1, changed: int = 1) -> RecordFact:
    return RecordFact(kind, state, code, fen, on(at), on(changed))


def test_records_say_how_an_agreement_went_on() -> None:
    owed = [record("obligation", "performed", changed=9), record("obligation", "due")]
    agreement = record("agreement", "effective", "written", 120_000)
    found = recorded_of([record("agreement", "void", "oral", 1), agreement, *owed])
    assert (found.form, found.cents, found.performed_at) == ("written", 120_000, None)
    paid = recorded_of([agreement, owed[0], record("obligation", "released", changed=10)])
    assert paid.performed_at == on(9)
    assert recorded_of([record("obligation", "released")]).performed_at is None
    assert recorded_of([record("confirmation", "applied")]).confirmed_at is None
    assert recorded_of([record("confirmation", "confirmed", changed=7)]).confirmed_at == on(7)


def test_records_of_rights_visits_and_the_way_to_court() -> None:
    told = [record("rights_notice", "issued", "start", at=1), record("rights_notice", "issued", "refused", at=4)]
    assert recorded_of(told[:1]).rights_at is None
    assert recorded_of(told).rights_at == on(4)
    assert recorded_of([record("docking", "sent", "entrusted")]).docked_at is None
    assert recorded_of([record("docking", "sent", "filing_guide", at=3)]).docked_at == on(3)
    visits = [record("follow_up", "visited", code, at=day) for day, code in ((5, "satisfied"), (6, "unsatisfied"))]
    assert (recorded_of(visits).visited_at, recorded_of(visits).satisfied) == (on(6), False)
    assert recorded_of([record("follow_up", "visited", "unsaid")]).satisfied is None


def test_what_was_prevented_is_only_what_a_mediator_stated() -> None:
    tags = [record("tag", "set", "teaching"), record("tag", "set", "prevented_criminal", at=2)]
    assert (recorded_of(tags).prevented, recorded_of(tags).prevented_at) == ("criminal", on(2))
    assert recorded_of([record("tag", "removed", "prevented_criminal")]).prevented == ""


def test_groups_roll_up_without_loss() -> None:
    lines = [
        Line({"category": "neighbor", "kind": "grid_station"}, {"registered": 2, "agreed": 1}),
        Line({"category": "labor", "kind": "grid_station"}, {"registered": 3}),
    ]
    assert rolled(lines, "kind") == [Line({"kind": "grid_station"}, {"registered": 5, "agreed": 1})]
    assert rolled(lines) == [Line({}, {"registered": 5, "agreed": 1})]


def test_a_single_small_cell_takes_a_second_with_it() -> None:
    assert hidden_cells([30, 3, 12, 0], 5) == {1, 2}
    assert hidden_cells([30, 3, 4, 0], 5) == {1, 2}
    assert hidden_cells([30, 12, 0], 5) == frozenset()


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(2, 9))
def test_no_small_cell_is_left_and_none_can_be_worked_out(counts: list[int], k: int) -> None:
    hidden = hidden_cells(counts, k)
    assert all(count == 0 or count >= k for index, count in enumerate(counts) if index not in hidden)
    secret = sum(counts[index] for index in hidden)
    assert not hidden or (len(hidden) > 1 and secret >= k) or secret == sum(counts)


def test_only_a_fair_number_of_agreements_alone_prompts_a_review() -> None:
    assert all_agreed({"agreed": 10}, 10)
    assert not all_agreed({"agreed": 9}, 10)
    assert not all_agreed({"agreed": 30, "refused": 1}, 10)
