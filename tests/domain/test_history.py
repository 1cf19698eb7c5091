"""Any move in any order: refused moves change nothing, and the history tells the ticket."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api.domain.errors import DomainError, InvalidInput
from api.domain.events import Event, chain_verifies
from api.domain.history import open_ticket, replay
from api.domain.lifecycle import FINAL, Move, Status
from api.domain.policy import WarningLevel
from api.domain.ticket import Target, Ticket, apply
from api.domain.tier import Tier
from tests.domain.factories import FRIDAY, make_ticket

TARGETS = st.builds(
    Target,
    organisation=st.sampled_from(["", "village", "office", "town"]),
    mediator=st.sampled_from(["", "m1"]),
    ticket=st.sampled_from(["", "T-20261120-0009"]),
    warning_level=st.sampled_from([None, *WarningLevel]),
    consents=st.frozensets(st.sampled_from(["applicant", "respondent"])),
)


class TicketLife(RuleBasedStateMachine):
    ticket: Ticket
    events: list[Event]

    @initialize(tier=st.sampled_from(Tier), protective=st.booleans())
    def open(self, tier: Tier, protective: bool) -> None:
        self.ticket, event = open_ticket(make_ticket(tier=tier, protective=protective), "tool:test")
        self.events = [event]
        self.now = FRIDAY

    @rule(move=st.sampled_from(Move), note=st.sampled_from(["", "理由"]), goal=TARGETS, days=st.integers(0, 20))
    def move(self, move: Move, note: str, goal: Target, days: int) -> None:
        before = self.ticket
        self.now += timedelta(days=days)
        try:
            after, event = apply(before, move, self.now, "staff:1", note, goal)
        except DomainError:
            assert replay(self.events) == before
            return
        self.events.append(event)
        self.ticket = after
        self.check_step(before, after, move)

    def check_step(self, before: Ticket, after: Ticket, move: Move) -> None:
        assert after.version == before.version + 1
        fell = after.tier.rank < before.tier.rank
        assert not fell or move is Move.RETURN_TO_SENDER
        if move is Move.ESCALATE:
            assert before.tier is not Tier.COURT
            assert (after.tier.rank, after.status) == (before.tier.rank + 1, Status.SUBMITTED)
        if before.status in FINAL:
            assert move is Move.REOPEN

    @invariant()
    def history_tells_the_ticket(self) -> None:
        assert replay(self.events) == self.ticket
        assert chain_verifies(self.events, self.ticket.head)

    @invariant()
    def protective_tickets_are_never_mediated(self) -> None:
        assert not (self.ticket.protective and self.ticket.status is Status.MEDIATING)


TestTicketLife = TicketLife.TestCase


def history() -> list[Event]:
    ticket, first = open_ticket(make_ticket(), "tool:test")
    events = [first]
    for move in (Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_FAILURE):
        ticket, event = apply(ticket, move, FRIDAY, "staff:1", "理由")
        events.append(event)
    return events


class TestTampering:
    def test_untouched_history_verifies(self) -> None:
        assert chain_verifies(history(), history()[-1].hash)

    @pytest.mark.parametrize("change", [{"note": "改过"}, {"actor": "staff:2"}, {"changes": {"status": "agreed"}}])
    def test_a_change_in_the_middle_shows(self, change: dict[str, object]) -> None:
        events = history()
        events[2] = replace(events[2], **change)  # type: ignore[arg-type]
        assert not chain_verifies(events)
        with pytest.raises(InvalidInput):
            replay(events)

    def test_a_rehashed_event_breaks_the_next_link(self) -> None:
        events = history()
        old = events[1]
        events[1] = Event.after(old.ticket, old.seq, old.previous, old.move, old.at, "staff:2", old.note, old.changes)
        assert events[1].genuine
        assert not chain_verifies(events)

    def test_something_left_out_shows(self) -> None:
        events = history()
        assert not chain_verifies([*events[:1], *events[2:]])
        assert not chain_verifies(events[:-1], head=events[-1].hash)
