"""The account of vectors.json, a fake core and a client that signs requests like WeChat does."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.channels.wechat import signature, xml
from api.channels.wechat.answering import Answering
from api.channels.wechat.config import Mode, WeChatConfig
from api.channels.wechat.routes import build_router
from api.channels.wechat.texts import load_texts
from api.domain.conversation import InboundMessage, Left, Owner, Reply, TurnResult

from .bridge import bridge

__all__ = ["bridge"]

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
ACCOUNT = VECTORS["config"]
NOW = datetime.fromtimestamp(int(ACCOUNT["timestamp"]), UTC)
OPENID = "oDemoOpenId0000000000000001"


def config(mode: Mode = "plain", *, deadline: float = 3.5, push: bool = False) -> WeChatConfig:
    return WeChatConfig(
        token=ACCOUNT["token"],
        app_id=ACCOUNT["appid"],
        sender_secret="test-secret",
        mode=mode,
        aes_keys=(ACCOUNT["encoding_aes_key"],),
        deadline=deadline,
        push=push,
    )


@dataclass
class FakeCore:
    """An inbox that remembers answers by message id, and a pull queue, both in memory."""

    delay: float = 0.0
    failing: bool = False
    answer: str = "答：{text}"
    dangers: tuple[str, ...] = ("不想活",)
    handled: list[InboundMessage] = field(default_factory=list)
    answers: dict[str, TurnResult] = field(default_factory=dict)
    kept: list[TurnResult] = field(default_factory=list)
    followers: list[InboundMessage] = field(default_factory=list)
    photos: list[InboundMessage] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    taken: dict[str, Left] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def handle(self, message: InboundMessage) -> TurnResult:
        async with self.locks.setdefault(message.external_id, asyncio.Lock()):
            if message.external_id not in self.answers:
                self.handled.append(message)
                await asyncio.sleep(self.delay)
                if self.failing:
                    raise RuntimeError("the core is down")
                text = self.answer.format(text=message.text)
                self.answers[message.external_id] = TurnResult((Reply(text),), Owner.BOT, message_ids=(1,))
            return self.answers[message.external_id]

    def crisis_replies(self, text: str) -> tuple[Reply, ...]:
        return (Reply("请马上打120或110"),) if any(danger in text for danger in self.dangers) else ()

    async def follow(self, message: InboundMessage) -> str | None:
        self.followers.append(message)
        return message.extra.get("place_hint")

    async def photo(self, message: InboundMessage) -> tuple[Reply, ...]:
        self.photos.append(message)
        if self.failing:
            raise RuntimeError("the core is down")
        return (Reply("照片收到了"),)

    async def forget(self, sender: str) -> None:
        self.forgotten.append(sender)

    async def put(self, result: TurnResult) -> None:
        self.kept.append(result)

    async def take(self, sender: str, key: str, *, told_only: bool = False) -> Left | None:
        if key not in self.taken and not told_only:
            waiting = tuple(reply for result in self.kept for reply in result.replies)
            self.kept.clear()
            self.taken |= {key: Left(waiting, from_staff=False)} if waiting else {}
        return self.taken.get(key)

    async def busy(self, sender: str) -> bool:
        return any(one.sender == sender and one.external_id not in self.answers for one in self.handled)

    async def last_answer(self, sender: str) -> tuple[Reply, ...]:
        return list(self.answers.values())[-1].replies if self.answers else ()


class WeChat:
    """What WeChat's server does: signs, posts, reads the reply."""

    def __init__(self, settings: WeChatConfig, core: FakeCore) -> None:
        self.core = core
        self.config = settings
        self.machine = Answering(settings, core, core, load_texts())
        app = FastAPI()
        app.include_router(build_router(settings, lambda: NOW, lambda _: self.machine))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://wechat.test")
        self._message_id = 1000

    def query(self, nonce: str = "n1", **extra: str) -> dict[str, str]:
        stamp = ACCOUNT["timestamp"]
        signed = signature.sign(self.config.token, stamp, nonce)
        return {"signature": signed, "timestamp": stamp, "nonce": nonce, **extra}

    async def post(self, fields: dict[str, Any], *, nonce: str = "n1") -> httpx.Response:
        return await self.http.post("/wechat", params=self.query(nonce), content=xml.render(fields).encode())

    async def say(self, text: str, *, message_id: str | None = None, **fields: Any) -> str:
        """The text of the reply, or the bare body when there is none."""
        self._message_id += 1
        basics = message(MsgType="text", Content=text, MsgId=message_id or str(self._message_id))
        return said(await self.post(basics | fields))


def message(**fields: Any) -> dict[str, Any]:
    return {"ToUserName": "gh_demo00000001", "FromUserName": OPENID, "CreateTime": 1763769600} | fields


def said(response: httpx.Response) -> str:
    assert response.status_code == 200
    if not response.text.startswith("<xml>"):
        return response.text
    fields = xml.parse(response.content)
    assert fields["ToUserName"] == OPENID
    assert fields["FromUserName"] == "gh_demo00000001"
    return fields["Content"]


@pytest.fixture
def core() -> FakeCore:
    return FakeCore()


@pytest.fixture
async def wechat(core: FakeCore) -> AsyncIterator[WeChat]:
    client = WeChat(config(), core)
    yield client
    await client.machine.drain()
    await client.http.aclose()
