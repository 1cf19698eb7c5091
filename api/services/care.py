"""One caring question when the bot half suspects a danger, and what the answer to it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations
from api.db.tables.conversations import Conversation, Message
from api.domain.conversation import Reply
from api.domain.danger import CLASSIFIER, Danger, SecondOpinion
from api.domain.safety import CrisisHit, SafetyGate
from api.services.simplified import simplified
from knowledge_base.safety.second_opinion import SecondOpinionContent

RECENT = timedelta(hours=12)
SAID_UNSAFE = "被问到安全时说不安全"
ENDINGS = "。！!，,. "


@dataclass(frozen=True, slots=True)
class Care:
    """The second opinion and the wording of the question; what a person answers is compared without punctuation."""

    opinion: SecondOpinion
    question: Reply
    unsafe: frozenset[str]
    safe: frozenset[str]
    reassurance: Reply
    always: frozenset[str]
    unasked: frozenset[str]
    unknown_kind: str

    @classmethod
    def of(cls, content: SecondOpinionContent, gate: SafetyGate) -> "Care":
        buttons = tuple({"title": one, "payload": one} for one in (content.unsafe[0], content.safe[0]))
        return cls(
            opinion=SecondOpinion(
                gate, content.crisis_from, content.ask_from, content.quiet, content.unlikely, content.worrying
            ),
            question=Reply(content.question, buttons),
            unsafe=frozenset(content.unsafe),
            safe=frozenset(content.safe),
            reassurance=Reply(content.reassurance),
            always=content.always,
            unasked=content.unasked,
            unknown_kind=content.unknown_kind,
        )

    async def asks(
        self, session: AsyncSession, talk: Conversation, text: str, danger: Danger | None, now: datetime
    ) -> bool:
        """Whether to ask now: only on a doubt, and not again within twelve hours of a crisis or of the last asking."""
        if not self.opinion.doubtful(danger, simplified(text)) or (talk.crisis_at and now - talk.crisis_at < RECENT):
            return False
        return await conversations.last_said(session, talk.id, self.question.text, since=now - RECENT) is None

    async def heard(
        self, session: AsyncSession, message: Message, now: datetime, lately: Sequence[str] = ()
    ) -> tuple[CrisisHit, ...] | None:
        """Reads a message as the answer to the question: dangers to act on, none when all is well, None when it is
        no answer. "Safe" counts only right after the question, "not safe" as long as it is not forgotten; said in a
        whole sentence it counts unasked, about what was told `lately` if anything was."""
        said = simplified(message.text).strip(ENDINGS)
        if said not in self.unsafe | self.safe | self.unasked:
            return None
        asked = await conversations.last_said(session, message.conversation_id, self.question.text, since=now - RECENT)
        about = await session.get(Message, asked.reply_to) if asked and asked.reply_to else None
        if about is None and said not in self.unasked:
            return None
        if about is None or said in self.unsafe | self.unasked:
            suspected = about.extra.get("danger") if about else lately[-1:]
            kinds = suspected or (self.unknown_kind,)
            return tuple(CrisisHit(kind, (0, len(message.text)), CLASSIFIER, SAID_UNSAFE) for kind in kinds)
        last = await conversations.last_heard(session, message.conversation_id, before=message.id)
        return () if last == about.id else None
