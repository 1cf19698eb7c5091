"""Chatwoot's API, as an agent bot uses it: write into a conversation, give it to the agents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.channels.wechat.rendering import plain
from api.channels.wechat.texts import load_texts
from api.domain.conversation import Reply
from api.domain.errors import Unavailable
from api.services.outbox import Undeliverable
from api.settings import Settings

GONE = {401, 403, 404}


class ChatwootSender:
    """Addresses are `account/conversation`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator["ChatwootSender | None"]:
        """None when no Chatwoot is configured."""
        if not (settings.chatwoot_url and settings.chatwoot_token):
            yield None
            return
        headers = {"api_access_token": settings.chatwoot_token.get_secret_value()}
        async with httpx.AsyncClient(base_url=settings.chatwoot_url, headers=headers, timeout=10) as http:
            yield cls(http)

    def parts(self, reply: Reply) -> list[str]:
        return [plain(reply, load_texts())]

    async def send(self, address: str, text: str) -> None:
        """Raises Undeliverable when the conversation is not ours any more, Unavailable when it may be tried again."""
        await self._post(address, "messages", {"content": text, "message_type": "outgoing"})

    async def give_to_agents(self, address: str) -> None:
        await self._post(address, "toggle_status", {"status": "open"})

    async def _post(self, address: str, what: str, body: dict[str, Any]) -> None:
        account, _, conversation = address.partition("/")
        path = f"/api/v1/accounts/{account}/conversations/{conversation}/{what}"
        try:
            response = await self._http.post(path, json=body)
        except httpx.HTTPError as error:
            raise Unavailable(f"Chatwoot 没有应答（{type(error).__name__}）") from error
        if response.status_code in GONE:
            raise Undeliverable(f"Chatwoot 不再接收（{response.status_code}）")
        if response.status_code >= 400:
            raise Unavailable(f"Chatwoot 没有收下（{response.status_code}）")
