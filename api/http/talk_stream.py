"""The server-sent events of one conversation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from sse_starlette import ServerSentEvent

from api.db import conversations as store
from api.db.session import Database
from api.db.tables.conversations import Conversation
from api.http import talk_view
from api.http.schemas.chat import MessageOut
from api.services import handover
from api.services.watching import Watcher

PING_SECONDS = 20
LOOK_SECONDS = 5.0
LINES = 200
NO_BUFFER = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
STREAM: dict[int | str, dict[str, object]] = {200: {"content": {"text/event-stream": {}}}}


class TalkStream:
    """`event: message` with its id for every line, `event: state` whenever owner or place in the queue change."""

    def __init__(
        self, database: Database, watcher: Watcher, now: Callable[[], datetime], *, look: float = LOOK_SECONDS
    ) -> None:
        self._database = database
        self._watcher = watcher
        self._now = now
        self._look = look

    async def events(self, conversation_id: int, *, after: int) -> AsyncIterator[ServerSentEvent]:
        """Runs until the listener goes away."""
        told = ""
        async with self._watcher.following(conversation_id) as said:
            while True:
                said.clear()
                lines, state = await self._since(conversation_id, after)
                for line in lines:
                    after = line.id
                    yield ServerSentEvent(line.model_dump_json(), event="message", id=str(line.id))
                if state != told:
                    told = state
                    yield ServerSentEvent(state, event="state")
                try:
                    await asyncio.wait_for(said.wait(), timeout=self._look)
                except TimeoutError:
                    continue

    async def _since(self, conversation_id: int, after: int) -> tuple[list[MessageOut], str]:
        async with self._database.reading() as session:
            talk = await session.get_one(Conversation, conversation_id)
            rows = await store.history(session, conversation_id, limit=LINES)
            waits = await handover.waiting(session, talk, now=self._now())
        lines = [line for line in talk_view.messages(rows) if line.id > after]
        return lines, talk_view.state(talk, waits).model_dump_json()
