"""Somebody wants to be rung: kept with a due time, and with the operator they spoke to before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import hotline as store
from api.db.tables.conversations import Conversation, Message
from api.db.tables.hotline import CallbackRow
from api.domain.access import Viewer
from api.domain.conversation import Owner, Reply
from api.domain.deadline import readable
from api.domain.errors import InvalidInput, NotFound
from api.services import conversations, handover
from knowledge_base.operators import load_operator_rules

PHONE = re.compile(r"(?<!\d)(?:(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})|(0\d{2,3}[- ]?[2-9]\d{6,7}))(?!\d)")
MOST = 100


@dataclass(frozen=True)
class Wanted:
    row: CallbackRow
    conversation: Conversation


def phone_in(text: str) -> str | None:
    """The first telephone number in a text, digits only."""
    found = PHONE.search(text)
    return re.sub(r"[- ]", "", found[1] or found[2]) if found else None


async def want(
    session: AsyncSession, *, conversation: Conversation, phone: str, wish: str, at: datetime
) -> tuple[CallbackRow, Reply]:
    """Kept once per conversation: asking again changes number and wish, not the due time. Raises InvalidInput."""
    say, number = load_operator_rules().say, phone_in(phone)
    if number is None:
        raise InvalidInput(say["callback_phone_bad"], code="bad_phone")
    row = await store.open_callback(session, conversation.id)
    if row is None:
        row = CallbackRow(
            conversation_id=conversation.id,
            status="open",
            operator=conversation.operator,
            operator_name=conversation.operator_name,
            due_at=handover.ring_back_by(at),
            created_at=at,
        )
        session.add(row)
    row.phone, row.wish = number, wish
    conversation.handoff_at = conversation.handoff_at or at
    await session.flush()
    return row, Reply(say["callback_kept"].format(due=readable(row.due_at)))


async def wanted_in_words(
    session: AsyncSession, *, conversation: Conversation, message: Message, at: datetime
) -> Reply | None:
    """Who waits for a human and writes a telephone number wants to be rung; None when they do not."""
    waits = conversation.owner == Owner.HUMAN and not conversation.operator
    if not waits or phone_in(message.text) is None:
        return None
    _, receipt = await want(session, conversation=conversation, phone=message.text, wish=message.text, at=at)
    return receipt


async def listed(session: AsyncSession) -> Sequence[Wanted]:
    return [Wanted(row, talk) for row, talk in await store.open_callbacks(session, limit=MOST)]


async def done(session: AsyncSession, callback_id: int, *, note: str, by: Viewer, at: datetime) -> CallbackRow:
    """Rung. When it was not the operator of before who rang, that stays visible in the note. Raises NotFound."""
    row = await session.get(CallbackRow, callback_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这条回电。")
    if row.status == "open":
        other = row.operator and row.operator != by.actor
        row.note = f"{note}（由{by.name}代{row.operator_name}回电）" if other else note
        row.status, row.done_at = "done", at
    return row


async def request(
    session: AsyncSession, *, channel: str, sender: str, phone: str, wish: str, at: datetime
) -> tuple[CallbackRow, Reply]:
    """From a form: the conversation goes to the operators, and the receipt is a line of it."""
    await conversations.hand_over(session, channel=channel, sender=sender, reason="请回电", at=at)
    talk = await conversations.get(session, channel, sender)
    row, receipt = await want(session, conversation=talk, phone=phone, wish=wish, at=at)
    await conversations.tell(session, talk, receipt, role="bot", at=at)
    return row, receipt
