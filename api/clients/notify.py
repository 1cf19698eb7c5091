"""Couriers of notices: WeCom group webhooks, an SMS gateway described by settings, signed webhooks to other systems."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from api.domain.errors import Unavailable
from api.services.notice_delivery import Parcel
from api.services.outbox import Undeliverable

WECOM_BYTES = 2048
SECRET_PREFIX = "whsec_"


def too_early(response: httpx.Response) -> bool:
    return response.status_code in (408, 425, 429) or response.status_code >= 500


async def post(http: httpx.AsyncClient, url: str, who: str, **content: Any) -> httpx.Response:
    """Raises Unavailable when nobody answers or the receiver asks to come again, without the address in the text."""
    try:
        response = await http.post(url, **content)
    except httpx.HTTPError as error:
        raise Unavailable(f"{who}没有应答（{type(error).__name__}）") from error
    if too_early(response):
        raise Unavailable(f"{who}现在不收（HTTP {response.status_code}）")
    if response.status_code >= 300:
        raise Undeliverable(f"{who}拒收（HTTP {response.status_code}）")
    return response


class WeComHooks:
    """Group robots by the name of their organisation (protocol §10). The address holds the key: it is never told."""

    UNKNOWN_HOOK = frozenset({93000, 93004, 93008})

    def __init__(self, http: httpx.AsyncClient, hooks: Mapping[str, str]) -> None:
        self._http = http
        self._hooks = hooks

    async def deliver(self, parcel: Parcel) -> None:
        url = self._hooks.get(parcel.address)
        if url is None:
            raise Undeliverable("这个单位没有配置企业微信群")
        text = parcel.text.encode()[:WECOM_BYTES].decode(errors="ignore")
        response = await post(self._http, url, "企业微信", json={"msgtype": "text", "text": {"content": text}})
        try:
            code = int(response.json().get("errcode", 0))
        except (ValueError, AttributeError) as error:
            raise Unavailable("企业微信的应答读不懂") from error
        if code in self.UNKNOWN_HOOK:
            raise Undeliverable(f"企业微信群机器人失效（{code}）")
        if code:
            raise Unavailable(f"企业微信没有收下（{code}）")


class SmsGateway:
    """One HTTP request per message. `body` and `headers` are templates: {phone}, {text}, {id}; `good` must be found in
    the answer when it is given. A JSON body gets its values escaped."""

    def __init__(self, http: httpx.AsyncClient, url: str, body: str, headers: Mapping[str, str], good: str) -> None:
        self._http = http
        self._url = url
        self._body = body
        self._headers = headers
        self._good = re.compile(good) if good else None

    async def deliver(self, parcel: Parcel) -> None:
        if not parcel.address:
            raise Undeliverable("没有电话号码")
        values = {"phone": parcel.address, "text": parcel.text, "id": parcel.id}
        body = filled(self._body, values)
        response = await post(self._http, self._url, "短信网关", content=body.encode(), headers=dict(self._headers))
        if self._good and not self._good.search(response.text):
            raise Unavailable("短信网关没有收下")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Blanks replaced; inside a JSON template a value cannot end its string."""
    is_json = template.lstrip().startswith(("{", "["))

    def value(found: re.Match[str]) -> str:
        plain = values[found[1]]
        return json.dumps(plain, ensure_ascii=False)[1:-1] if is_json else plain

    return re.sub(r"\{(" + "|".join(values) + r")\}", value, template)


class Webhooks:
    """Events for other systems, signed like standardwebhooks.com: id, timestamp and body under the shared secret."""

    def __init__(self, http: httpx.AsyncClient, systems: Mapping[str, tuple[str, str]]) -> None:
        """`systems`: name → (address, secret)."""
        self._http = http
        self._systems = systems

    async def deliver(self, parcel: Parcel) -> None:
        if parcel.address not in self._systems:
            raise Undeliverable("这个系统没有配置")
        url, secret = self._systems[parcel.address]
        body = json.dumps(parcel.payload, ensure_ascii=False, separators=(",", ":")).encode()
        stamp = str(int(parcel.at.timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": parcel.id,
            "webhook-timestamp": stamp,
            "webhook-signature": "v1," + signature(secret, parcel.id, stamp, body),
        }
        await post(self._http, url, "对方系统", content=body, headers=headers)


def signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over `id.timestamp.body`; a secret that begins with whsec_ is base64."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX)) if secret.startswith(SECRET_PREFIX) else secret.encode()
    return base64.b64encode(hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
