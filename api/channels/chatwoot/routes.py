"""POST /chatwoot: what Chatwoot tells its agent bot. Answers go out through the outbox, once however often it tells."""

import hmac
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from api.channels.wechat.xml import clean
from api.clients.chatwoot import ChatwootSender
from api.domain.conversation import InboundMessage, Owner
from api.domain.errors import NotFound, Unavailable
from api.services import conversations, outbox
from api.settings import Settings

log = logging.getLogger(__name__)

CHANNEL = "chatwoot"
WITH_BOT = "pending"
MOST_CHARS = 2000


Opened = Callable[[Settings], AbstractAsyncContextManager[ChatwootSender | None]]


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Account(Part):
    id: int


class Talk(Part):
    """`status`: pending belongs to the bot, open to the agents, resolved to nobody."""

    id: int
    status: str = ""


class Told(Part):
    """An event of Chatwoot; those about a conversation carry its own id and status at the top."""

    event: str
    id: int = 0
    account: Account
    conversation: Talk | None = None
    status: str = ""
    content: str | None = None
    message_type: str = ""
    private: bool = False

    @property
    def talk(self) -> Talk:
        return self.conversation or Talk(id=self.id, status=self.status)

    @property
    def sender(self) -> str:
        return f"{self.account.id}-{self.talk.id}"

    @property
    def address(self) -> str:
        return f"{self.account.id}/{self.talk.id}"


class Bridge:
    """Keeps both sides agreed on who answers."""

    def __init__(self, runtime: Any, opened: Opened) -> None:
        self._runtime = runtime
        self._opened = opened

    async def hear(self, told: Told) -> None:
        if told.event == "message_created" and not told.private:
            if told.message_type == "incoming" and (told.content or "").strip():
                await self._incoming(told)
            elif told.message_type == "outgoing" and told.talk.status != WITH_BOT:
                await self._agent_speaks(told)
        elif told.event == "conversation_resolved" or (
            told.event == "conversation_status_changed" and told.talk.status in (WITH_BOT, "resolved")
        ):
            await self._agents_are_done(told)

    async def _incoming(self, told: Told) -> None:
        if told.talk.status != WITH_BOT:
            await self._agent_speaks(told)
        said = clean(told.content or "").strip()[:MOST_CHARS]
        async with self._runtime.database.reading() as session:
            said = await conversations.pressed(session, CHANNEL, told.sender, said)
        message = InboundMessage(
            channel=CHANNEL,
            sender=told.sender,
            external_id=f"{told.account.id}-{told.id}",
            text=said,
            at=self._runtime.settings.now(),
            reply_address=told.address,
        )
        result = await self._runtime.inbox.handle(message)
        if result.done and result.message_ids:
            now = self._runtime.settings.now()
            async with self._runtime.database.transaction() as session:
                await outbox.hand_out(session, message_id=result.message_ids[0], now=now, push=True)
        if result.owner is Owner.HUMAN and told.talk.status == WITH_BOT:
            await self._give(told.address)

    async def _give(self, address: str) -> None:
        """Chatwoot's agents see the conversation only once it is open; our own operators see it anyway."""
        async with self._opened(self._runtime.settings) as sender:
            try:
                if sender:
                    await sender.give_to_agents(address)
            except (Unavailable, outbox.Undeliverable) as error:
                log.warning("Chatwoot was not told of a hand-over: %s", error)

    async def _agent_speaks(self, told: Told) -> None:
        """An agent has it: the bot keeps out until it is pending again."""
        at = self._runtime.settings.now()
        async with self._runtime.database.transaction() as session:
            await conversations.hand_over(session, channel=CHANNEL, sender=told.sender, reason="Chatwoot 坐席", at=at)

    async def _agents_are_done(self, told: Told) -> None:
        async with self._runtime.database.transaction() as session:
            try:
                await conversations.hand_back(session, channel=CHANNEL, sender=told.sender)
            except NotFound:
                return


def chatwoot_router(settings: Settings, opened: Opened = ChatwootSender.opened) -> APIRouter:
    """The webhook; none at all while Chatwoot is not configured."""
    router = APIRouter(tags=["chatwoot"])
    if not (settings.chatwoot_url and settings.chatwoot_token and settings.chatwoot_secret):
        return router
    secret = settings.chatwoot_secret.get_secret_value()

    @router.post("/chatwoot", include_in_schema=False)
    async def receive(request: Request, told: Told, token: str = "") -> Response:
        """403 without the secret of the address; 200 once the message is kept."""
        if not hmac.compare_digest(token.encode(), secret.encode()):
            return Response(status_code=403)
        await Bridge(request.app.state.runtime, opened).hear(told)
        return Response(status_code=200)

    return router
