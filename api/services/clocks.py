"""Clocks follow what happens to a ticket, in the same transaction. The ticket is locked by whoever calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import clocks as store
from api.db.tables.clocks import ClockRow
from api.db.tables.desk import TicketRow
from api.domain import clock as domain
from api.domain.calendar import LOCAL, WorkingCalendar
from api.domain.clock import Clock, ClockBook, ClockKind, Ended, Rung
from api.domain.deadline import LegalClock, after, due_at, legal_clocks, readable
from api.domain.lifecycle import OPENED, Status
from api.domain.policy import DeadlineRule, Policy
from api.services.clock_book import clock_book
from api.services.routing import RoutingDesk
from api.services.ticket_facts import policy_facts, ticket_facts
from api.services.working_days import working_calendar

END_OF_DAY = time(17, 30)
PROMISED = {"accept": "accept_due_at", "mediate": "mediate_due_at"}


@dataclass(frozen=True)
class About:
    """The record that something happened to. `parent`: number of the one it hangs under, 0 for none."""

    ref: int
    parent: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)


NOTHING = About(0)


async def follow(session: AsyncSession, desk: RoutingDesk, row: TicketRow, what: str, *, at: datetime) -> None:
    """`what`: a move; `row` as it is after that."""
    await _follow(session, Follower.of_move(desk, row, what, at=at))


def begin(session: AsyncSession, desk: RoutingDesk, row: TicketRow, *, at: datetime) -> None:
    """The clocks of a ticket just opened: there are none yet."""
    follower = Follower.of_move(desk, row, OPENED, at=at)
    new = follower.follow([])
    session.add_all(new)
    follower.promise(new)


async def follow_record(
    session: AsyncSession, row: TicketRow, kind: str, step: str, *, at: datetime, about: About
) -> None:
    """A record was added, corrected or moved on; its own clocks and those of the ticket hear of it."""
    await _follow(session, Follower.of_record(row, kind, step, at=at, about=about))


async def _follow(session: AsyncSession, follower: "Follower") -> None:
    if not follower.concerned:
        return
    running = await store.running(session, follower.row.id)
    new = follower.follow(running)
    session.add_all(new)
    follower.promise([one for one in (*running, *new) if one.ref == 0 and one.ended_at is None])


@dataclass
class Follower:
    """What one happening does to the clocks of one ticket. Records need no `policy`: they bring their own dates."""

    policy: Policy | None
    calendar: WorkingCalendar
    book: ClockBook
    row: TicketRow
    what: str
    at: datetime
    about: About

    @classmethod
    def of_move(cls, desk: RoutingDesk, row: TicketRow, move: str, *, at: datetime) -> "Follower":
        return cls(desk.policy, desk.calendar, clock_book(), row, move, at, NOTHING)

    @classmethod
    def of_record(cls, row: TicketRow, kind: str, step: str, *, at: datetime, about: About) -> "Follower":
        return cls(None, working_calendar(), clock_book(), row, f"record.{kind}.{step}", at, about)

    @property
    def over(self) -> bool:
        return Status(self.row.status).final

    @property
    def concerned(self) -> bool:
        return self.over or self.book.watches(self.what)

    def follow(self, running: Sequence[ClockRow]) -> list[ClockRow]:
        """Changes those that run, and returns those that begin."""
        if not self.concerned:
            return []
        over = self.over
        for one in running:
            clock = store.to_domain(one)
            after_it = self.after(one, clock, over=over)
            if after_it != clock:
                store.keep(one, self.scheduled(after_it))
        return self.new(over=over)

    def after(self, one: ClockRow, clock: Clock, *, over: bool) -> Clock:
        kind = self.book.kinds.get(clock.key)
        if kind is None:
            return domain.ended(clock, Ended.STOPPED, self.at)
        if self._meant(kind, clock):
            clock = self._moved(one, clock, kind)
        if clock.running and over and not kind.outlives:
            clock = domain.ended(clock, Ended.STOPPED, self.at)
        return clock

    def _meant(self, kind: ClockKind, clock: Clock) -> bool:
        if kind.any_record or not clock.ref or not self.about.ref:
            return True
        return clock.ref in (self.about.ref, self.about.parent)

    def _moved(self, one: ClockRow, clock: Clock, kind: ClockKind) -> Clock:
        what = self.what
        if what in kind.met_by:
            return domain.ended(clock, Ended.MET, self.at)
        if what in kind.stopped_by:
            return domain.ended(clock, Ended.STOPPED, self.at)
        if what in kind.starts_on and clock.ref == self.about.ref:
            return domain.ended(clock, Ended.REPLACED, self.at)
        if what in kind.paused_by:
            return domain.paused(clock, self.at)
        if what in kind.resumed_by:
            return domain.resumed(clock, self.at, self.book, self.calendar)
        return self._redated(one, clock, kind)

    def _redated(self, one: ClockRow, clock: Clock, kind: ClockKind) -> Clock:
        due = None
        if self.what in kind.extended_by:
            due = self._extended(clock, kind)
        elif self.what in kind.tightened_on and kind.due.record:
            due = self._record_due(kind)
        elif self.what in kind.tightened_on and (rule := self._rule(kind)):
            due = due_at(rule, self.at, self.calendar)
            if due >= clock.due:
                return clock
            one.because, one.basis = rule.because, list(rule.basis)
        return domain.moved(clock, due, self.book, self.calendar) if due else clock

    def new(self, *, over: bool) -> list[ClockRow]:
        made = []
        for kind in self.book.kinds.values():
            if self.what in kind.starts_on and (kind.outlives or not over) and (row := self._start(kind)):
                made.append(row)
        return made

    def _start(self, kind: ClockKind) -> ClockRow | None:
        terms = self._terms(kind)
        if terms is None:
            return None
        due, unit, because, basis = terms
        clock = domain.started(kind.key, self.about.ref, self.at, due, unit, self.book, self.calendar)
        return store.new(self.row.id, self.scheduled(clock), because, basis)

    def _terms(self, kind: ClockKind) -> tuple[datetime, str, str, Sequence[str]] | None:
        """Due time, unit, reason and basis; None when there is no such limit here, or its day is not known."""
        if kind.due.policy:
            rule = self._rule(kind)
            return (due_at(rule, self.at, self.calendar), rule.unit, rule.because, rule.basis) if rule else None
        if kind.due.legal:
            limit = self._first_limit()
            return (limit[0], "days", limit[1].because, limit[1].basis) if limit else None
        found = self._record_due(kind)
        return (found, kind.due.unit, kind.because, kind.basis) if found else None

    def _first_limit(self) -> tuple[datetime, LegalClock] | None:
        if self.policy is None:
            return None
        found = legal_clocks(policy_facts(self.row, self.policy), self.policy, self.at, self.calendar)
        open_ones = [(one.ends, one) for one in found if one.ends and not one.passed]
        if not open_ones:
            return None
        ends, limit = min(open_ones, key=lambda one: one[0])
        return datetime.combine(ends, self.calendar.closes, LOCAL), limit

    def scheduled(self, clock: Clock) -> Clock:
        return domain.scheduled(clock, self.ladder(clock.key), self.at, self.calendar)

    def ladder(self, key: str) -> tuple[Rung, ...]:
        kind = self.book.kinds.get(key)
        return kind.ladder(ticket_facts(self.row)) if kind else ()

    def _rule(self, kind: ClockKind) -> DeadlineRule | None:
        """The deadline of the routing policy for the ticket as it is now; None when there is none for its kind."""
        if self.policy is None:
            return None
        values = policy_facts(self.row, self.policy)
        rules = (one for one in self.policy.deadlines if one.key == kind.due.policy and one.holds(values))
        found = next(rules, None)
        return found if found and found.zh else None

    def _extended(self, clock: Clock, kind: ClockKind) -> datetime | None:
        """The same length once more, from where it ended."""
        rule = self._rule(kind)
        return due_at(rule, clock.due, self.calendar) if rule else None

    def _record_due(self, kind: ClockKind) -> datetime | None:
        value = moment(self.about.values.get(kind.due.record))
        return after(value, kind.due.amount, kind.due.unit, self.calendar) if value and kind.due.amount else value

    def promise(self, running: Sequence[ClockRow]) -> None:
        """What the ticket tells people about its due times is what its clocks say."""
        told = {one["key"]: one for one in self.row.due}
        for clock in running:
            kind, old = self.book.kinds[clock.key], told.get(clock.key)
            if kind.due.policy and (old is None or datetime.fromisoformat(old["at"]) != clock.due_at):
                told[clock.key] = self._promised(kind, clock)
        due = sorted(told.values(), key=lambda one: datetime.fromisoformat(one["at"]))
        if due != self.row.due:
            self.row.due = due
            for key, column in PROMISED.items():
                setattr(self.row, column, datetime.fromisoformat(told[key]["at"]) if key in told else None)

    def _promised(self, kind: ClockKind, clock: ClockRow) -> dict[str, Any]:
        rule = self._rule(kind)
        return {
            "key": clock.key,
            "at": clock.due_at.astimezone(LOCAL).isoformat(),
            "text": f"{readable(clock.due_at)}前{rule.zh if rule else kind.zh}",
            "because": clock.because,
            "basis": clock.basis,
            "estimated": not self.calendar.knows(clock.due_at.astimezone(LOCAL).date()),
        }


def moment(value: Any) -> datetime | None:
    """A moment, or the end of the office day of a date; both also as text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, END_OF_DAY, LOCAL)
    return value if isinstance(value, datetime) else None
