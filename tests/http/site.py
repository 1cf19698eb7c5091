"""The real app over a copy of the demo place; only the bot's process is a fake behind its HTTP transport."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api import main
from api.services import knowledge, tokens
from api.settings import Settings
from tests.system import WORDINGS

SECRET, TOOL = "secret-of-the-test", "tool-token"
WALL = "邻居砌墙占了我家滴水檐"
WEDNESDAY = "2026-12-02T10:00:00+08:00"
NEIGHBOUR = {"category": "neighbor", "subcategory": "boundary", "confidence": 0.93, "alternatives": []}
NOTHING = {"category": None, "subcategory": None, "confidence": 0.0, "alternatives": []}
ONE_LIBRARY = cache(knowledge.open_library)


def parsed(text: str, intent: str = "dispute", triage: Mapping[str, Any] = NEIGHBOUR) -> dict[str, Any]:
    return {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], "triage": dict(triage)}


@dataclass
class FakeRasa:
    """Speaks the three routes of bot/channels/desk.py; every text is a neighbour's dispute unless told otherwise.

    `meanwhile` is what happens in the middle of a turn.
    """

    down: bool = False
    wait: float = 0.0
    meanwhile: Callable[[], Awaitable[None]] | None = None
    parses: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self.wait)
        if self.down:
            raise httpx.ConnectError("nobody listens", request=request)
        route = request.url.path.removeprefix("/webhooks/desk")
        if route == "/ready":
            return httpx.Response(200, json={"status": "ready", "model": "fake"})
        if request.method == "DELETE":
            self.forgotten.append(route.removeprefix("/conversations/"))
            return httpx.Response(200, json={"forgotten": 1})
        body = json.loads(request.content)
        if route == "/parse":
            return httpx.Response(200, json={"results": [self.parses.get(t, parsed(t)) for t in body["texts"]]})
        self.turns.append(body)
        if self.meanwhile:
            todo, self.meanwhile = self.meanwhile, None
            await todo()
        text = body["text"]
        return httpx.Response(200, json={"messages": self.answers.get(text, [{"text": f"答：{text}"}])})


@dataclass(frozen=True)
class Site:
    """`http` is nobody; `tool` has the service token; `staff(name)` are the headers of one who is logged in."""

    app: FastAPI
    http: httpx.AsyncClient
    rasa: FakeRasa

    def now(self) -> datetime:
        moment: datetime = self.app.state.runtime.settings.now()
        return moment

    def pass_time(self, span: timedelta) -> None:
        """The clock goes on as if so long had passed."""
        settings = self.app.state.runtime.settings
        settings.clock = f"{float(settings.clock) + span.total_seconds():+.0f}"

    @property
    def tool(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {TOOL}"}

    @property
    def actions(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.app.state.runtime.internal_token}"}

    @staticmethod
    def staff(username: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens.issue_token(username, secret=SECRET)}"}

    async def say(self, text: str, *, sender: str = "visitor-1", message_id: str = "m-1") -> httpx.Response:
        body = {"channel": "web", "sender": sender, "message_id": message_id, "text": text}
        return await self.http.post("/api/v1/chat/messages", json=body)

    async def open_ticket(self, **changed: Any) -> str:
        body = {
            "channel": "web",
            "sender": "visitor-1",
            "category": "neighbor",
            "subcategory": "boundary",
            "text": WALL,
            "place": {"town": "青石镇", "village": "东沟村", "group": "一组"},
        }
        answer = await self.http.post("/api/v1/tickets", json=body | changed, headers=self.tool)
        assert answer.status_code == 201, answer.text
        no: str = answer.json()["no"]
        return no


def shift_to(moment: str) -> str:
    """A setting for the clock that lets it start at `moment` and run on."""
    return f"{(datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds():+.0f}"


@asynccontextmanager
async def running(home: Path, seeded: Path, *, clock: str | None = None, **settings: Any) -> AsyncIterator[Site]:
    """Unless told otherwise the clock runs on from WEDNESDAY, so that a test says by night what it says by day."""
    (home / "desk.db").write_bytes(seeded.read_bytes())
    rasa = FakeRasa()
    given = Settings(
        _env_file=None,  # type: ignore[call-arg]
        home=home,
        clock=clock or shift_to(WEDNESDAY),
        secret_key=SecretStr(SECRET),
        data_key=SecretStr("test-key"),
        api_token=SecretStr(TOOL),
        **settings,
    )
    app = main.create_app(given, bot_transport=httpx.MockTransport(rasa))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
        yield Site(app, http, rasa)


@pytest.fixture
async def site(tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(main, "open_library", one_library)
    async with running(tmp_path, seeded_file) as opened:
        yield opened


@pytest.fixture
async def named_site(tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Two sites of other hosts may embed the chat."""
    monkeypatch.setattr(main, "open_library", one_library)
    origins = "https://www.example.org, https://zhen.example.org/"
    async with running(tmp_path, seeded_file, widget_origins=origins) as opened:
        yield opened


def one_library(_statutes: Path) -> knowledge.Library:
    """The same curated answers for all tests, without imported statutes; loading them takes seconds."""
    return ONE_LIBRARY(WORDINGS.with_name("no-statutes-imported.db"))


def check_error(answer: httpx.Response, status: int, code: str | None = None) -> None:
    """Every refusal is {error, detail} with a Chinese sentence; some add what helps to go on (allowed, field)."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) >= {"error", "detail"}
    assert any("\u4e00" <= ch <= "\u9fff" for ch in body["detail"]), body
    if code:
        assert body["error"] == code
