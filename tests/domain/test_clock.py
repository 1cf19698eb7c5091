"""A clock's light, its pauses, and the steps after it ran out."""

from datetime import datetime, timedelta

import pytest

from api.domain import clock as clocks
from api.domain.clock import Action, Clock, ClockBook, Ended, Light, Rung
from tests.domain.test_calendar import CALENDAR, local

BOOK = ClockBook({}, 0.34, "", 2, "")
LADDER = (
    Rung(Action.TELL, "soon", from_start=False, amount=-4, unit="hours"),
    Rung(Action.TELL, "remind", from_start=False, amount=0, unit="hours"),
    Rung(Action.SUPERVISE, "supervise", from_start=False, amount=1, unit="working_days"),
)


def running(due: datetime, unit: str = "working_days", since: datetime | None = None) -> Clock:
    started = clocks.started("accept", 0, since or local(12, 10), due, unit, BOOK, CALENDAR)
    return clocks.scheduled(started, LADDER, local(12, 10), CALENDAR)


THREE_DAYS = local(15, 17, 30)


@pytest.mark.parametrize(
    ("now", "light"),
    [
        (local(13, 10), Light.GREEN),
        (local(14, 15), Light.GREEN),
        (local(15, 9), Light.YELLOW),
        (THREE_DAYS, Light.YELLOW),
        (THREE_DAYS + timedelta(seconds=1), Light.RED),
    ],
)
def test_lights_go_by_the_working_time_that_is_left(now: datetime, light: Light) -> None:
    assert running(THREE_DAYS).light(now) is light


def test_a_clock_of_minutes_does_not_wait_for_the_office() -> None:
    night = running(local(12, 23, 15), "minutes", since=local(12, 23))
    assert (night.light(local(12, 23, 5)), night.light(local(12, 23, 12))) == (Light.GREEN, Light.YELLOW)


def test_steps_come_in_office_hours() -> None:
    clock = running(THREE_DAYS)
    times = []
    while clock.next_at:
        times.append(clock.next_at)
        clock = clocks.scheduled(Clock(**(vars(clock) | {"rung": clock.rung + 1})), LADDER, clock.next_at, CALENDAR)
    assert times == [local(15, 14), THREE_DAYS, local(16, 17, 30)]


def test_what_was_missed_while_nobody_looked_is_not_warned_of() -> None:
    late = clocks.scheduled(running(THREE_DAYS), LADDER, local(20), CALENDAR)
    assert (late.rung, late.next_at) == (1, THREE_DAYS)


@pytest.mark.parametrize(
    ("unit", "due", "moved"),
    [("working_days", THREE_DAYS, local(20, 17, 30)), ("days", local(27, 10), local(30, 10))],
)
def test_a_pause_does_not_count(unit: str, due: datetime, moved: datetime) -> None:
    """Paused on Tuesday 13 at 10 for three days, over no weekend: three working days or 72 hours."""
    paused = clocks.paused(running(due, unit), local(13, 10))
    assert (paused.light(local(14)), paused.next_at) == (Light.GREY, None)
    assert clocks.paused(paused, local(14)) == paused
    assert clocks.resumed(paused, local(16, 10), BOOK, CALENDAR).due == moved


def test_a_pause_over_a_weekend_gives_back_working_days_only() -> None:
    paused = clocks.paused(running(THREE_DAYS), local(15, 9))
    assert clocks.resumed(paused, local(19, 9), BOOK, CALENDAR).due == local(19, 17, 30)


def test_an_extension_begins_the_ladder_anew_an_earlier_due_time_does_not() -> None:
    warned = Clock(**(vars(running(THREE_DAYS)) | {"rung": 2}))
    assert clocks.moved(warned, local(30, 17), BOOK, CALENDAR).rung == 0
    assert clocks.moved(warned, local(13, 17), BOOK, CALENDAR).rung == 2


def test_met_too_late_stays_late() -> None:
    clock = clocks.ended(running(THREE_DAYS), Ended.MET, local(16))
    assert (clock.late(local(30)), clock.running, clock.next_at) == (True, False, None)
    assert not clocks.ended(running(THREE_DAYS), Ended.MET, local(14)).late(local(30))


def test_of_several_warnings_only_the_latest_is_given() -> None:
    """Ten days are left: the warning of sixty days beforehand has had its time, that of thirty is given now."""
    ladder = tuple(Rung(Action.TELL, str(days), from_start=False, amount=-days, unit="days") for days in (60, 30, 7))
    clock = clocks.scheduled(running(local(22, 10), "days"), ladder, local(12, 10), CALENDAR)
    assert (ladder[clock.rung].event, clock.next_at) == ("30", CALENDAR.next_open(local(22, 10) - timedelta(days=30)))
