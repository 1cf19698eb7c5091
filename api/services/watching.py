"""Tells who follows a conversation that something was said in it, whichever process stored it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from api.db.session import Database
from api.db.tables.conversations import Message
from api.domain.errors import Unavailable

log = logging.getLogger(__name__)

SECONDS = 0.7
MOST_FOLLOWERS = 400


class Watcher:
    """One small query per round and process, however many follow; none while nobody does.

    A row that became visible late (a slow transaction with an older number) is not noticed here: who follows looks
    for itself from time to time.
    """

    def __init__(self, database: Database, *, seconds: float = SECONDS) -> None:
        self._database = database
        self._seconds = seconds
        self._followers: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._round: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def following(self, conversation_id: int) -> AsyncIterator[asyncio.Event]:
        """The event is set when something new is there. Raises Unavailable when too many follow already."""
        if sum(map(len, self._followers.values())) >= MOST_FOLLOWERS:
            raise Unavailable("现在看的人太多，请稍后再试。")
        event = asyncio.Event()
        self._followers[conversation_id].add(event)
        if self._round is None:
            self._round = asyncio.create_task(self._watch())
        try:
            yield event
        finally:
            self._followers[conversation_id].discard(event)
            if not self._followers[conversation_id]:
                del self._followers[conversation_id]

    async def _watch(self) -> None:
        try:
            last = await self._last()
            while self._followers:
                await asyncio.sleep(self._seconds)
                last = await self._wake(last)
        finally:
            self._round = None

    async def _last(self) -> int:
        async with self._database.reading() as session:
            return (await session.scalar(select(func.max(Message.id)))) or 0

    async def _wake(self, last: int) -> int:
        query = select(Message.id, Message.conversation_id).where(Message.id > last).order_by(Message.id).limit(2000)
        try:
            async with self._database.reading() as session:
                rows = (await session.execute(query)).all()
        except Exception:
            log.exception("the conversations could not be watched")
            return last
        for _, conversation_id in rows:
            for event in self._followers.get(conversation_id, ()):
                event.set()
        return max((row[0] for row in rows), default=last)
