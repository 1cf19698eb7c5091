"""The internal channel between our gateway and Rasa; loopback only. A turn either took place or is an error.

POST /webhooks/desk/turn    {"sender", "text", "message_id", "metadata"} → 200 messages | 503 turn_failed
                            metadata.stop_at {"danger": 0.5, "told": [kinds]}: no turn is taken when the text is read as
                            a danger of another kind with that confidence → 200 {"stopped": true, "danger", ...}
POST /webhooks/desk/parse   {"texts": [≤ 256]} → 200 results in the same order
GET  /webhooks/desk/ready   200 only when the model and the tracker store answer
DELETE /webhooks/desk/conversations/<sender>   forgets a conversation
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import patches
from bot.storage.tracker_store import SessionTrackerStore
from bot.turns import Turn, turn

patches.apply()

logger = logging.getLogger(__name__)

MAX_TEXTS = 256
MAX_TEXT_LENGTH = 8000
NO_DANGER = {"kind": None, "confidence": 0.0, "kinds": []}
# A batch is cut so that a conversation waiting behind it waits milliseconds.
BATCH_SLICE = 64


class BadCall(ValueError):
    """The caller's mistake; told as 400."""


class DeskInput(InputChannel):
    """Named `bot.channels.desk.DeskInput` in credentials.yml."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def name(cls) -> str:
        return "desk"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("desk")
        routes.add_route(_guarded(self.turn), "/turn", methods=["POST"], name="turn")
        routes.add_route(_guarded(self.parse), "/parse", methods=["POST"], name="parse")
        routes.add_route(_guarded(self.ready), "/ready", methods=["GET"], name="ready")
        routes.add_route(_guarded(self.forget), "/conversations/<sender:str>", methods=["DELETE"], name="forget")
        return routes

    async def turn(self, request: Request) -> HTTPResponse:
        call = _json_object(request)
        sender, text = _required_text(call, "sender"), _required_text(call, "text")
        message_id = str(call.get("message_id") or "")
        metadata = {**(call.get("metadata") or {}), "message_id": message_id}
        lock = self._locks.setdefault(sender, asyncio.Lock())
        async with lock:
            agent = _agent(request)
            repeated = await _repeat(_store(agent), sender, message_id)
            if repeated is not None:
                return _json(repeated)
            return _json(await self._take_turn(agent, sender, text, message_id, metadata))

    async def _take_turn(
        self, agent: Agent, sender: str, text: str, message_id: str, metadata: dict[str, Any]
    ) -> dict[str, Any]:
        message = UserMessage(
            text,
            CollectingOutputChannel(),
            sender,
            input_channel=self.name(),
            message_id=message_id or None,
            metadata=metadata,
        )
        stop_at = metadata.pop("stop_at", None)
        danger = await _read_danger(agent, message)
        if stop_at and danger["confidence"] >= stop_at["danger"] and danger["kind"] not in stop_at["told"]:
            return {"messages": [], "events": 0, "danger": danger, "stopped": True, "repeated": False}
        with turn() as record:
            messages = await agent.handle_message(message)
        if messages is None or record.tracker is None:
            raise RuntimeError("the turn was not stored")
        return _answer(record, [_without_recipient(said) for said in messages])

    async def parse(self, request: Request) -> HTTPResponse:
        texts = _json_object(request).get("texts")
        if not isinstance(texts, list) or len(texts) > MAX_TEXTS or not all(isinstance(text, str) for text in texts):
            raise BadCall(f"texts: a list of at most {MAX_TEXTS} strings")
        agent, results = _agent(request), []
        for start in range(0, len(texts), BATCH_SLICE):
            results += parse_batch(agent, texts[start : start + BATCH_SLICE])
            await asyncio.sleep(0)
        return _json({"results": results})

    async def ready(self, request: Request) -> HTTPResponse:
        agent = _agent(request)
        await _store(agent).ping()
        await _actions_answer(agent)
        return _json({"status": "ready", "model_id": agent.model_id, "model": agent.model_name})

    async def forget(self, request: Request, sender: str) -> HTTPResponse:
        async with self._locks.setdefault(sender, asyncio.Lock()):
            return _json({"forgotten": await _store(_agent(request)).forget(sender)})


async def _read_danger(agent: Agent, message: UserMessage) -> dict[str, Any]:
    """Parses the message before its turn; the turn then uses what was parsed."""
    if agent.processor is None:
        raise RuntimeError("no model is loaded")
    message.parse_data = await agent.processor.parse_message(message)
    return message.parse_data.get("danger") or dict(NO_DANGER)


async def _actions_answer(agent: Agent) -> None:
    """Raises unless the action server the bot would call is there."""
    endpoint = agent.action_endpoint
    if endpoint is None:
        raise RuntimeError("no action server is configured")
    await endpoint.request("get", subpath="health")


def parse_batch(agent: Agent, texts: list[str]) -> list[dict[str, Any]]:
    """One pass of the NLU graph over all texts; they belong to no conversation."""
    processor = agent.processor
    if processor is None:
        raise RuntimeError("no model is loaded")
    target = processor.model_metadata.nlu_target
    inputs = {
        PLACEHOLDER_MESSAGE: [UserMessage(text[:MAX_TEXT_LENGTH]) for text in texts],
        PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("parse", []),
    }
    parsed = processor.graph_runner.run(inputs=inputs, targets=[target])[target]
    keys = ("text", "intent", "intent_ranking", "entities", "triage", "danger")
    return [{key: message.get(key) for key in keys} for message in parsed]


def _guarded(handle: Callable[..., Awaitable[HTTPResponse]]) -> Callable[..., Awaitable[HTTPResponse]]:
    """400 for the caller's mistakes, 503 for everything else that goes wrong."""

    async def guarded(request: Request, **path: str) -> HTTPResponse:
        try:
            return await handle(request, **path)
        except BadCall as mistake:
            return _json({"error": "bad_request", "detail": str(mistake)}, 400)
        except Exception as error:
            logger.exception("desk call failed")
            return _json({"error": "turn_failed", "detail": f"{type(error).__name__}: {error}"[:500]}, 503)

    return guarded


def _agent(request: Request) -> Agent:
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise RuntimeError("no model is loaded")
    return agent


def _store(agent: Agent) -> SessionTrackerStore:
    store = agent.tracker_store
    if not isinstance(store, SessionTrackerStore):
        raise RuntimeError(f"conversations are kept in {type(store).__name__}, which forgets them")
    return store


async def _repeat(store: SessionTrackerStore, sender: str, message_id: str) -> dict[str, Any] | None:
    """The stored answer when this message was the last one handled (its reply got lost on the way)."""
    stored = await store.last_turn(sender) if message_id else []
    if not stored or (stored[0].get("metadata") or {}).get("message_id") != message_id:
        return None
    channel = CollectingOutputChannel()
    for event in stored:
        if event["event"] == "bot":
            await channel.send_response(sender, BotUttered(event.get("text"), event.get("data")).message())
    tracker = await store.retrieve(sender)
    return {
        "messages": [_without_recipient(said) for said in channel.messages],
        "events": len(stored),
        "intent": _intent(stored[0].get("parse_data") or {}),
        "danger": (stored[0].get("parse_data") or {}).get("danger"),
        "active_loop": tracker.active_loop_name if tracker else None,
        "repeated": True,
    }


def _answer(record: Turn, messages: list[dict[str, Any]]) -> dict[str, Any]:
    latest = record.tracker.latest_message
    return {
        "messages": messages,
        "events": record.events,
        "intent": _intent(latest.parse_data if latest else {}),
        "danger": latest.parse_data.get("danger") if latest else None,
        "active_loop": record.tracker.active_loop_name,
        "repeated": False,
    }


def _intent(parsed: dict[str, Any]) -> dict[str, Any]:
    intent = parsed.get("intent") or {}
    return {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)}


def _without_recipient(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key != "recipient_id"}


def _json_object(request: Request) -> dict[str, Any]:
    try:
        call = request.json
    except Exception as error:
        raise BadCall("the body must be JSON") from error
    if not isinstance(call, dict) or not isinstance(call.get("metadata") or {}, dict):
        raise BadCall("the body must be a JSON object")
    return call


def _required_text(call: dict[str, Any], key: str) -> str:
    value = call.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT_LENGTH:
        raise BadCall(f"{key}: a text of 1 to {MAX_TEXT_LENGTH} characters")
    return value


def _json(body: dict[str, Any], status: int = 200) -> HTTPResponse:
    return response.json(body, status=status, ensure_ascii=False)
