"""Who owns a conversation, and what was said in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations, tickets
from api.db.tables.conversations import Conversation, Message
from api.domain.access import Viewer
from api.domain.conversation import InboundMessage, MessageStatus, Owner, Reply, TurnResult
from api.domain.errors import NotFound
from api.services.outbox import reply_of

HISTORY = 200
QUEUE = 200
LAST_BUBBLES = 8
LONGEST_TITLE = 60
EXCERPT = 40
PUSHED_CHANNELS = frozenset({"wechat", "chatwoot"})


@dataclass(frozen=True)
class Queued:
    """A conversation that wants a human; `last` are the last two things said, shortened."""

    talk: Conversation
    last: str


async def get(session: AsyncSession, channel: str, sender: str) -> Conversation:
    found = await conversations.find(session, channel, sender)
    if found is None:
        raise NotFound("没有这个会话。")
    return found


async def get_for_staff(session: AsyncSession, channel: str, sender: str, *, viewer: Viewer) -> Conversation:
    """For operators and supervisors any conversation, for others one that a ticket of theirs came from."""
    conversation = await get(session, channel, sender)
    if not viewer.everything and not await tickets.numbers_of(
        session, channel=channel, sender=sender, visible_to=viewer
    ):
        raise NotFound("没有这个会话。")
    return conversation


async def history(session: AsyncSession, conversation: Conversation) -> Sequence[Message]:
    return await conversations.history(session, conversation.id, limit=HISTORY)


async def result_of(session: AsyncSession, message: Message) -> TurnResult:
    """The answer as it was stored."""
    rows = await conversations.replies_to(session, message.id)
    replies = tuple(Reply(row.text, tuple(row.buttons), tuple(row.links)) for row in rows)
    owner = Owner(message.owner_after or Owner.BOT)
    ids = (message.id, *(row.id for row in rows))
    result = TurnResult(replies, owner, ticket_no=message.ticket_no, crisis=message.crisis, message_ids=ids)
    return replace(result, done=message.status != MessageStatus.PENDING)


async def pressed(session: AsyncSession, channel: str, sender: str, text: str) -> str:
    """Where buttons cannot be pressed, what stands on one is typed: its payload, or the text as it is."""
    conversation = await conversations.find(session, channel, sender)
    if conversation is None or len(text) > LONGEST_TITLE:
        return text
    for line in reversed(await conversations.history(session, conversation.id, limit=LAST_BUBBLES)):
        if line.role == "user":
            break
        for button in line.buttons:
            if text == button.get("title"):
                return str(button["payload"])
    return text


async def busy(session: AsyncSession, channel: str, sender: str) -> bool:
    """Whether something they said still waits for its turn."""
    conversation = await conversations.find(session, channel, sender)
    return conversation is not None and bool(await conversations.pending(session, conversation.id))


async def last_answer(session: AsyncSession, channel: str, sender: str) -> tuple[Reply, ...]:
    """All that was said to their last message: what was handed out with it, and what answered it."""
    conversation = await conversations.find(session, channel, sender)
    if conversation is None:
        return ()
    lines = await history(session, conversation)
    asked = next((line for line in reversed(lines) if line.role == "user"), None)
    after = [line for line in lines if asked is None or line.id > asked.id]
    taken = await conversations.taken_by(session, conversation.id, str(asked.external_id)) if asked else []
    said = {line.id: line for line in (*taken, *after)}
    return tuple(reply_of(said[number]) for number in sorted(said))


async def everything(session: AsyncSession, conversation: Conversation) -> Sequence[Message]:
    """Every line, oldest first: for the person it belongs to."""
    return await conversations.history(session, conversation.id, limit=None)


async def hand_over(
    session: AsyncSession,
    *,
    channel: str,
    sender: str,
    reason: str,
    at: datetime,
    known: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Give the conversation to the operators; returns how many are waiting before it.

    `known` is what has been gathered so far, by Chinese label: nobody should have to say it twice.
    """
    start = InboundMessage(channel=channel, sender=sender, external_id="", text="", at=at)
    conversation = await conversations.find_or_start(session, start)
    if conversation.owner != Owner.HUMAN:
        conversation.owner = Owner.HUMAN
        conversation.handoff_at = at
        conversation.handoff_reason = reason or None
        conversation.known = dict(known)
        conversation.operator = conversation.operator_name = None
        await session.flush()
    return await conversations.ahead_of(session, conversation)


async def tell(session: AsyncSession, conversation: Conversation, line: Reply, *, role: str, at: datetime) -> Message:
    """A line nobody waits for with an open request; on a pushed channel the worker delivers it."""
    message = conversations.add_reply(session, conversation, line, role=role, at=at)
    await session.flush()
    if conversation.channel in PUSHED_CHANNELS:
        await conversations.add_delivery(session, message, status="waiting", due_at=at)
    return message


async def reply(session: AsyncSession, *, channel: str, sender: str, text: str, at: datetime) -> Message:
    """A line of an operator, delivered on the villager's channel."""
    conversation = await get(session, channel, sender)
    conversation.attention = None
    return await tell(session, conversation, Reply(text), role="staff", at=at)


async def hand_back(session: AsyncSession, *, channel: str, sender: str) -> None:
    """The bot answers again from the next message on."""
    conversation = await get(session, channel, sender)
    conversation.owner = Owner.BOT
    conversation.attention = None
    conversation.handoff_at = None
    conversation.handoff_reason = None
    conversation.operator = conversation.operator_name = None


async def queue(session: AsyncSession, *, viewer: Viewer) -> list[Queued]:
    """Who waits for a human; only operators and supervisors answer for the whole county."""
    if not viewer.everything:
        return []
    rows = await conversations.waiting_for_human(session, limit=QUEUE)
    return [Queued(talk, " / ".join(map(shorten, said))) for talk, said in rows]


def shorten(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"
