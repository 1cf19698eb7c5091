"""WeChat's customer-service messages, for answers whose request has already ended (protocol §6, §7)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.channels.wechat.rendering import pushed_parts
from api.channels.wechat.texts import load_texts
from api.domain.conversation import Reply
from api.domain.errors import Unavailable
from api.services.outbox import Undeliverable
from api.settings import Settings

SEND, MENU = "/cgi-bin/message/custom/send", "/cgi-bin/menu/create"
TOKEN_ENDED = 42001
TOKEN_INVALID = {40001, 40014, 42001}
WINDOW_CLOSED = {40003, 43004, 45015, 45047, 48001}  # also: no such follower any more, not permitted
EARLY_SECONDS = 300.0


class WeChatSender:
    """Sends text to an open id. One stable token per process, fetched once however many ask at a time."""

    def __init__(self, http: httpx.AsyncClient, *, app_id: str, app_secret: str) -> None:
        self._http = http
        self._app_id = app_id
        self._app_secret = app_secret
        self._token = ""
        self._good_until = 0.0
        self._fetching = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator["WeChatSender | None"]:
        """None when no verified account is configured; answers then wait to be pulled."""
        if not (settings.wechat_app_id and settings.wechat_app_secret):
            yield None
            return
        async with httpx.AsyncClient(base_url=settings.wechat_api_base, timeout=10) as http:
            secret = settings.wechat_app_secret.get_secret_value()
            yield cls(http, app_id=settings.wechat_app_id, app_secret=secret)

    def parts(self, reply: Reply) -> list[str]:
        return pushed_parts(reply, load_texts())

    async def send(self, address: str, text: str) -> None:
        """Raises Undeliverable when the 48-hour window is closed, Unavailable for everything worth another try."""
        code = await self._post(SEND, {"touser": address, "msgtype": "text", "text": {"content": text}})
        if code in WINDOW_CLOSED:
            raise Undeliverable(f"微信不再接收（{code}）")
        if code:
            raise Unavailable(f"微信没有收下这条消息（{code}）")

    async def set_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """The account's menu; raises Unavailable with WeChat's number for what was wrong."""
        if code := await self._post(MENU, {"button": [dict(button) for button in buttons]}):
            raise Unavailable(f"微信没有收下菜单（{code}）")

    async def _post(self, path: str, body: dict[str, Any]) -> int:
        async def call(token: str) -> int:
            return int((await self._call(path, body, params={"access_token": token})).get("errcode", 0))

        return await self.authorised(call)

    async def authorised(self, call: Callable[[str], Awaitable[int]]) -> int:
        """The error number of a call made with the token; with one more try under a new one when this has ended."""
        code = TOKEN_ENDED
        for _ in range(2):
            token = await self._access()
            code = await call(token)
            if code not in TOKEN_INVALID:
                break
            if token == self._token:  # otherwise another call has fetched a new one meanwhile
                self._good_until = 0.0
        return code

    async def _access(self) -> str:
        async with self._fetching:
            if time.monotonic() >= self._good_until:
                answer = await self._call(
                    "/cgi-bin/stable_token",
                    {
                        "grant_type": "client_credential",
                        "appid": self._app_id,
                        "secret": self._app_secret,
                        "force_refresh": False,
                    },
                )
                if "access_token" not in answer:
                    raise Unavailable(f"微信没有发放凭证（{answer.get('errcode')}）")
                self._token = answer["access_token"]
                self._good_until = time.monotonic() + float(answer["expires_in"]) - EARLY_SECONDS
            return self._token

    async def _call(self, path: str, body: dict[str, Any], params: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"}
            response = await self._http.post(path, content=content, headers=headers, params=params)
            answer: dict[str, Any] = response.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"微信接口没有应答（{type(error).__name__}）") from error
        return answer
