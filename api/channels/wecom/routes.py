"""GET and POST /wecom: the callback of a WeCom app, always encrypted with the CorpID."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.channels.wechat import signature, xml
from api.channels.wechat.crypto import BadCipher, MessageCrypto
from api.channels.wecom.commands import Command, read, wording
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.errors import DomainError
from api.domain.lifecycle import STATUS_ZH, Move, Status
from api.services import accounts, agreeing, tickets
from api.services.tickets import MoveRequest
from api.settings import Settings

log = logging.getLogger(__name__)

FORBIDDEN = 403
MOST_BYTES = xml.MAX_BYTES
WINDOW = 300


class Refused(Exception):
    """Not a request of our WeCom app."""


@dataclass(frozen=True)
class Said:
    person: str
    app: str
    text: str
    message_id: str


class Callback:
    """Opens, carries out and answers what mediators write to the app."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.wecom_token.get_secret_value() if settings.wecom_token else ""
        key = settings.wecom_aes_key.get_secret_value() if settings.wecom_aes_key else ""
        self._crypto = MessageCrypto([key], settings.wecom_corp_id)
        self._corp_id = settings.wecom_corp_id
        self._users = settings.wecom_users
        self._now = settings.now

    def echo(self, request: Request) -> str:
        """The console's check: the echo comes encrypted and goes back in the clear."""
        return self._opened(request, request.query_params.get("echostr", ""))

    def said(self, request: Request, body: bytes) -> Said | None:
        """None for what is no text: pictures, events, whatever else."""
        fields = xml.parse(self._opened(request, xml.parse(body).get("Encrypt", "")))
        if fields.get("MsgType") != "text" or not fields.get("FromUserName") or not fields.get("MsgId"):
            return None
        words = xml.clean(fields.get("Content", "")).strip()
        return Said(fields["FromUserName"], fields.get("AgentID", ""), words, fields["MsgId"])

    def _opened(self, request: Request, cipher_text: str) -> str:
        query = request.query_params
        stamp = query.get("timestamp", "")
        parts = (self._token, stamp, query.get("nonce", ""), cipher_text)
        if not cipher_text or not signature.valid(query.get("msg_signature", ""), *parts):
            raise Refused
        if not signature.fresh(stamp, now=self._now().timestamp(), window=WINDOW):
            raise Refused
        try:
            return self._crypto.decrypt(cipher_text)
        except BadCipher as error:
            raise Refused from error

    def closed(self, to: str, text: str) -> str:
        """The passive reply, encrypted."""
        at = int(self._now().timestamp())
        fields: dict[str, str | int] = {"ToUserName": to, "FromUserName": self._corp_id, "CreateTime": at}
        cipher_text = self._crypto.encrypt(xml.render(fields | {"MsgType": "text", "Content": text}))
        nonce = secrets.token_hex(8)
        signed = signature.sign(self._token, str(at), nonce, cipher_text)
        return xml.render({"Encrypt": cipher_text, "MsgSignature": signed, "TimeStamp": at, "Nonce": nonce})

    async def answer(self, said: Said, runtime: Any, desk: Any) -> str:
        """Never raises: a refusal of the desk is its own Chinese sentence."""
        say, command = wording().say, read(said.text)
        username = self._users.get(said.person)
        if username is None:
            return say["unknown_person"]
        if command is None:
            return say["help"]
        try:
            return await self._carry_out(command, username, said.message_id, runtime, desk)
        except DomainError as error:
            return error.detail
        except Exception as error:
            log.error("a WeCom command failed: %s", type(error).__name__)
            return say["failed"]

    async def _carry_out(self, command: Command, username: str, message_id: str, runtime: Any, desk: Any) -> str:
        """The same message again makes no second move: its id is the key of each."""
        async with runtime.database.transaction() as session:
            viewer = await accounts.viewer_of(session, username)
            row = await tickets.get(session, command.no, visible_to=viewer)
            for move in command.moves:
                key = f"wecom-{message_id}-{move}"
                done = any(event.key == key for event in row.events)
                passed = move is not command.moves[-1] and not tickets.as_ticket(row).can(move)
                if done or passed:
                    continue
                note = command.note if move is command.moves[-1] else ""
                row = await self._step(session, desk, row.no, move, note, key, viewer)
            return wording().say["done"].format(no=row.no, status=STATUS_ZH[Status(row.status)])

    async def _step(
        self, session: AsyncSession, desk: Any, no: str, move: Move, note: str, key: str, by: Viewer
    ) -> TicketRow:
        if move is Move.RECORD_AGREEMENT:
            return await agreeing.settle(session, desk, no, note, by=by, at=self._now(), key=key)
        return await tickets.move(session, desk, no, move, MoveRequest(note=note, key=key), by=by, at=self._now())


def wecom_router(settings: Settings) -> APIRouter:
    """The callback's routes; none at all while no app is configured."""
    router = APIRouter(tags=["wecom"])
    if not (settings.wecom_token and settings.wecom_aes_key and settings.wecom_corp_id):
        return router
    callback = Callback(settings)

    @router.get("/wecom", include_in_schema=False)
    async def check(request: Request) -> Response:
        try:
            return Response(callback.echo(request), media_type="text/plain")
        except Refused:
            return Response(status_code=FORBIDDEN)

    @router.post("/wecom", include_in_schema=False)
    async def receive(request: Request) -> Response:
        """A command is carried out before it is answered; what is no text gets an empty answer."""
        body = await request.body()
        try:
            said = callback.said(request, body) if len(body) <= MOST_BYTES else None
        except Refused:
            return Response(status_code=FORBIDDEN)
        except xml.BadXml:
            said = None
        if said is None:
            return Response("")
        state = request.app.state
        text = await callback.answer(said, state.runtime, state.routing_desk)
        return Response(callback.closed(said.person, text), media_type="application/xml")

    return router
