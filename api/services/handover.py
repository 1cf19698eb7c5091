"""Who of the operators holds a conversation, what they are told about it, and what the villager is told meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as store
from api.db import hotline as hotline_store
from api.db.tables.conversations import Conversation, Message
from api.db.tables.hotline import OperatorMark
from api.domain.access import Viewer
from api.domain.conversation import Owner, Reply
from api.domain.deadline import LOCAL, readable
from api.domain.errors import Conflict
from api.services import conversations
from api.services.working_days import working_calendar
from knowledge_base.operators import load_operator_rules

TAKEN = "工作人员接手"
SUPERVISORS = frozenset({"admin", "county_supervisor"})


@dataclass(frozen=True)
class Waiting:
    """`ahead` is None when nobody is waited for; `text` is what the villager reads."""

    owner: Owner
    ahead: int | None
    open_now: bool
    text: str


def open_at(at: datetime) -> bool:
    """Whether operators are there."""
    rules, local = load_operator_rules(), at.astimezone(LOCAL)
    return working_calendar().is_working(local.date()) and rules.opens <= local.time() <= rules.closes


def ring_back_by(at: datetime) -> datetime:
    return working_calendar().after_working_days(at, load_operator_rules().callback_working_days)


def hours_told(text: str, *, now: datetime) -> str:
    """The sentence with its blanks filled: {opens}, {closes}, and {due}, by when somebody rings back."""
    rules = load_operator_rules()
    times = {"opens": f"{rules.opens:%H:%M}", "closes": f"{rules.closes:%H:%M}"}
    return text.format(due=readable(ring_back_by(now)), **times)


async def waiting(session: AsyncSession, conversation: Conversation, *, now: datetime) -> Waiting:
    """Where this conversation stands."""
    owner, here, say = Owner(conversation.owner), open_at(now), load_operator_rules().say
    if owner is Owner.BOT:
        return Waiting(owner, None, here, "")
    if conversation.operator:
        return Waiting(owner, None, here, say["taken"])
    ahead = await store.ahead_of(session, conversation)
    if not here:
        return Waiting(owner, ahead, here, hours_told(say["closed"], now=now))
    return Waiting(owner, ahead, here, say["ahead"].format(ahead=ahead) if ahead else say["open"])


async def take(session: AsyncSession, *, channel: str, sender: str, by: Viewer, at: datetime) -> Conversation:
    """The bot falls silent and this operator answers. Raises Conflict when another one does already.

    A supervisor may take a conversation over; a line of a programme (the service token) binds nobody.
    """
    await conversations.hand_over(session, channel=channel, sender=sender, reason=TAKEN, at=at)
    talk = await store.find(session, channel, sender, lock=True)
    assert talk is not None
    if talk.operator and talk.operator != by.actor and by.role not in SUPERVISORS:
        raise Conflict(f"{talk.operator_name}正在回复这位来访人，请先和他商量。", code="already_taken")
    if by.member:
        talk.operator, talk.operator_name = by.actor, by.name
    return talk


async def reply(session: AsyncSession, *, channel: str, sender: str, text: str, by: Viewer, at: datetime) -> Message:
    """Taken by the one who answers; delivered on the villager's channel."""
    talk = await conversations.get(session, channel, sender)
    if by.member or talk.owner == Owner.HUMAN:
        await take(session, channel=channel, sender=sender, by=by, at=at)
    return await conversations.reply(session, channel=channel, sender=sender, text=text, at=at)


async def hand_back(session: AsyncSession, *, channel: str, sender: str, at: datetime) -> None:
    """The bot answers again, and says so: nobody should go on talking to somebody who left."""
    talk = await conversations.get(session, channel, sender)
    if talk.owner == Owner.HUMAN:
        await conversations.hand_back(session, channel=channel, sender=sender)
        await conversations.tell(session, talk, Reply(load_operator_rules().say["returned"]), role="bot", at=at)


async def mark(
    session: AsyncSession, *, channel: str, sender: str, kind: str, note: str, by: Viewer, at: datetime
) -> OperatorMark:
    """`abuse`: the scripted warning is sent and the supervisor is told. `out_of_scope`: the other door is named.

    Neither closes the conversation, and neither is shown to anybody but staff.
    """
    talk = await take(session, channel=channel, sender=sender, by=by, at=at)
    made = OperatorMark(conversation_id=talk.id, kind=kind, note=note or None, actor=by.actor, at=at)
    session.add(made)
    say = load_operator_rules().say
    text = say["abuse_warning" if kind == "abuse" else "out_of_scope"]
    await conversations.tell(session, talk, Reply(text), role="staff", at=at)
    if kind == "abuse":
        talk.attention = talk.attention or "abuse"
    await session.flush()
    return made


async def marks_of(session: AsyncSession, conversation: Conversation) -> Sequence[OperatorMark]:
    return await hotline_store.marks_of(session, conversation.id)
