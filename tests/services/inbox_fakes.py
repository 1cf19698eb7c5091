"""A bot that is none, and an inbox around it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from api.db.session import Database
from api.domain.conversation import BotTurn, InboundMessage, Reply
from api.domain.danger import Danger
from api.domain.errors import Unavailable
from api.domain.safety import SafetyGate
from api.services.care import Care
from api.services.crisis import CrisisDesk
from api.services.help_texts import HelpTexts
from api.services.inbox import Inbox, InboxRules
from knowledge_base import safety
from knowledge_base.safety.second_opinion import load_second_opinion

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
GATE = SafetyGate(safety.load_rules())
CARE = Care.of(load_second_opinion(), GATE)
FALLBACK, BUSY = Reply("刚才没能答上来"), Reply("还在处理")


class FakeBot:
    """Answers with the text it was given; fails or waits when told to; reads a `danger` into everything."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.fail_next = 0
        self.empty_next = 0
        self.wait = 0.0
        self.forgotten: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.danger: Danger | None = None

    async def turn(self, *, sender: str, text: str, message_id: str, metadata: Mapping[str, Any]) -> BotTurn:
        self.heard.append(text)
        self.before()
        await asyncio.sleep(self.wait)
        if self.fail_next:
            self.fail_next -= 1
            raise Unavailable("down")
        if self.empty_next:
            self.empty_next -= 1
            return BotTurn(())
        stop, danger = metadata["stop_at"], self.danger
        if stop and danger and danger.confidence >= stop["danger"] and danger.kinds[0] not in stop["told"]:
            return BotTurn((), danger=danger, stopped=True)
        return BotTurn((Reply(f"答：{text}"),), ticket_no="T-1" if "提交" in text else None, danger=danger)

    async def reached(self) -> None:
        """Returns when the first turn has begun."""
        async with asyncio.timeout(10):
            while not self.heard:
                await asyncio.sleep(0.005)

    async def forget(self, sender: str) -> None:
        self.forgotten.append(sender)


async def protective_ticket(_session: object, *, kind: str, **_: object) -> str:
    return f"T-{kind}"


async def no_ticket(_session: object, **_: object) -> str:
    raise RuntimeError("the desk is broken")


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, *, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def make_inbox(
    database: Database,
    bot: FakeBot,
    open_ticket: Any = protective_ticket,
    *,
    now: Callable[[], datetime] = lambda: NOW,
    lease: timedelta = timedelta(seconds=30),
) -> Inbox:
    texts = HelpTexts(GATE, safety.load_texts().by_kind)
    crisis = CrisisDesk(database, GATE, texts, CARE, open_ticket, now=now)
    rules = InboxRules(turn_timeout=5, lease=lease, attempts=2, fallback=FALLBACK, busy=BUSY)
    return Inbox(database, bot, crisis, rules, now=now)


def said(text: str, *, sender: str = "a", message_id: str = "m1") -> InboundMessage:
    return InboundMessage(channel="web", sender=sender, external_id=message_id, text=text, at=NOW)
