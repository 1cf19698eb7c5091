"""The Chatwoot bridge against payloads in the shape its agent-bot webhook sends, written by hand."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api.channels.chatwoot.routes import chatwoot_router
from api.clients.chatwoot import ChatwootSender
from api.services import outbox
from api.settings import Settings
from tests.http.site import WALL, Site, one_library, running

PAYLOADS: dict[str, Any] = json.loads(Path(__file__).with_name("payloads.json").read_text("utf-8"))
SECRET = "hook-secret"


@dataclass
class Chatwoot:
    """Remembers what it was told to do."""

    status: int = 200
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["api_access_token"] == "bot-token"
        self.told.append((request.url.path, json.loads(request.content)))
        return httpx.Response(self.status, json={})

    @property
    def said(self) -> list[str]:
        return [body["content"] for path, body in self.told if path.endswith("/messages")]


@dataclass
class Bridge:
    site: Site
    chatwoot: Chatwoot
    sender: ChatwootSender

    async def hear(self, name: str, token: str = SECRET, **changed: Any) -> int:
        answer = await self.site.http.post("/chatwoot", params={"token": token}, json=PAYLOADS[name] | changed)
        return answer.status_code

    async def work(self) -> None:
        runtime = self.site.app.state.runtime
        await outbox.deliver_due(runtime.database, self.sender, now=runtime.settings.now(), channel="chatwoot")


@pytest.fixture
async def bridge(tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bridge]:
    monkeypatch.setattr("api.main.open_library", one_library)
    chatwoot = Chatwoot()
    http = httpx.AsyncClient(
        transport=httpx.MockTransport(chatwoot), base_url="https://chat", headers={"api_access_token": "bot-token"}
    )

    @asynccontextmanager
    async def opened(_settings: Settings) -> AsyncIterator[ChatwootSender | None]:
        yield ChatwootSender(http)

    monkeypatch.setattr("api.main.chatwoot_router", lambda settings: chatwoot_router(settings, opened))
    given = {
        "chatwoot_url": "https://chat",
        "chatwoot_token": SecretStr("bot-token"),
        "chatwoot_secret": SecretStr(SECRET),
    }
    async with running(tmp_path, seeded_file, **given) as site:
        yield Bridge(site, chatwoot, ChatwootSender(http))
    await http.aclose()


async def test_a_question_is_answered_once_however_often_it_is_told(bridge: Bridge) -> None:
    for _ in range(3):
        assert await bridge.hear("incoming") == 200
        await bridge.work()
    assert bridge.chatwoot.said == [f"答：{WALL}"]
    assert bridge.chatwoot.told[0][0] == "/api/v1/accounts/3/conversations/41/messages"


async def test_buttons_are_named(bridge: Bridge) -> None:
    buttons = [{"title": "登记调解", "payload": "/start_intake"}]
    bridge.site.rasa.answers[WALL] = [{"text": "要登记吗", "buttons": buttons}]
    await bridge.hear("incoming")
    await bridge.work()
    assert "登记调解" in bridge.chatwoot.said[0]


async def test_while_an_agent_has_it_the_bot_is_silent(bridge: Bridge) -> None:
    await bridge.hear("agent_speaks")
    await bridge.hear("incoming_open")
    await bridge.work()
    assert (bridge.chatwoot.told, bridge.site.rasa.turns) == ([], [])
    await bridge.hear("pending_again")
    await bridge.hear("incoming")
    await bridge.work()
    assert bridge.chatwoot.said == [f"答：{WALL}"]


async def test_what_our_side_hands_over_is_opened_for_the_agents(bridge: Bridge) -> None:
    await bridge.hear("incoming")
    url = "/api/v1/conversations/chatwoot/3-41"
    await bridge.site.http.post(f"{url}/handoff", json={}, headers=bridge.site.tool)
    await bridge.hear("incoming", id=9002, content="有人吗")
    assert ("/api/v1/accounts/3/conversations/41/toggle_status", {"status": "open"}) in bridge.chatwoot.told
    await bridge.site.http.post(f"{url}/reply", json={"text": "我是司法所的"}, headers=bridge.site.staff("operator1"))
    await bridge.work()
    assert bridge.chatwoot.said[-1] == "我是司法所的"


async def test_our_own_lines_and_notes_are_not_heard(bridge: Bridge) -> None:
    assert await bridge.hear("own_line") == 200
    assert await bridge.hear("note") == 200
    assert bridge.site.rasa.turns == []


async def test_without_the_secret_nothing_is_heard(bridge: Bridge) -> None:
    assert await bridge.hear("incoming", token="wrong") == 403
    assert bridge.site.rasa.turns == []


async def test_a_conversation_that_is_gone_is_not_tried_again(bridge: Bridge) -> None:
    await bridge.hear("incoming")
    bridge.chatwoot.status = 404
    await bridge.work()
    await bridge.work()
    assert len(bridge.chatwoot.told) == 1
