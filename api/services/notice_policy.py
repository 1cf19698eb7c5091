"""Turns knowledge_base/notices into the domain's values, once when a process starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from typing import Any

from api.domain.notice import Audience, Medium, NoticePolicy, NoticeRule, PushWindow, Quiet, Retry
from api.services.policy import condition
from knowledge_base.notices import load_notices


@dataclass(frozen=True)
class Reach:
    """What is switched on here: organisations with a WeCom group, SMS, WeChat, and other systems with their events."""

    wecom: frozenset[str] = frozenset()
    sms: bool = False
    wechat: bool = False
    webhooks: Mapping[str, tuple[str, ...]] | None = None
    public_url: str = ""

    def systems_for(self, event: str) -> list[str]:
        """Names of the systems that want this event; `ticket.*` wants all of a kind, `*` everything."""
        return [
            name
            for name, wanted in (self.webhooks or {}).items()
            if any(one in ("*", event) or (one.endswith(".*") and event.startswith(one[:-1])) for one in wanted)
        ]


@dataclass(frozen=True)
class NoticeContent:
    """`due_of`: which due time matters in which status."""

    policy: NoticePolicy
    due_of: Mapping[str, str]


@cache
def notice_content() -> NoticeContent:
    raw = load_notices()
    return NoticeContent(build_notice_policy(raw), raw["due_of"])


def build_notice_policy(raw: Mapping[str, Any]) -> NoticePolicy:
    """Raises ValueError or KeyError for content that names an audience or a medium we do not have."""
    retry, wechat, quiet = raw["retry"], raw["wechat"], raw["quiet"]
    return NoticePolicy(
        rules=tuple(map(_rule, raw["rules"])),
        media={Audience(to): tuple(map(Medium, media)) for to, media in raw["media"].items()},
        per_minute={Medium(medium): int(most) for medium, most in raw["per_minute"].items()},
        quiet=Quiet(time.fromisoformat(quiet["since"]), time.fromisoformat(quiet["until"])),
        retry=Retry(
            timedelta(seconds=retry["first_seconds"]),
            timedelta(seconds=retry["longest_seconds"]),
            int(retry["most_attempts"]),
        ),
        wechat=PushWindow(timedelta(hours=wechat["window_hours"]), int(wechat["most"]), int(wechat["kept"])),
    )


def _rule(raw: Mapping[str, Any]) -> NoticeRule:
    return NoticeRule(
        raw["event"], Audience(raw["to"]), condition(raw["when"]), raw["text"], urgent=bool(raw.get("urgent"))
    )
