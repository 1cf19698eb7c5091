"""A WeChat server that is none: signs, encrypts, gives up after five seconds and tries three times, counts quotas.

It is written from the protocol alone and shares no code with the bridge except, for the cipher, the protocol itself.
"""

import asyncio
import base64
import hashlib
import itertools
import os
import secrets
import struct
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

HANGS_UP_AFTER = 5.0
ATTEMPTS = 3
LONGEST_BYTES = 2048
OF_MESSAGE, OF_EVENT = (5, 48 * 3600.0), (3, 60.0)
OUT_OF_SERVICE = "该公众号暂时无法提供服务，请稍后再试"
ACCOUNT = "gh_tried_account"
SECRET_GOOD_FOR = 7200
NUMBERS = itertools.count(time.time_ns())
"""The ids of messages: never the same twice, also for two accounts of one process or after a restart."""


@dataclass
class Attempt:
    """One request to the account and how it went; `body` is empty when there was no answer in time."""

    seconds: float
    status: int | None
    body: str
    content: str | None


@dataclass
class Allowance:
    left: int
    until: float


@dataclass
class FakeWeChat:
    """`hangs_up_after` is five seconds in life; tests may shorten it. `clock` tells Unix time.

    `address` is where `api()` is reached, for the addresses of pictures; `media` holds what followers sent, by id.
    `fail_media` are the error numbers (or, from 100 to 599, HTTP statuses) the next requests for media end with.
    """

    callback: str
    http: httpx.AsyncClient
    token: str
    aes_key: str = ""
    app_id: str = ""
    mode: str = "safe"
    verified: bool = False
    hangs_up_after: float = HANGS_UP_AFTER
    clock: Callable[[], float] = time.time
    attempts: list[Attempt] = field(default_factory=list)
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    allowed: dict[str, list[Allowance]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, float] = field(default_factory=dict)
    token_calls: int = 0
    menu: Any = None
    fail_next: list[int] = field(default_factory=list)
    lose_replies: int = 0
    address: str = "http://mmbiz.qpic.cn"
    media: dict[str, bytes] = field(default_factory=dict)
    media_calls: int = 0
    fail_media: list[int] = field(default_factory=list)

    async def say(self, openid: str, text: str, *, message_id: str | None = None, **fields: str) -> str | None:
        """What the person sees in answer at once; None when the account says nothing."""
        message = {"MsgType": "text", "Content": text, "MsgId": message_id or str(next(NUMBERS))} | fields
        self._allow(openid, *OF_MESSAGE)
        return await self.deliver(openid, message)

    async def photo(self, openid: str, content: bytes, *, message_id: str | None = None) -> str | None:
        """A picture: WeChat keeps it and tells the account only where it is."""
        media_id = secrets.token_urlsafe(32)
        self.media[media_id] = content
        fields = {"MsgType": "image", "MediaId": media_id, "PicUrl": f"{self.address}/pictures/{media_id}"}
        return await self.say(openid, "", message_id=message_id, **fields)

    async def event(self, openid: str, name: str, key: str = "", **fields: str) -> str | None:
        if name in ("subscribe", "SCAN", "CLICK"):
            self._allow(openid, *OF_EVENT)
        if name == "unsubscribe":
            self.allowed.pop(openid, None)
        return await self.deliver(openid, {"MsgType": "event", "Event": name, "EventKey": key} | fields)

    async def deliver(self, openid: str, fields: Mapping[str, str]) -> str | None:
        """The same request up to three times while it is not answered in five seconds."""
        whole = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": str(int(self.clock())), **fields}
        for _ in range(ATTEMPTS):
            attempt = await self._attempt(whole)
            self.attempts.append(attempt)
            if attempt.status == 200 and attempt.body:
                if self.lose_replies:
                    self.lose_replies -= 1
                    continue
                if attempt.body in ("success", ""):
                    return None
                shown = attempt.content if attempt.content is not None else OUT_OF_SERVICE
                self.seen[openid].append(shown)
                return shown
        self.seen[openid].append(OUT_OF_SERVICE)
        return OUT_OF_SERVICE

    async def _attempt(self, fields: Mapping[str, str]) -> Attempt:
        params, body = self._packed(fields)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self.hangs_up_after):
                response = await self.http.post(self.callback, params=params, content=body.encode())
        except (TimeoutError, httpx.HTTPError):
            return Attempt(time.monotonic() - begun, None, "", None)
        content = self._content(response.text) if response.text.startswith("<xml>") else None
        return Attempt(time.monotonic() - begun, response.status_code, response.text, content)

    def _packed(self, fields: Mapping[str, str]) -> tuple[dict[str, str], str]:
        stamp, nonce = str(int(self.clock())), secrets.token_hex(5)
        params = {"signature": signed(self.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        plain = xml_of(fields)
        if self.mode == "plain":
            return params, plain
        cipher = seal(self.aes_key, self.app_id, plain)
        params |= {"encrypt_type": "aes", "msg_signature": signed(self.token, stamp, nonce, cipher)}
        if self.mode == "compat":
            return params, xml_of({**fields, "Encrypt": cipher})
        return params, xml_of({"ToUserName": ACCOUNT, "Encrypt": cipher})

    def _content(self, body: str) -> str | None:
        """The text of a reply, or None for one WeChat would not show."""
        fields = {child.tag: child.text or "" for child in fromstring(body)}
        if "Encrypt" in fields:
            cipher = fields["Encrypt"]
            if signed(self.token, fields["TimeStamp"], fields["Nonce"], cipher) != fields["MsgSignature"]:
                return None
            fields = {child.tag: child.text or "" for child in fromstring(unseal(self.aes_key, self.app_id, cipher))}
        elif self.mode == "safe":
            return None
        content = fields.get("Content", "")
        return content if 0 < len(content.encode()) <= LONGEST_BYTES else None

    def _allow(self, openid: str, number: int, seconds: float) -> None:
        self.allowed[openid] = [one for one in self.allowed[openid] if one.until > self.clock()]
        self.allowed[openid].append(Allowance(number, self.clock() + seconds))

    def _spend(self, openid: str) -> int:
        """0, or the error number WeChat would give."""
        open_now = [one for one in self.allowed[openid] if one.until > self.clock()]
        if not open_now:
            return 45015
        usable = next((one for one in open_now if one.left), None)
        if usable is None:
            return 45047
        usable.left -= 1
        return 0

    def api(self) -> FastAPI:
        """The part of api.weixin.qq.com the product calls."""
        app = FastAPI()
        app.add_api_route("/cgi-bin/stable_token", self._stable_token, methods=["POST"])
        app.add_api_route("/cgi-bin/message/custom/send", self._custom_send, methods=["POST"])
        app.add_api_route("/cgi-bin/menu/create", self._create_menu, methods=["POST"])
        app.add_api_route("/cgi-bin/media/get", self._media_get, methods=["GET"])
        app.add_api_route("/pictures/{media_id}", self._picture, methods=["GET"])
        return app

    async def _stable_token(self, request: Request) -> dict[str, Any]:
        self.token_calls += 1
        await asyncio.sleep(0.01)
        current = next((one for one, until in self.tokens.items() if until > self.clock()), None)
        if current is None:
            current = secrets.token_urlsafe(24)
            self.tokens = {current: self.clock() + SECRET_GOOD_FOR}
        return {"access_token": current, "expires_in": SECRET_GOOD_FOR}

    def _refused(self, request: Request) -> int:
        if self.fail_next:
            return self.fail_next.pop(0)
        return 0 if self.tokens.get(request.query_params.get("access_token", ""), 0) > self.clock() else 42001

    async def _custom_send(self, request: Request) -> dict[str, Any]:
        code = self._refused(request) or (0 if self.verified else 48001)
        body = await request.json()
        openid, content = body["touser"], body["text"]["content"]
        if not code and len(content.encode()) > LONGEST_BYTES:
            code = 45002
        code = code or self._spend(openid)
        if not code:
            self.seen[openid].append(content)
        return {"errcode": code, "errmsg": "ok" if not code else "refused"}

    async def _create_menu(self, request: Request) -> dict[str, Any]:
        code = self._refused(request)
        if not code:
            self.menu = (await request.json())["button"]
        return {"errcode": code, "errmsg": "ok" if not code else "refused"}

    async def _media_get(self, request: Request) -> Response:
        """The picture itself, or WeChat's JSON with the error number, which comes as 200 and as text."""
        self.media_calls += 1
        media_id = request.query_params.get("media_id", "")
        failing = self.fail_media.pop(0) if self.fail_media else 0
        if 100 <= failing <= 599:
            return Response(status_code=failing)
        code = failing or self._refused(request) or (0 if self.verified else 48001)
        code = code or (0 if media_id in self.media else 40007)
        if code:
            return JSONResponse({"errcode": code, "errmsg": "refused"}, media_type="text/plain")
        headers = {"Content-Disposition": f'attachment; filename="{media_id}.jpg"'}
        return Response(self.media[media_id], media_type="image/jpeg", headers=headers)

    async def _picture(self, media_id: str) -> Response:
        """What lies at a PicUrl; no token is asked for."""
        self.media_calls += 1
        if self.fail_media:
            return Response(status_code=self.fail_media.pop(0))
        known = media_id in self.media
        return Response(self.media[media_id], media_type="image/jpeg") if known else Response(status_code=404)


def xml_of(fields: Mapping[str, str]) -> str:
    def value(name: str, text: str) -> str:
        bare = name in ("CreateTime", "MsgId")
        return text if bare else "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"

    return "<xml>" + "".join(f"<{name}>{value(name, text)}</{name}>" for name, text in fields.items()) + "</xml>"


def signed(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def seal(aes_key: str, app_id: str, text: str) -> str:
    message = text.encode()
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = 32 - len(plain) % 32
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def unseal(aes_key: str, app_id: str, cipher_text: str) -> str:
    decryptor = _cipher(aes_key).decryptor()
    plain = decryptor.update(base64.b64decode(cipher_text)) + decryptor.finalize()
    body = plain[16 : -plain[-1]]
    (length,) = struct.unpack(">I", body[:4])
    assert body[4 + length :].decode() == app_id
    return body[4 : 4 + length].decode()
