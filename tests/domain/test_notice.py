"""When a notice may go out, and how often it is tried."""

from datetime import datetime, time, timedelta

import pytest

from api.domain.deadline import LOCAL
from api.domain.notice import Audience, Medium, NoticePolicy, NoticeRule, PushWindow, Quiet, Retry
from api.domain.policy import Comparison, Condition, Operator

NIGHT = Quiet(time(21), time(8))
EVENING, EARLY, NOON = (datetime(2026, 11, 20, hour, 30, tzinfo=LOCAL) for hour in (22, 6, 12))
MORNING = datetime(2026, 11, 21, 8, tzinfo=LOCAL)
PROTECTIVE = Condition((Comparison("protective", Operator.IS, True),))
POLICY = NoticePolicy(
    rules=(
        NoticeRule("accept", Audience.APPLICANT, PROTECTIVE, ""),
        NoticeRule("accept", Audience.APPLICANT, Condition(), "受理了"),
    ),
    media={},
    per_minute={},
    quiet=NIGHT,
    retry=Retry(timedelta(seconds=15), timedelta(hours=1), 8),
    wechat=PushWindow(timedelta(hours=48), most=5, kept=1),
)


@pytest.mark.parametrize(
    ("at", "sent"), [(EVENING, MORNING), (EARLY, EARLY.replace(hour=8, minute=0)), (NOON, NOON)], ids=str
)
def test_what_can_wait_waits_for_the_morning(at: datetime, sent: datetime) -> None:
    assert POLICY.send_at(at, Medium.SMS, urgent=False) == sent


def test_a_quiet_time_within_one_day() -> None:
    rest = Quiet(time(12), time(14))
    assert (rest.end(NOON).hour, rest.covers(EVENING)) == (14, False)


def test_neither_the_urgent_nor_machines_wait() -> None:
    assert POLICY.send_at(EVENING, Medium.WECOM, urgent=True) == EVENING
    assert POLICY.send_at(EVENING, Medium.WEBHOOK, urgent=False) == EVENING


def test_a_failure_waits_twice_as_long_each_time() -> None:
    waits = [POLICY.retry.wait(attempts).total_seconds() for attempts in (1, 2, 3, 9, 1000)]
    assert waits == [15, 30, 60, 3600, 3600]


@pytest.mark.parametrize(
    ("hours", "pushed", "urgent", "allowed"),
    [(47.9, 3, False, True), (1, 4, False, False), (1, 4, True, True), (1, 5, True, False), (48, 0, True, False)],
)
def test_wechat_takes_five_in_two_days_and_one_is_kept(hours: float, pushed: int, urgent: bool, allowed: bool) -> None:
    said = NOON - timedelta(hours=hours)
    assert POLICY.wechat.allows(said, pushed, NOON, urgent=urgent) is allowed


def test_nobody_is_pushed_to_who_never_wrote() -> None:
    assert not POLICY.wechat.allows(None, 0, NOON, urgent=True)


def test_the_first_fitting_rule_counts_and_an_empty_text_is_silence() -> None:
    assert POLICY.rules_for("accept", {"protective": True}) == ()
    assert [rule.text for rule in POLICY.rules_for("accept", {"protective": False})] == ["受理了"]
