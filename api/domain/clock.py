"""Time limits of a ticket: what starts, meets, pauses them, and what is done, step by step, when they run out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from api.domain.calendar import WorkingCalendar
from api.domain.deadline import after
from api.domain.policy import Condition


class Action(StrEnum):
    TELL = "tell"
    SUPERVISE = "supervise"
    ESCALATE = "escalate"
    LAPSE = "lapse"


class Ended(StrEnum):
    """MET: done, in time or late; STOPPED: no longer needed; REPLACED: it began anew."""

    MET = "met"
    STOPPED = "stopped"
    REPLACED = "replaced"


class Light(StrEnum):
    """督办 lights; GREY while paused."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder, `amount` `unit`s after the clock's start or due time."""

    do: Action
    event: str
    from_start: bool
    amount: int
    unit: str
    any_time: bool = False

    @property
    def early(self) -> bool:
        """A warning beforehand, of no use once the clock has run out."""
        return not self.from_start and self.amount < 0

    def at(self, started: datetime, due: datetime, calendar: WorkingCalendar) -> datetime:
        moment = after(started if self.from_start else due, self.amount, self.unit, calendar)
        return moment if self.any_time else calendar.next_open(moment)


@dataclass(frozen=True, slots=True)
class DueSource:
    """A deadline of the routing policy, or `amount` `unit`s after a day that a record holds, or the first limit set by
    law that has not passed (`legal`)."""

    policy: str = ""
    record: str = ""
    legal: bool = False
    amount: int = 0
    unit: str = "days"


@dataclass(frozen=True)
class ClockKind:
    """What happens is named by the move, or `record.kind.step`. `outlives`: it goes on when the ticket has ended.

    `of_parties`: theirs to use or not, so no light of an office. `any_record`: whatever record meets it; else only the
    one it began with, or one that hangs under that.
    """

    key: str
    zh: str
    due: DueSource
    starts_on: frozenset[str]
    met_by: frozenset[str]
    stopped_by: frozenset[str] = frozenset()
    tightened_on: frozenset[str] = frozenset()
    extended_by: frozenset[str] = frozenset()
    paused_by: frozenset[str] = frozenset()
    resumed_by: frozenset[str] = frozenset()
    outlives: bool = False
    any_record: bool = False
    of_parties: bool = False
    because: str = ""
    basis: tuple[str, ...] = ()
    ladders: tuple[tuple[Condition, tuple[Rung, ...]], ...] = ()

    def ladder(self, facts: Mapping[str, Any]) -> tuple[Rung, ...]:
        """The first that fits the ticket as it is now."""
        return next((rungs for when, rungs in self.ladders if when.holds(facts)), ())

    def watches(self, what: str) -> bool:
        sets = (self.starts_on, self.met_by, self.stopped_by, self.tightened_on)
        return any(what in one for one in (*sets, self.extended_by, self.paused_by, self.resumed_by))


@dataclass(frozen=True)
class ClockBook:
    """All kinds by key; `yellow_share`: of the working time, below which the light is yellow.

    `pause_days`: the longest pause by what is waited for.
    """

    kinds: Mapping[str, ClockKind]
    yellow_share: float
    supervision_reason: str
    answer_working_days: int
    escalation_note: str
    pause_days: Mapping[str, int] = field(default_factory=dict)

    def watches(self, what: str) -> bool:
        return any(kind.watches(what) for kind in self.kinds.values())

    @property
    def of_parties(self) -> list[str]:
        return [kind.key for kind in self.kinds.values() if kind.of_parties]


@dataclass(frozen=True)
class Clock:
    """One running or ended time limit. `ref`: number of the record it is about, 0 for the ticket itself.

    `rung`: how many steps of its ladder were taken; `next_at`: when the next one is due.
    """

    key: str
    ref: int
    started: datetime
    due: datetime
    unit: str = "days"
    yellow: datetime | None = None
    paused: datetime | None = None
    ended: datetime | None = None
    how: Ended | None = None
    rung: int = 0
    next_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.ended is None

    def late(self, now: datetime) -> bool:
        return (self.ended or self.paused or now) > self.due

    def light(self, now: datetime) -> Light:
        if self.paused:
            return Light.GREY
        if now > self.due:
            return Light.RED
        return Light.YELLOW if self.yellow and now >= self.yellow else Light.GREEN


def started(
    key: str, ref: int, at: datetime, due: datetime, unit: str, book: ClockBook, calendar: WorkingCalendar
) -> Clock:
    clock = Clock(key, ref, at, due, unit)
    return replace(clock, yellow=_yellow(clock, book, calendar))


def _yellow(clock: Clock, book: ClockBook, calendar: WorkingCalendar) -> datetime:
    """When the working time that is left falls below the share; a clock of minutes counts every minute."""
    whole = calendar.working_time(clock.started, clock.due)
    if not whole or clock.due - clock.started < timedelta(hours=4):
        return clock.due - (clock.due - clock.started) * book.yellow_share
    return calendar.after_working_time(clock.started, whole * (1 - book.yellow_share))


def scheduled(clock: Clock, ladder: tuple[Rung, ...], now: datetime, calendar: WorkingCalendar) -> Clock:
    """With the time of the next step, or None when there is none (any more, or while it stands still)."""
    if not clock.running or clock.paused:
        return replace(clock, next_at=None)
    rung = clock.rung
    while rung < len(ladder) and _too_late(clock, ladder, rung, now, calendar):
        rung += 1
    if rung >= len(ladder):
        return replace(clock, rung=rung, next_at=None)
    return replace(clock, rung=rung, next_at=ladder[rung].at(clock.started, clock.due, calendar))


def _too_late(clock: Clock, ladder: tuple[Rung, ...], rung: int, now: datetime, calendar: WorkingCalendar) -> bool:
    """A warning beforehand whose place the next step has taken already."""
    if not ladder[rung].early:
        return False
    following = ladder[rung + 1 : rung + 2]
    return now >= clock.due or any(one.at(clock.started, clock.due, calendar) <= now for one in following)


def caught_up(clock: Clock, ladder: tuple[Rung, ...], now: datetime, calendar: WorkingCalendar) -> Clock:
    """One that was set going afterwards: steps whose time is past are not made up for, except that it has lapsed."""
    if not clock.running or clock.paused:
        return clock
    rung = 0
    while rung < len(ladder) and (at := ladder[rung].at(clock.started, clock.due, calendar)) <= now:
        if ladder[rung].do is Action.LAPSE:
            return ended(clock, Ended.STOPPED, at)
        rung += 1
    return scheduled(replace(clock, rung=rung), ladder, now, calendar)


def ended(clock: Clock, how: Ended, at: datetime) -> Clock:
    return replace(clock, ended=at, how=how, next_at=None)


def paused(clock: Clock, at: datetime) -> Clock:
    return clock if clock.paused else replace(clock, paused=at, next_at=None)


def resumed(clock: Clock, at: datetime, book: ClockBook, calendar: WorkingCalendar) -> Clock:
    """What was left when it stopped is left now: working days count working days, everything else the plain time."""
    if clock.paused is None:
        return clock
    if clock.unit == "working_days":
        missed = calendar.working_days_between(clock.paused, at)
        due = calendar.after_working_days(clock.due, missed) if missed else clock.due
    else:
        due = calendar.in_office_hours(clock.due + (at - clock.paused))
    moved = replace(clock, due=due, paused=None)
    return replace(moved, yellow=_yellow(moved, book, calendar))


def moved(clock: Clock, due: datetime, book: ClockBook, calendar: WorkingCalendar) -> Clock:
    """With another due time: an extension begins its ladder anew, an earlier due time goes on with it."""
    clock = replace(clock, due=due, rung=0 if due > clock.due else clock.rung)
    return replace(clock, yellow=_yellow(clock, book, calendar))
