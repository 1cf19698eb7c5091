"""Chats are erased when their time is up or when the person asks; what the law makes us keep is told with reasons."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as conversation_store
from api.db import erasures as store
from api.db.session import Database
from api.db.tables.conversations import Conversation
from api.db.tables.erasures import ErasureRow
from api.domain.access import Viewer
from api.domain.errors import Conflict
from api.services import conversations
from knowledge_base.desk.retention import load_retention

RETENTION, REQUEST = "retention", "request"
MOMENT = timedelta(microseconds=1)
LEASE = timedelta(seconds=30)


class Forgetful(Protocol):
    """The bot, which keeps its own record of a conversation."""

    async def forget(self, sender: str) -> None: ...


@dataclass(frozen=True)
class Erased:
    messages: int
    proof: int | None


@cache
def retention_rules() -> Mapping[str, Any]:
    return load_retention()


@dataclass(frozen=True)
class ErasureDesk:
    """`key` keys the digest that stands for a person in the proof."""

    database: Database
    bot: Forgetful
    key: bytes

    async def expire(self, *, now: datetime) -> int:
        """One batch of chats whose time is up; how many conversations were cleaned. The bot forgets them first."""
        rules = retention_rules()
        before = now - timedelta(days=rules["chat_days"])
        idle = now - timedelta(hours=rules["idle_hours"])
        async with self.database.reading() as session:
            found = list(await store.with_old(session, before, idle, rules["batch"]))
        for conversation in found:
            await self.bot.forget(f"{conversation.channel}:{conversation.sender}")
            async with self.database.transaction() as session:
                row = await conversation_store.find(session, conversation.channel, conversation.sender, lock=True)
                if row is not None and row.last_at < idle:
                    whole = row.last_at < before
                    await self._erase(session, row, RETENTION, before, blank=whole, actor="worker", at=now)
        return len(found)

    async def on_request(self, channel: str, sender: str, *, actor: str, now: datetime) -> Erased:
        """Everything said so far. Raises NotFound, Conflict while a message is being answered, Unavailable."""
        async with self.database.reading() as session:
            row = await conversations.get(session, channel, sender)
            if row.lease_holder and row.lease_until and row.lease_until > now:
                raise Conflict(retention_rules()["wording"]["busy"], code="busy")
        await self.bot.forget(f"{channel}:{sender}")
        async with self.database.transaction() as session:
            locked = await conversation_store.find(session, channel, sender, lock=True)
            assert locked is not None
            proof = await self._erase(session, locked, REQUEST, now + MOMENT, blank=True, actor=actor, at=now)
            return Erased(proof.messages if proof else 0, proof.id if proof else None)

    async def after_this_turn(self, channel: str, sender: str, *, now: datetime) -> int:
        """Asked for in the chat: everything said up to now goes once the answer is out; how many lines that is.

        The turn itself would write down again what was erased in the middle of it. Raises NotFound.
        """
        async with self.database.transaction() as session:
            row = await conversations.get(session, channel, sender)
            row.erase_wanted = now
            return (await store.span(session, row.id, now + MOMENT)).messages

    async def as_wanted(self, *, now: datetime) -> int:
        """One batch of what was asked for in chats. Each is claimed like a turn, so that none begins meanwhile."""
        async with self.database.reading() as session:
            found = list(await store.wanted(session, now, retention_rules()["batch"]))
        return sum([await self._as_wanted(one, now=now) for one in found])

    async def _as_wanted(self, found: Conversation, *, now: datetime) -> bool:
        holder = f"erasure-{secrets.token_hex(8)}"
        async with self.database.transaction() as session:
            if not await conversation_store.claim(session, found.id, holder=holder, now=now, lease=LEASE):
                return False
        try:
            await self.bot.forget(f"{found.channel}:{found.sender}")
            async with self.database.transaction() as session:
                row = await conversation_store.find(session, found.channel, found.sender, lock=True)
                if row is None or row.erase_wanted is None:
                    return False
                before, actor = row.erase_wanted + MOMENT, Viewer.applicant(row.channel, row.sender).actor
                await self._erase(session, row, REQUEST, before, blank=True, actor=actor, at=now)
                return True
        finally:
            async with self.database.transaction() as session:
                await conversation_store.release(session, found.id, holder=holder)

    async def _erase(
        self,
        session: AsyncSession,
        row: Conversation,
        kind: str,
        before: datetime,
        *,
        blank: bool,
        actor: str,
        at: datetime,
    ) -> ErasureRow | None:
        """None when there was nothing left to erase, so that two workers leave one proof."""
        span = await store.span(session, row.id, before)
        if not span.messages and kind == RETENTION:
            return None
        await store.erase_messages(session, row.id, before)
        if blank:
            await store.blank(session, row)
        proof = ErasureRow(
            kind=kind,
            channel=row.channel,
            subject=self.subject(row.channel, row.sender),
            messages=span.messages,
            oldest=span.oldest,
            newest=span.newest,
            cutoff=before,
            at=at,
            actor=actor,
        )
        session.add(proof)
        await session.flush()
        return proof

    def subject(self, channel: str, sender: str) -> str:
        return hmac.new(self.key, f"{channel}:{sender}".encode(), hashlib.sha256).hexdigest()
