"""Handed over and nobody has taken it yet: no word goes unanswered, and the bot comes back when it is asked to."""

import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as store
from api.db.tables.conversations import Conversation, Message
from api.domain.conversation import Owner, Reply
from api.services import callbacks, conversations, handover
from knowledge_base.operators import load_operator_rules


async def unattended(session: AsyncSession, conversation: Conversation) -> bool:
    """With the operators, but no one of them has taken it or written a line since; on channels of our own."""
    if conversation.owner != Owner.HUMAN or conversation.operator:
        return False
    if conversation.channel not in load_operator_rules().waiting["channels"]:
        return False
    since = conversation.handoff_at
    return since is None or not await store.count_lines(session, conversation.id, role="staff", since=since)


def asks_back(text: str) -> bool:
    """问机器人, 继续, 确认提交, or a button of the bot's."""
    return any(re.search(pattern, text) for pattern in load_operator_rules().waiting["back_to_bot"])


async def comes_back(session: AsyncSession, message: Message) -> bool:
    """True when the bot was asked back while nobody was there, and answers again from this message on."""
    if not asks_back(message.text):
        return False
    conversation = await store.locked(session, message.conversation_id)
    if not await unattended(session, conversation):
        return False
    await conversations.hand_back(session, channel=conversation.channel, sender=conversation.sender)
    return True


async def receipt(session: AsyncSession, message: Message, *, at: datetime) -> Reply | None:
    """What somebody who waits is told: that they will be rung, or that their words are kept and how to go on.

    None once an operator answers.
    """
    conversation = await store.locked(session, message.conversation_id)
    rung = await callbacks.wanted_in_words(session, conversation=conversation, message=message, at=at)
    if rung or not await unattended(session, conversation):
        return rung
    since = conversation.handoff_at or message.at
    earlier = await store.count_lines(session, conversation.id, role="user", since=since, before=message.id)
    rules = load_operator_rules()
    if earlier:
        again = rules.waiting["again"]
        text = again[earlier % len(again)]
    else:
        text = handover.hours_told(rules.waiting["open" if handover.open_at(at) else "closed"], now=at)
    return Reply(text, tuple(rules.waiting["buttons"]))
