"""Crisis before everything: a fixed help text at once, a protective ticket for a person on duty, no mediation."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations
from api.db.session import Database
from api.db.tables.conversations import Conversation, Message
from api.domain.conversation import BotTurn, MessageStatus, Owner, Reply, TurnResult
from api.domain.safety import CrisisHit, SafetyGate
from api.services.care import RECENT, Care
from api.services.conversations import result_of
from api.services.help_texts import HelpTexts
from api.services.simplified import simplified

log = logging.getLogger(__name__)


class OpenProtectiveTicket(Protocol):
    """Opens (or finds again) the protective ticket of a conversation and returns its number."""

    def __call__(
        self, session: AsyncSession, *, conversation: Conversation, kind: str, text: str, at: datetime
    ) -> Awaitable[str]: ...


class CrisisDesk:
    """Judges every message with the rules, hears the bot's second opinion, and answers a crisis without the bot."""

    def __init__(
        self,
        database: Database,
        gate: SafetyGate,
        texts: HelpTexts,
        care: Care,
        open_ticket: OpenProtectiveTicket,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._gate = gate
        self._texts = texts
        self._care = care
        self._open_ticket = open_ticket
        self._now = now

    def check(self, text: str) -> tuple[CrisisHit, ...]:
        return self._gate.check(simplified(text))

    def replies(self, hits: Sequence[CrisisHit], text: str, told: Sequence[str] = ()) -> tuple[Reply, ...]:
        """The fixed text of the most urgent kind, and of a second kind when there is one."""
        return self._texts.replies(hits, simplified(text), told)

    @staticmethod
    def recent(conversation: Conversation, now: datetime) -> str | None:
        """When this person told us about a crisis, if not long ago; the conversation then follows their lead."""
        if conversation.crisis_at and now - conversation.crisis_at < RECENT:
            return conversation.crisis_at.isoformat()
        return None

    def stop_at(self, conversation: Conversation, text: str) -> dict[str, object] | None:
        """Tells the bot which danger to hand back at once, instead of answering: not the one already cared for, and
        none in a text that speaks of other people's or other times' dangers."""
        if not self._care.opinion.heard(simplified(text)):
            return None
        told = [kind for kind in self._told(conversation) if kind not in self._care.always]
        told += self._care.opinion.unfounded(simplified(text))
        return {"danger": self._care.opinion.crisis_from, "told": told}

    def _told(self, conversation: Conversation) -> list[str]:
        return list(conversation.crisis) if self.recent(conversation, self._now()) else []

    async def lead(self, conversation: Conversation) -> dict[str, object] | None:
        """What the bot has to know to stay with somebody after a crisis; None when there was none lately."""
        if not self.recent(conversation, self._now()):
            return None
        async with self._database.reading() as session:
            told = await conversations.last_crisis(session, conversation.id)
        if told is None or told.crisis is None:
            return None
        offender = self._texts.offender(told.crisis, simplified(told.text))
        side = "offender" if offender else "victim"
        return {"kind": told.crisis, "side": side, "said": told.text, "ticket": told.ticket_no or ""}

    def second_opinion(self, turn: BotTurn, text: str) -> tuple[CrisisHit, ...]:
        """What the bot stopped at."""
        return self._care.opinion.hits(turn.danger, simplified(text)) if turn.stopped else ()

    async def question(
        self, session: AsyncSession, turn: BotTurn, conversation: Conversation, text: str
    ) -> tuple[Reply, ...]:
        """The caring question, when the bot half suspects a danger and it was not asked lately."""
        asks = await self._care.asks(session, conversation, text, turn.danger, self._now())
        return (self._care.question,) if asks else ()

    def doubts(self, turn: BotTurn, text: str) -> tuple[str, ...]:
        """What the caring question is about."""
        return self._care.opinion.doubts(turn.danger, simplified(text))

    async def hear(self, message: Message, conversation: Conversation) -> TurnResult | None:
        """Answers the answer to the caring question; None when the message is none."""
        async with self._database.reading() as session:
            hits = await self._care.heard(session, message, self._now(), self._told(conversation))
        if hits is None:
            return None
        return await (self.answer(message, conversation, hits) if hits else self._reassure(message, conversation))

    async def _reassure(self, message: Message, conversation: Conversation) -> TurnResult:
        async with self._database.transaction() as session:
            row = await session.get_one(Message, message.id)
            if not await conversations.close_turn(session, row, MessageStatus.ANSWERED):
                return await self._given(session, message)
            talk = await session.get_one(Conversation, conversation.id)
            sent = conversations.add_reply(session, talk, self._care.reassurance, role="bot", at=self._now(), to=row)
            await session.flush()
            row.owner_after = talk.owner
        return TurnResult((self._care.reassurance,), Owner(talk.owner), message_ids=(row.id, sent.id))

    async def answer(self, message: Message, conversation: Conversation, hits: Sequence[CrisisHit]) -> TurnResult:
        """Store and return the help text; the ticket that calls a person must not be able to stop it."""
        replies = self.replies(hits, message.text, self._told(conversation))
        kinds = list(dict.fromkeys(hit.kind for hit in hits))
        try:
            ticket_no = await self._alarm(message, kinds[0])
        except Exception:
            log.exception("a protective ticket could not be opened")
            ticket_no = None
        async with self._database.transaction() as session:
            row = await session.get_one(Message, message.id)
            if not await conversations.close_turn(session, row, MessageStatus.ANSWERED):
                return await self._given(session, message)
            talk = await session.get_one(Conversation, conversation.id)
            sent = [conversations.add_reply(session, talk, r, role="bot", at=self._now(), to=row) for r in replies]
            await session.flush()
            ids = (row.id, *(reply.id for reply in sent))
            row.ticket_no, row.owner_after, row.crisis = ticket_no, talk.owner, kinds[0]
            talk.crisis = [*(kind for kind in talk.crisis if kind not in kinds), *reversed(kinds)]
            talk.crisis_at = self._now()
            talk.attention = "crisis"
            talk.handoff_at = talk.handoff_at or self._now()
        return TurnResult(replies, Owner(talk.owner), ticket_no=ticket_no, crisis=kinds[0], message_ids=ids)

    @staticmethod
    async def _given(session: AsyncSession, message: Message) -> TurnResult:
        """The same message delivered twice at once: the answer that was stored first is the answer."""
        return await result_of(session, await session.get_one(Message, message.id, populate_existing=True))

    async def _alarm(self, message: Message, kind: str) -> str:
        async with self._database.transaction() as session:
            # Locked, so that one crisis told twice at once calls one person once.
            talk = await session.get_one(Conversation, message.conversation_id, with_for_update=True)
            return await self._open_ticket(session, conversation=talk, kind=kind, text=message.text, at=self._now())
