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


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def as_staff(username: str) -> dict[str, str]:
    return bearer(tokens.issue_token(username, secret=SECRET))
