"""Who is told of what: knowledge_base/notices decides, these pure rules carry it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from api.domain.deadline import LOCAL
from api.domain.policy import Condition


class Audience(StrEnum):
    """ABOVE: the next tier's body of the place; TOLD: bodies informed of a protective ticket; DEPARTMENT: called out
    (吹哨); SYSTEM: another program."""

    APPLICANT = "applicant"
    MEDIATOR = "mediator"
    ORGANISATION = "organisation"
    ABOVE = "above"
    TOWN = "town"
    TOLD = "told"
    DEPARTMENT = "department"
    SYSTEM = "system"


class Medium(StrEnum):
    """DESK is in-app, CHAT a line in the web conversation; both are there at once and never fail."""

    DESK = "desk"
    CHAT = "chat"
    WECHAT = "wechat"
    SMS = "sms"
    WECOM = "wecom"
    WEBHOOK = "webhook"


class NoticeStatus(StrEnum):
    """PASSED_ON: the next medium took it over; UNREACHABLE: no medium was left; DEAD waits for a person to resend."""

    WAITING = "waiting"
    SENT = "sent"
    PASSED_ON = "passed_on"
    UNREACHABLE = "unreachable"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class NoticeRule:
    event: str
    to: Audience
    when: Condition
    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Local time of day between which nothing that can wait is sent; `since` may be later than `until` (over night)."""

    since: time
    until: time

    def covers(self, at: datetime) -> bool:
        now = at.astimezone(LOCAL).time()
        if self.since <= self.until:
            return self.since <= now < self.until
        return now >= self.since or now < self.until

    def end(self, at: datetime) -> datetime:
        """`at` itself outside the quiet hours, otherwise when they end."""
        if not self.covers(at):
            return at
        local = at.astimezone(LOCAL)
        ends = datetime.combine(local.date(), self.until, LOCAL)
        return ends if ends > local else ends + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retry:
    first: timedelta
    longest: timedelta
    most_attempts: int

    def wait(self, attempts: int) -> timedelta:
        """After the n-th failed attempt, n from 1: twice as long each time, up to the longest."""
        doublings: int = 2 ** min(attempts - 1, 20)
        return min(self.first * doublings, self.longest)


@dataclass(frozen=True, slots=True)
class PushWindow:
    """WeChat takes `most` messages within `window` after the person's last one; `kept` of them only for urgent news."""

    window: timedelta
    most: int
    kept: int

    def allows(self, last_said: datetime | None, pushed: int, now: datetime, *, urgent: bool) -> bool:
        if last_said is None or now - last_said >= self.window:
            return False
        return pushed < (self.most if urgent else self.most - self.kept)


@dataclass(frozen=True)
class NoticePolicy:
    """`per_minute`: most messages to one receiver; `media`: ways to an audience, tried in this order (applicant)."""

    rules: tuple[NoticeRule, ...]
    media: Mapping[Audience, tuple[Medium, ...]]
    per_minute: Mapping[Medium, int]
    quiet: Quiet
    retry: Retry
    wechat: PushWindow

    def rules_for(self, event: str, values: Mapping[str, Any]) -> tuple[NoticeRule, ...]:
        """The first that fits for each audience; an empty text means that they are not told."""
        found: dict[Audience, NoticeRule] = {}
        for rule in self.rules:
            if rule.event == event and rule.to not in found and rule.when.holds(values):
                found[rule.to] = rule
        return tuple(rule for rule in found.values() if rule.text)

    def send_at(self, at: datetime, medium: Medium, *, urgent: bool) -> datetime:
        """Machines do not sleep, and what is urgent does not wait."""
        return at if urgent or medium is Medium.WEBHOOK else self.quiet.end(at)
