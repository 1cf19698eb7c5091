"""The desk's routes in an app of their own, over a copy of the demo place."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.db.session import Database
from api.http import errors
from api.http.routes import exports, places, questions, records, reports, routing, ticket_life, tickets, villagers
from api.services import tokens
from api.services.check_codes import CheckCodes
from api.services.policy import build_policy
from api.settings import Settings
from knowledge_base.routing import load

SECRET = "secret-of-the-test"
TOOL, INTERNAL = "tool-token", "internal-token"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    errors.install(app)
    for module in (exports, places, questions, records, reports, routing, ticket_life, villagers, tickets):
        app.include_router(module.router)
    content = load()
    settings = Settings(
        secret_key=SecretStr(SECRET),
        data_key=SecretStr("test-key"),
        api_token=SecretStr(TOOL),
        clock="2026-11-20T09:00:00+08:00",
        _env_file=None,
    )
    app.state.runtime = SimpleNamespace(
        settings=settings,
        database=database,
        policy=build_policy(content),
        content=content,
        codes=CheckCodes(SECRET.encode()),
        internal_token=INTERNAL,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=bearer(TOOL)) as http:
        yield http


async def agree(client: httpx.AsyncClient, no: str, **headers: str) -> None:
    """An oral agreement comes into force, and the ticket is agreed."""
    path = f"/api/v1/tickets/{no}/records"
    said = {"form": "oral", "agreed_on": "2026-11-20", "facts": "院墙滴水", "terms": "邻居改装排水管。"}
    draft = await client.post(f"{path}/agreement", json={"values": said}, headers=headers)
    assert draft.status_code == 201, draft.text
    effect = {"values": {"effective_on": "2026-11-20"}}
    answer = await client.post(f"{path}/{draft.json()['no']}/take_effect", json=effect, headers=headers)
    assert answer.status_code == 200, answer.text


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def as_staff(username: str) -> dict[str, str]:
    return bearer(tokens.issue_token(username, secret=SECRET))
