"""Pictures followers sent: by their media id with the account's token, or from the address WeChat named (PicUrl)."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.clients.wechat import WeChatSender
from api.domain.errors import InvalidInput, Unavailable
from api.services.evidence_files import too_large
from api.settings import Settings

MEDIA = "/cgi-bin/media/get"
REFUSED_FOR_GOOD = {40004, 40007, 48001}  # no such medium, media id ended (after three days), not permitted
NOT_THERE = {403, 404, 410}


class _Refused(Exception):
    """WeChat answered with an error number instead of a picture."""

    def __init__(self, code: int) -> None:
        super().__init__(f"微信没有给照片（{code}）")
        self.code = code


class WeChatPictures:
    """`sender` is None for an account without API; `hosts` are those a picture's address may lie at, or under.

    `rules` are those of evidence files: what is larger than `most_bytes` is not read to its end, and a server that
    drips is left after `patience_seconds`.
    """

    def __init__(
        self, http: httpx.AsyncClient, sender: WeChatSender | None, *, hosts: tuple[str, ...], rules: Mapping[str, Any]
    ) -> None:
        self._http = http
        self._sender = sender
        self._hosts = hosts
        self._rules = rules

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, sender: WeChatSender | None, rules: Mapping[str, Any]
    ) -> AsyncIterator["WeChatPictures | None"]:
        """None when no account is configured."""
        if settings.wechat_token is None:
            yield None
            return
        hosts = tuple(one.strip() for one in settings.wechat_picture_hosts.split(",") if one.strip())
        seconds = rules["fetching"]["patience_seconds"]
        async with httpx.AsyncClient(base_url=settings.wechat_api_base, timeout=seconds) as http:
            yield cls(http, sender, hosts=hosts, rules=rules)

    async def fetch(self, media_id: str, url: str) -> bytes:
        """Raises Unavailable when another try may help, InvalidInput when it is too large or gone for good."""
        try:
            async with asyncio.timeout(self._rules["fetching"]["patience_seconds"]):
                return await self._fetched(media_id, url)
        except (TimeoutError, httpx.HTTPError) as error:
            raise Unavailable(f"微信没有给照片（{type(error).__name__}）") from error

    async def _fetched(self, media_id: str, url: str) -> bytes:
        """The address helps out where the account is refused; it may be left alone only with the media id."""
        refused = None
        if self._sender and media_id:
            try:
                return await self._by_id(self._sender, media_id)
            except _Refused as error:
                refused = error
        if self._may_ask(url):
            return await self._by_address(url)
        if refused and refused.code not in REFUSED_FOR_GOOD:
            raise Unavailable(str(refused))
        raise InvalidInput(self._rules["wording"]["gone"], code="gone")

    async def _by_id(self, sender: WeChatSender, media_id: str) -> bytes:
        content = b""

        async def call(token: str) -> int:
            nonlocal content
            params = {"access_token": token, "media_id": media_id}
            async with self._http.stream("GET", MEDIA, params=params) as response:
                response.raise_for_status()
                content = await self._body(response)
                said = "json" in response.headers.get("content-type", "") or content[:1] == b"{"
                return _errcode(content) if said else 0

        if code := await sender.authorised(call):
            raise _Refused(code)
        return content

    async def _by_address(self, url: str) -> bytes:
        async with self._http.stream("GET", url) as response:
            if response.status_code in NOT_THERE:
                raise InvalidInput(self._rules["wording"]["gone"], code="gone")
            if response.status_code != httpx.codes.OK:  # redirects too: they lead we do not know where
                raise Unavailable(f"微信没有给照片（{response.status_code}）")
            return await self._body(response)

    def _may_ask(self, url: str) -> bool:
        try:
            asked = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            return False
        ours = (asked.host, asked.port) == (self._http.base_url.host, self._http.base_url.port)
        known = any(asked.host == host or asked.host.endswith(f".{host}") for host in self._hosts)
        return asked.scheme in ("http", "https") and (ours or known)

    async def _body(self, response: httpx.Response) -> bytes:
        """Read up to the limit and stop there."""
        most, said = self._rules["most_bytes"], response.headers.get("content-length", "0")
        body = bytearray()
        if said.isdigit() and int(said) > most:
            raise too_large(self._rules)
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > most:
                raise too_large(self._rules)
        return bytes(body)


def _errcode(content: bytes) -> int:
    """-1, which is WeChat's own number for "busy", when the answer cannot be read."""
    try:
        return int(json.loads(content).get("errcode", -1))
    except (ValueError, AttributeError, TypeError):
        return -1
