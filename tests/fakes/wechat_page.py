"""The fake WeChat with a page to chat in: a telephone on the left, what went over the wire on the right."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from tests.fakes.wechat import FakeWeChat

PAGE = Path(__file__).with_name("wechat_page.html")


class Act(BaseModel):
    """`kind`: text, voice, location, or the name of an event; `text` is what was said, or the key."""

    openid: str
    kind: str = "text"
    text: str = ""


def page_app(
    *, callback: str, token: str, aes_key: str, app_id: str, mode: str, verified: bool, address: str
) -> FastAPI:
    """`address` is where this app itself is reached, as the address of pictures."""
    http = httpx.AsyncClient(timeout=30)
    wechat = FakeWeChat(
        callback, http, token=token, aes_key=aes_key, app_id=app_id, mode=mode, verified=verified, address=address
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await http.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(PAGE.read_text("utf-8"))

    @app.post("/act")
    async def act(body: Act) -> dict[str, Any]:
        before = len(wechat.attempts)
        await done(wechat, body)
        return tried(wechat, before)

    @app.post("/photo/{openid}")
    async def photo(openid: str, request: Request) -> dict[str, Any]:
        before = len(wechat.attempts)
        await wechat.photo(openid, await request.body())
        return tried(wechat, before)

    @app.get("/seen/{openid}")
    async def seen(openid: str) -> list[str]:
        return wechat.seen[openid]

    @app.get("/menu")
    async def menu() -> Any:
        return wechat.menu or []

    app.mount("/", wechat.api())
    return app


def tried(wechat: FakeWeChat, before: int) -> dict[str, Any]:
    """How the requests since then went."""
    attempts = [
        {"seconds": round(one.seconds, 2), "status": one.status, "reply": (one.body or "")[:40]}
        for one in wechat.attempts[before:]
    ]
    return {"attempts": attempts}


async def done(wechat: FakeWeChat, act: Act) -> None:
    fields = {
        "voice": {"MsgType": "voice", "MediaId": "m", "Format": "amr", "Recognition": act.text},
        "location": {"MsgType": "location", "Location_X": "30", "Location_Y": "120", "Label": act.text},
    }
    if act.kind == "text":
        await wechat.say(act.openid, act.text)
    elif act.kind in fields:
        await wechat.say(act.openid, "", **fields[act.kind])
    else:
        key = f"qrscene_{act.text}" if act.kind == "subscribe" and act.text else act.text
        await wechat.event(act.openid, act.kind, key)
