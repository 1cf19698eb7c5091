"""The five-second machine: an answer in time, or an honest "still looking" and the answer later.

A danger is recognised before anything else, so neither a waiting answer nor a broken core can swallow it.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from api.channels.wechat.config import WeChatConfig
from api.channels.wechat.messages import Incoming, Kind
from api.channels.wechat.rendering import fitting, parts, which
from api.channels.wechat.texts import Texts
from api.domain.conversation import InboundMessage, Left, Owner, Reply, TurnResult

log = logging.getLogger(__name__)

Noted = TypeVar("Noted")
HEARD_CHARS = 20
_CONTINUE = re.compile(r"继续\s*(\d{0,2})")


class PullQueue(Protocol):
    """Answers that missed their request; kept in the database, so any process can hand them out."""

    async def put(self, result: TurnResult) -> None:
        """Keep (or, for a verified account, push) the answers of this turn."""

    async def take(self, sender: str, key: str, *, told_only: bool = False) -> Left | None:
        """What waits for this person, once; the same again for the same message (`key`).

        `told_only`: no late answers, only what was told unasked, as an operator does.
        """

    async def busy(self, sender: str) -> bool:
        """Whether a message of theirs is still being worked on, in whatever process."""

    async def last_answer(self, sender: str) -> tuple[Reply, ...]:
        """The answers to their last message, again; for reading on in a long one."""


class Core(Protocol):
    """The rest of the product as this channel sees it."""

    async def handle(self, message: InboundMessage) -> TurnResult:
        """Store the message and answer it; the same message again gets the stored answer."""

    def crisis_replies(self, text: str) -> tuple[Reply, ...]:
        """The fixed help texts when the message tells of a danger, from rules alone."""

    async def follow(self, message: InboundMessage) -> str | None:
        """A new follower or a scanned code (`extra["place_hint"]`); the name of the place the code stands for."""

    async def photo(self, message: InboundMessage) -> tuple[Reply, ...]:
        """Notes a photo to be fetched later, and what becomes of it; the same message again gets the same."""

    async def forget(self, sender: str) -> None:
        """Somebody left: their open id must go (个人信息保护法第四十七条)."""


class Answering:
    """Decides what one verified request is answered with; None means nothing is to be said."""

    def __init__(
        self,
        config: WeChatConfig,
        core: Core,
        queue: PullQueue,
        texts: Texts,
    ) -> None:
        self._config = config
        self._core = core
        self._queue = queue
        self._texts = texts
        self._running: dict[str, asyncio.Task[TurnResult]] = {}
        self._late: dict[str, asyncio.Task[None]] = {}

    async def answer(self, incoming: Incoming) -> str | None:
        """The text for this request. Never raises: what goes wrong is said in plain words."""
        if said := self._words(incoming):
            return await self._answer_words(incoming, said)
        return await self._answer_kind(incoming)

    async def drain(self) -> None:
        """Wait for what is still running; for an orderly end."""
        while self._running or self._late:
            await asyncio.gather(*self._running.values(), *self._late.values(), return_exceptions=True)
            await asyncio.sleep(0)

    def _words(self, incoming: Incoming) -> str:
        """What the person said, whatever the kind of message; empty when they said nothing we can read."""
        if incoming.kind is Kind.CLICK:
            return self._texts.menu.get(incoming.key, "")
        if any(mark in incoming.text for mark in self._texts.unsupported_marks):
            return ""
        return incoming.text

    async def _answer_kind(self, incoming: Incoming) -> str | None:
        texts = self._texts
        if incoming.kind is Kind.UNSUBSCRIBE:
            await self._quietly(self._core.forget(self._config.sender_of(incoming.openid)))
            return None
        if incoming.kind in (Kind.SUBSCRIBE, Kind.SCAN):
            place = await self._quietly(self._core.follow(incoming.inbound(self._config)))
            said = [texts.welcome] if incoming.kind is Kind.SUBSCRIBE else []
            return "\n".join([*said, texts.scanned.format(place=place)] if place else said) or None
        if incoming.kind is Kind.CLICK:
            topics = texts.topics.get(incoming.key)
            return which(topics, texts) if topics else texts.emergency if incoming.key == texts.emergency_key else None
        if incoming.kind is Kind.IMAGE and (incoming.media_id or incoming.picture_url):
            noted = await self._quietly(self._core.photo(incoming.inbound(self._config)))
            return self._part(noted, 1) if noted else texts.failed
        fixed = {
            Kind.TEXT: texts.unsupported,
            Kind.VOICE: texts.voice_unclear,
            Kind.IMAGE: texts.image,
            Kind.VIDEO: texts.image,
            Kind.SHORTVIDEO: texts.image,
            Kind.LINK: texts.unsupported,
            Kind.LOCATION: texts.location_empty,
        }
        return fixed.get(incoming.kind)

    async def _answer_words(self, incoming: Incoming, said: str) -> str | None:
        crisis = self._core.crisis_replies(said)
        if not crisis:
            pulled = await self._pulled(incoming, said)
            if pulled is not None:
                return pulled
        read = said if crisis else said[: self._config.longest]
        unread = self._texts.read_until.format(count=len(read)) if len(read) < len(said) else ""
        result = await self._in_time(incoming.inbound(self._config, text=read), crisis)
        if result is None:
            return unread or None
        left = await self._left(incoming, result)
        waited = left.replies if left else ()
        if not (waited or result.replies):
            return unread or None
        opening = "".join(f"{one}\n" for one in (unread, left and left.from_staff and self._texts.from_staff) if one)
        heard = self._heard(said, result.replies) if incoming.kind is Kind.VOICE and result.replies else ()
        openings = [*(one + opening for one in heard), opening]
        return self._part((*waited, *result.replies, *self._how_on(result)), 1, openings=openings)

    def _how_on(self, result: TurnResult) -> tuple[Reply, ...]:
        """How to get at what the operators will write, where they cannot be heard from by themselves."""
        by_asking = result.owner is Owner.HUMAN and result.replies and not self._config.push
        return (Reply(self._texts.with_human),) if by_asking else ()

    async def _left(self, incoming: Incoming, result: TurnResult) -> Left | None:
        """What an operator wrote and WeChat did not take: it goes out with any answer, but never beside a danger."""
        if result.crisis or not result.message_ids:
            return None
        sender = self._config.sender_of(incoming.openid)
        work = self._queue.take(sender, incoming.external_id, told_only=True)
        return await self._quietly(work, seconds=self._config.deadline / 4)

    def _heard(self, said: str, replies: Sequence[Reply]) -> tuple[str, ...]:
        """What was understood of a voice message: all of it, or its beginning where there is no room for more.

        Nothing where the answer itself reads it back, to have it confirmed.
        """
        if replies[0].text.startswith(self._texts.heard.partition("{")[0]):
            return ()
        return tuple(self._texts.heard.format(text=text) + "\n\n" for text in (said, said[:HEARD_CHARS] + "…"))

    async def _in_time(self, message: InboundMessage, crisis: tuple[Reply, ...]) -> TurnResult | None:
        """The core's answer if it comes before the deadline, otherwise the help text or the placeholder."""
        task = self._running.get(message.external_id)
        if task is None:
            task = asyncio.create_task(self._core.handle(message))
            self._running[message.external_id] = task
            task.add_done_callback(lambda _: self._running.pop(message.external_id, None))
        await asyncio.wait({task}, timeout=self._config.deadline)
        if task.done() and (error := task.exception()) is None:
            return task.result()
        if task.done():
            log.error("a WeChat message was not answered: %s", type(error).__name__)
            return _saying(*(crisis or (Reply(self._texts.failed),)))
        if crisis:
            return _saying(*crisis)
        self._keep_when_done(message, task)
        return None if self._config.push else _saying(Reply(self._texts.waiting))

    def _keep_when_done(self, message: InboundMessage, task: asyncio.Task[TurnResult]) -> None:
        """However many requests wait for this turn, its answer is put away once."""
        if message.external_id in self._late:
            return
        keeping = asyncio.create_task(self._keep(task))
        self._late[message.external_id] = keeping
        keeping.add_done_callback(lambda _: self._late.pop(message.external_id, None))

    async def _keep(self, task: asyncio.Task[TurnResult]) -> None:
        try:
            await self._queue.put(await task)
        except Exception as error:
            log.error("a late WeChat answer could not be kept: %s", type(error).__name__)

    async def _pulled(self, incoming: Incoming, said: str) -> str | None:
        """A late answer, or the next part of a long one; None when they are not asking for that."""
        reading_on = _CONTINUE.fullmatch(said)
        if said not in self._texts.pull_words and not reading_on:
            return None
        sender, texts = self._config.sender_of(incoming.openid), self._texts
        try:
            async with asyncio.timeout(self._config.deadline / 2):
                if reading_on and reading_on[1]:
                    return self._part(await self._queue.last_answer(sender), int(reading_on[1])) or texts.all_said
                if left := await self._queue.take(sender, incoming.external_id):
                    opening = texts.from_staff if left.from_staff else texts.pulled
                    return self._part(left.replies, 1, openings=(opening + "\n",))
                if await self._queue.busy(sender):
                    return self._texts.still_waiting
                return self._part(await self._queue.last_answer(sender), 2) if reading_on else None
        except Exception as error:
            log.error("a waiting WeChat answer could not be fetched: %s", type(error).__name__)
            return self._texts.failed

    def _part(self, replies: Sequence[Reply], number: int, *, openings: Sequence[str] = ()) -> str | None:
        """Part `number` (from 1) of the whole answer, with a line how to read on.

        The first of `openings` that fits goes before it. It never moves the cut: the next part is asked for without
        it, and nothing between the two may be lost.
        """
        cut = parts(replies, self._texts)
        if not 1 <= number <= len(cut):
            return None
        return fitting(openings, cut[number - 1]) + cut[number - 1]

    async def _quietly(self, work: Awaitable[Noted], *, seconds: float | None = None) -> Noted | None:
        """Side work of an event: it may fail or be slow, an answer goes out all the same."""
        try:
            async with asyncio.timeout(seconds or self._config.deadline):
                return await work
        except Exception as error:
            log.error("a WeChat event was not noted: %s", type(error).__name__)
            return None


def _saying(*replies: Reply) -> TurnResult:
    return TurnResult(replies, Owner.BOT)
