from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.events import Event
from api.domain.facts import Origin
from api.domain.history import open_ticket
from api.domain.lifecycle import Move
from api.domain.statistics import CountedTicket, Described, Line, Recorded, all_agreed, count_of, hidden_cells, rolled
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
    assert (found.rights_at == on(3)) is (outcome == "refused")


def test_a_duplicate_is_counted_with_its_master() -> None:
    found = counted((Move.MERGE, 1))
    assert (found.outcome, found.single) == ("merged", False)
    assert counted(recorded=Recorded(share=True)).single is False


def test_days_to_court_run_from_the_first_word() -> None:
    found = counted((Move.ESCALATE, 12), tier=Tier.TOWN)
    assert (found.referred_at, found.days_to_court) == (on(12), 12)
    lower = counted((Move.ESCALATE, 12), tier=Tier.VILLAGE)
    assert (lower.escalated_at, lower.referred_at, lower.days_to_court) == (on(12), None, None)


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
