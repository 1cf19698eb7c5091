"""Connects the channel to the running app: its inbox, its crisis desk and its outbox."""

from dataclasses import replace
from typing import Any, Protocol

from fastapi import APIRouter, Request

from api.channels.wechat.answering import Answering
from api.channels.wechat.config import WeChatConfig
from api.channels.wechat.messages import CHANNEL
from api.channels.wechat.routes import build_router
from api.channels.wechat.texts import load_texts
from api.domain.conversation import InboundMessage, Left, Reply, TurnResult
from api.services import conversations, following, outbox, sent_photos
from api.services.crisis import CrisisDesk
from api.services.inbox import Inbox
from api.settings import Settings


class Runtime(Protocol):
    """The parts of the app's runtime this channel uses."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Any: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def bot(self) -> Any: ...
    @property
    def crisis(self) -> CrisisDesk: ...


class Desk:
    """`Core` and `PullQueue` of the answering machine, over the services."""

    def __init__(self, runtime: Runtime, *, push: bool) -> None:
        self._runtime = runtime
        self._push = push

    async def handle(self, message: InboundMessage) -> TurnResult:
        async with self._runtime.database.reading() as session:
            text = await conversations.pressed(session, CHANNEL, message.sender, message.text)
        return await self._runtime.inbox.handle(replace(message, text=text))

    def crisis_replies(self, text: str) -> tuple[Reply, ...]:
        return self._runtime.crisis.replies(self._runtime.crisis.check(text), text)

    async def follow(self, message: InboundMessage) -> str | None:
        async with self._runtime.database.transaction() as session:
            return await following.followed(session, message)

    async def photo(self, message: InboundMessage) -> tuple[Reply, ...]:
        async with self._runtime.database.transaction() as session:
            now = self._runtime.settings.now()
            return await sent_photos.received(session, message, push=self._push, at=now)

    async def forget(self, sender: str) -> None:
        async with self._runtime.database.transaction() as session:
            known = await following.left(session, channel=CHANNEL, sender=sender)
        if known:
            await self._runtime.bot.forget(f"{CHANNEL}:{sender}")

    async def put(self, result: TurnResult) -> None:
        if not (result.message_ids and result.done):
            return
        message_id, now = result.message_ids[0], self._runtime.settings.now()
        async with self._runtime.database.transaction() as session:
            await outbox.hand_out(session, message_id=message_id, now=now, push=self._push)

    async def take(self, sender: str, key: str, *, told_only: bool = False) -> Left | None:
        if told_only:
            async with self._runtime.database.reading() as session:
                if not await outbox.anything_told(session, channel=CHANNEL, sender=sender, key=key):
                    return None
        async with self._runtime.database.transaction() as session:
            now = self._runtime.settings.now()
            return await outbox.take(session, channel=CHANNEL, sender=sender, key=key, now=now, told_only=told_only)

    async def busy(self, sender: str) -> bool:
        async with self._runtime.database.reading() as session:
            return await conversations.busy(session, CHANNEL, sender)

    async def last_answer(self, sender: str) -> tuple[Reply, ...]:
        async with self._runtime.database.reading() as session:
            return await conversations.last_answer(session, CHANNEL, sender)


def config_of(settings: Settings) -> WeChatConfig:
    """`FENGQIAO_WECHAT_AES_KEY` may hold two keys with a comma between them while a rotation lasts."""
    keys = settings.wechat_aes_key.get_secret_value() if settings.wechat_aes_key else ""
    return WeChatConfig(
        token=settings.wechat_token.get_secret_value() if settings.wechat_token else "",
        app_id=settings.wechat_app_id,
        sender_secret=settings.secret_key.get_secret_value(),
        mode=settings.wechat_mode.value,
        aes_keys=tuple(key.strip() for key in keys.split(",") if key.strip()),
        push=settings.wechat_app_secret is not None,
        longest=settings.message_max_chars,
    )


def wechat_router(settings: Settings) -> APIRouter:
    """The callback's routes; none at all while no account is configured."""
    if settings.wechat_token is None:
        return APIRouter()
    config = config_of(settings)

    def answering(request: Request) -> Answering:
        state = request.app.state
        if not hasattr(state, "wechat"):
            desk = Desk(state.runtime, push=config.push)
            state.wechat = Answering(config, desk, desk, load_texts())
        machine: Answering = state.wechat
        return machine

    return build_router(config, settings.now, answering)
