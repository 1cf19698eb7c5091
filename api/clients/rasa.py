"""The bot over HTTP. A turn that failed in any way is `Unavailable`, never an empty answer."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from api.domain.conversation import BotTurn, Reply
from api.domain.danger import Danger
from api.domain.errors import Unavailable

PARSE_BATCH = 256


class RasaBot:
    """Talks to the `desk` channel of bot/channels/desk.py; the HTTP client is given from outside."""

    def __init__(self, http: httpx.AsyncClient, base_url: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/") + "/webhooks/desk"

    async def turn(self, *, sender: str, text: str, message_id: str, metadata: Mapping[str, Any]) -> BotTurn:
        body = {"sender": sender, "text": text, "message_id": message_id, "metadata": dict(metadata)}
        answer = await self._post("/turn", body)
        messages = answer["messages"]
        replies = tuple(reply_of(message) for message in messages if message.get("text") or message.get("buttons"))
        tickets = [
            message["custom"]["ticket_no"] for message in messages if (message.get("custom") or {}).get("ticket_no")
        ]
        return BotTurn(
            replies,
            ticket_no=tickets[-1] if tickets else None,
            danger=Danger.read(answer.get("danger")),
            stopped=bool(answer.get("stopped")),
        )

    async def parse(self, texts: Sequence[str]) -> list[Mapping[str, Any]]:
        """Intent, entities and triage of each text, in the same order."""
        results: list[Mapping[str, Any]] = []
        for start in range(0, len(texts), PARSE_BATCH):
            answer = await self._post("/parse", {"texts": list(texts[start : start + PARSE_BATCH])})
            results += answer["results"]
        return results

    async def forget(self, sender: str) -> None:
        """The bot's own memory of a conversation goes. Raises Unavailable."""
        try:
            response = await self._http.delete(f"{self._base}/conversations/{quote(sender, safe=':')}")
        except httpx.HTTPError as error:
            raise Unavailable(f"机器人没有应答（{type(error).__name__}）") from error
        if response.status_code != 200:
            raise Unavailable("机器人没有忘掉这个会话")

    async def ready(self) -> str:
        """The id of the loaded model."""
        try:
            response = await self._http.get(self._base + "/ready")
        except httpx.HTTPError as error:
            raise Unavailable(f"机器人没有应答（{type(error).__name__}）") from error
        if response.status_code != 200:
            raise Unavailable("机器人还没有准备好")
        return str(response.json().get("model"))

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            response = await self._http.post(self._base + path, json=body)
        except httpx.HTTPError as error:
            raise Unavailable(f"机器人没有应答（{type(error).__name__}）") from error
        if response.status_code != 200:
            raise Unavailable(f"机器人这一轮没有成功（{response.status_code}）")
        answer: dict[str, Any] = response.json()
        return answer


def reply_of(message: Mapping[str, Any]) -> Reply:
    custom = message.get("custom") or {}
    buttons = tuple({"title": b["title"], "payload": b["payload"]} for b in message.get("buttons") or ())
    return Reply(message.get("text") or "", buttons, tuple(custom.get("links") or ()))
