"""GET and POST /wechat. A bad signature is 403 with an empty body; after that the answer is always 200."""

import logging
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response

from api.channels.wechat import messages, signature, xml
from api.channels.wechat.answering import Answering
from api.channels.wechat.config import WeChatConfig
from api.channels.wechat.crypto import BadCipher, MessageCrypto

log = logging.getLogger(__name__)

_ECHO = re.compile(r"[A-Za-z0-9_+/=-]{1,256}")
FORBIDDEN = 403
NOTHING = "success"


class Refused(Exception):
    """Not a request of our WeChat account."""


class Gatekeeper:
    """Verifies requests and opens and closes their bodies in the account's mode."""

    def __init__(self, config: WeChatConfig, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._crypto = MessageCrypto(config.aes_keys, config.app_id) if config.mode != "plain" else None

    def verify(self, request: Request) -> None:
        """The signature of the address, on GET and on every POST."""
        query = request.query_params
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not signature.valid(query.get("signature", ""), self._config.token, stamp, nonce):
            raise Refused
        if not signature.fresh(stamp, now=self._now().timestamp(), window=self._config.window):
            raise Refused

    def open(self, request: Request, body: bytes) -> messages.Incoming:
        """The message; in compat and safe mode only what was encrypted counts."""
        fields = xml.parse(body)
        if self._crypto is None:
            return messages.read(fields)
        query, cipher_text = request.query_params, fields.get("Encrypt", "")
        parts = (self._config.token, query.get("timestamp", ""), query.get("nonce", ""), cipher_text)
        if not cipher_text or not signature.valid(query.get("msg_signature", ""), *parts):
            raise Refused
        try:
            return messages.read(xml.parse(self._crypto.decrypt(cipher_text)))
        except BadCipher as error:
            raise Refused from error

    def close(self, incoming: messages.Incoming, text: str) -> str:
        """The reply's XML, encrypted in compat and safe mode."""
        at = int(self._now().timestamp())
        plain = xml.render(
            {
                "ToUserName": incoming.openid,
                "FromUserName": incoming.account,
                "CreateTime": at,
                "MsgType": "text",
                "Content": text,
            }
        )
        if self._crypto is None:
            return plain
        cipher_text, nonce = self._crypto.encrypt(plain), secrets.token_hex(8)
        signed = signature.sign(self._config.token, str(at), nonce, cipher_text)
        return xml.render({"Encrypt": cipher_text, "MsgSignature": signed, "TimeStamp": at, "Nonce": nonce})


def build_router(
    config: WeChatConfig, now: Callable[[], datetime], answering: Callable[[Request], Answering]
) -> APIRouter:
    """`answering` finds this process's machine; it may need the running app."""
    router = APIRouter(tags=["wechat"])
    keeper = Gatekeeper(config, now)

    @router.get("/wechat", include_in_schema=False)
    async def check(request: Request) -> Response:
        """The console's check of the callback address."""
        echo = request.query_params.get("echostr", "")
        try:
            keeper.verify(request)
        except Refused:
            return Response(status_code=FORBIDDEN)
        return Response(echo, media_type="text/plain") if _ECHO.fullmatch(echo) else Response(status_code=FORBIDDEN)

    @router.post("/wechat", include_in_schema=False)
    async def receive(request: Request) -> Response:
        """One message or event."""
        return await _receive(keeper, answering, request)

    return router


async def _receive(keeper: Gatekeeper, answering: Callable[[Request], Answering], request: Request) -> Response:
    nothing = Response(NOTHING, media_type="text/plain")
    try:
        keeper.verify(request)
        incoming = keeper.open(request, await _body(request))
        text = await answering(request).answer(incoming)
        return Response(keeper.close(incoming, text), media_type="application/xml") if text else nothing
    except Refused:
        return Response(status_code=FORBIDDEN)
    except (xml.BadXml, messages.Incomplete):
        return nothing
    except Exception as error:
        log.error("a WeChat request failed: %s", type(error).__name__)
        return nothing


async def _body(request: Request) -> bytes:
    """Read up to the limit and stop there: nobody makes us hold 10 MB."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > xml.MAX_BYTES:
            raise xml.BadXml
    return bytes(body)
