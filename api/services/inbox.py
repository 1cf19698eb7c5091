"""The way of one message: stored first, crisis before everything, one turn at a time, never without an answer."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError

from api.db import conversations
from api.db.session import Database
from api.db.tables.conversations import Conversation, Message
from api.domain.conversation import BotTurn, InboundMessage, MessageStatus, Owner, Reply, TurnResult
from api.domain.errors import Conflict, Unavailable
from api.services import still_waiting
from api.services.conversations import result_of
from api.services.crisis import CrisisDesk

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05


class Bot(Protocol):
    """The dialogue engine. `turn` raises Unavailable when the turn failed; trying again is then safe."""

    async def turn(self, *, sender: str, text: str, message_id: str, metadata: Mapping[str, Any]) -> BotTurn: ...


@dataclass(frozen=True, slots=True)
class InboxRules:
    """Times of the message path and its fixed wording (knowledge_base/wording.yml)."""

    turn_timeout: float
    lease: timedelta
    attempts: int
    fallback: Reply
    busy: Reply


class Inbox:
    """Receives messages of every channel and sees each through to its answer."""

    def __init__(
        self, database: Database, bot: Bot, crisis: CrisisDesk, rules: InboxRules, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._bot = bot
        self._crisis = crisis
        self._rules = rules
        self._now = now
        self._holder = secrets.token_hex(8)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, inbound: InboundMessage) -> TurnResult:
        """Store the message, then answer it; the same message again gets the stored answer."""
        hits = self._crisis.check(inbound.text)
        try:
            message, conversation = await self._store(inbound, crisis=hits[0].kind if hits else None)
        except Conflict:
            raise
        except Exception as error:
            log.exception("a message could not be stored")
            if hits:
                return TurnResult(self._crisis.replies(hits, inbound.text), Owner.BOT, crisis=hits[0].kind)
            raise Unavailable("系统暂时收不到消息，请稍后再发一次；急事请打 12348。") from error
        if message.status != MessageStatus.PENDING:
            return await self._stored_result(message.id)
        if hits:
            return await self._crisis.answer(message, conversation, hits)
        return await self._crisis.hear(message, conversation) or await self._take_turn(message)

    async def resume(self, message: Message) -> TurnResult:
        """Answer a stored message whose turn was lost (the process died, the caller went away)."""
        return await self._take_turn(message)

    async def _store(self, inbound: InboundMessage, *, crisis: str | None) -> tuple[Message, Conversation]:
        try:
            return await self._store_or_find(inbound, crisis=crisis)
        except IntegrityError:
            # Somebody stored this message id at the same moment; it is there to be found now.
            return await self._store_or_find(inbound, crisis=crisis)

    async def _store_or_find(self, inbound: InboundMessage, *, crisis: str | None) -> tuple[Message, Conversation]:
        async with self._database.transaction() as session:
            conversation = await conversations.find_or_start(session, inbound)
            known = await conversations.by_external_id(session, inbound.channel, inbound.external_id)
            if known:
                if known.conversation_id != conversation.id:
                    raise Conflict("这个消息编号已经被别的会话用过了，请换一个编号再发。", code="message_id_taken")
                return known, conversation
            message = Message(
                conversation_id=conversation.id,
                channel=inbound.channel,
                role="user",
                external_id=inbound.external_id,
                text=inbound.text,
                status=MessageStatus.PENDING,
                crisis=crisis,
                buttons=[],
                links=[],
                extra=dict(inbound.extra),
                at=inbound.at,
            )
            session.add(message)
            await session.flush()
            return message, conversation

    async def _take_turn(self, message: Message) -> TurnResult:
        """Wait for the conversation, then answer everything that came up to this message, in order."""
        lock = self._locks.setdefault(message.conversation_id, asyncio.Lock())
        give_up = time.monotonic() + self._rules.turn_timeout
        async with lock:
            while True:
                waiting = await self._claim(message.conversation_id)
                if waiting is not None:
                    break
                if time.monotonic() > give_up:
                    return TurnResult((self._rules.busy,), Owner.BOT, done=False)
                await asyncio.sleep(POLL_SECONDS)
            try:
                done = await self._answer_up_to(message, *waiting)
            except BaseException:
                await self._release(message.conversation_id)
                raise
            if done is None:
                await self._release(message.conversation_id)
        return done or await self._stored_result(message.id)

    async def _answer_up_to(
        self, message: Message, conversation: Conversation, pending: Sequence[Message]
    ) -> TurnResult | None:
        """The answer to `message` after those before it; the lease is renewed for each. None: it is not ours to give.

        What is pending is read again after every answer, so nothing is answered that somebody else has answered.
        """
        while due := [earlier for earlier in pending if earlier.id <= message.id]:
            done = await self._answer(due[0], conversation, last=len(due) == 1)
            if due[0].id == message.id:
                return done
            renewed = await self._claim(message.conversation_id)
            if renewed is None:
                return None
            conversation, pending = renewed
        return None

    async def _release(self, conversation_id: int) -> None:
        async with self._database.transaction() as session:
            await conversations.release(session, conversation_id, holder=self._holder)

    async def _claim(self, conversation_id: int) -> tuple[Conversation, list[Message]] | None:
        """The pending messages when the conversation is ours now, None while somebody else has it.

        Claiming again what is ours renews the lease.
        """
        async with self._database.transaction() as session:
            claimed = await conversations.claim(
                session, conversation_id, holder=self._holder, now=self._now(), lease=self._rules.lease
            )
            if not claimed:
                return None
            conversation = await session.get_one(Conversation, conversation_id)
            return conversation, list(await conversations.pending(session, conversation_id))

    async def _answer(self, message: Message, conversation: Conversation, *, last: bool) -> TurnResult:
        back = conversation.owner == Owner.HUMAN and await self._comes_back(message)
        if conversation.owner == Owner.HUMAN and not back:
            return await self._leave_to_human(message, last=last)
        try:
            turn = await self._turn_with_retry(message, conversation, back=back)
        except Unavailable as error:
            log.error("turn failed: %s", error.detail)
            return await self._finish(
                message, (self._rules.fallback,), MessageStatus.FAILED, attention="bot_unavailable", last=last
            )
        if hits := self._crisis.second_opinion(turn, message.text):
            result = await self._crisis.answer(message, conversation, hits)
            if last:
                async with self._database.transaction() as session:
                    await conversations.release(session, conversation.id, holder=self._holder)
            return result
        return await self._finish(message, turn.replies, MessageStatus.ANSWERED, turn=turn, last=last)

    async def _comes_back(self, message: Message) -> bool:
        async with self._database.transaction() as session:
            return await still_waiting.comes_back(session, message)

    async def _leave_to_human(self, message: Message, *, last: bool) -> TurnResult:
        """Silence once an operator answers; until then a receipt."""
        async with self._database.transaction() as session:
            receipt = await still_waiting.receipt(session, message, at=self._now())
        return await self._finish(message, (receipt,) if receipt else (), MessageStatus.SILENT, last=last)

    async def _turn_with_retry(self, message: Message, conversation: Conversation, *, back: bool) -> BotTurn:
        metadata = {
            "channel": conversation.channel,
            "sender": conversation.sender,
            "message_id": message.external_id,
            "said": message.text,
            "place_hint": conversation.place_hint,
            "now": self._now().isoformat(),
            "crisis_at": self._crisis.recent(conversation, self._now()),
            "crisis": await self._crisis.lead(conversation),
            "desk_ticket": conversation.desk_ticket,
            "back": back,
            "stop_at": self._crisis.stop_at(conversation, message.text),
            **message.extra,
        }
        sender = f"{conversation.channel}:{conversation.sender}"
        for attempt in range(self._rules.attempts):
            try:
                turn = await self._bot.turn(
                    sender=sender, text=message.text, message_id=str(message.external_id), metadata=metadata
                )
                if turn.replies or turn.stopped:
                    return turn
            except Unavailable:
                if attempt + 1 == self._rules.attempts:
                    raise
        raise Unavailable("机器人没有给出回答")

    async def _finish(
        self,
        message: Message,
        replies: tuple[Reply, ...],
        status: MessageStatus,
        *,
        turn: BotTurn | None = None,
        attention: str | None = None,
        last: bool,
    ) -> TurnResult:
        ticket_no = turn.ticket_no if turn else None
        async with self._database.transaction() as session:
            row = await session.merge(message, load=False)
            if not await conversations.close_turn(session, row, status):
                # Our lease ran out and somebody else answered: their answer stands, ours is not added.
                return await result_of(session, await session.get_one(Message, row.id, populate_existing=True))
            conversation = await session.get_one(Conversation, message.conversation_id)
            if turn and (question := await self._crisis.question(session, turn, conversation, message.text)):
                replies = (*question, *replies)
                row.extra = {**row.extra, "danger": list(self._crisis.doubts(turn, message.text))}
            rows = [
                conversations.add_reply(session, conversation, reply, role="bot", at=self._now(), to=row)
                for reply in replies
            ]
            if status == MessageStatus.ANSWERED:
                conversation.desk_ticket = None
            row.ticket_no = ticket_no
            row.owner_after = conversation.owner
            if attention:
                conversation.attention = attention
                conversation.handoff_at = conversation.handoff_at or self._now()
            await session.flush()
            if last:
                await conversations.release(session, conversation.id, holder=self._holder)
            owner = Owner(conversation.owner)
            ids = (message.id, *(added.id for added in rows))
        return TurnResult(replies, owner, ticket_no=ticket_no, crisis=message.crisis, message_ids=ids)

    async def _stored_result(self, message_id: int) -> TurnResult:
        async with self._database.reading() as session:
            return await result_of(session, await session.get_one(Message, message_id))
