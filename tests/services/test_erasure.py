"""Erasing over both databases: linked rows go with the messages, and two workers leave one proof."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update

from api.db.session import Database
from api.db.tables.conversations import Conversation, Delivery, Message
from api.db.tables.erasures import ErasureRow
from api.db.tables.hotline import CallbackRow, OperatorMark
from api.services.erasure import ErasureDesk
from tests.services.desk_fixtures import FRIDAY

OLD = FRIDAY - timedelta(days=91)


class Bot:
    def __init__(self) -> None:
        self.forgot: list[str] = []

    async def forget(self, sender: str) -> None:
        self.forgot.append(sender)


async def talk(database: Database, sender: str, last: timedelta = timedelta(days=91)) -> None:
    """An old question and its answer, a new question that answers nothing, a delivery, a call-back and a mark."""
    async with database.transaction() as session:
        at = FRIDAY - last
        row = Conversation(
            channel="web", sender=sender, created_at=OLD, last_at=at, known={"town": "青石镇"}, crisis=["self_harm"]
        )
        session.add(row)
        await session.flush()
        asked = Message(
            conversation_id=row.id, channel="web", role="user", external_id=sender, text="问", status="answered", at=OLD
        )
        session.add(asked)
        await session.flush()
        told = Message(
            conversation_id=row.id, channel="web", role="bot", text="答", status="answered", at=OLD, reply_to=asked.id
        )
        later = Message(
            conversation_id=row.id, channel="web", role="bot", text="又答", status="answered", at=at, reply_to=asked.id
        )
        session.add_all([told, later])
        await session.flush()
        session.add_all(
            [
                Delivery(message_id=told.id, conversation_id=row.id, channel="web", due_at=OLD),
                CallbackRow(
                    conversation_id=row.id, phone="13800138000", wish="回电", status="done", due_at=OLD, created_at=OLD
                ),
                OperatorMark(conversation_id=row.id, kind="abuse", note="骂人", actor="x", at=OLD),
            ]
        )


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_everything_of_an_expired_talk_is_gone_but_its_id(database: Database) -> None:
    bot = Bot()
    for sender in ("a", "b"):
        await talk(database, sender)
    assert await ErasureDesk(database, bot, b"k").expire(now=FRIDAY) == 2
    assert bot.forgot == ["web:a", "web:b"]
    assert [await count(database, table) for table in (Message, Delivery, CallbackRow)] == [0, 0, 0]
    async with database.reading() as session:
        row = await session.scalar(select(Conversation).where(Conversation.sender == "a"))
        mark = await session.scalar(select(OperatorMark))
        proofs = (await session.scalars(select(ErasureRow).order_by(ErasureRow.id))).all()
    assert row is not None
    assert mark is not None
    assert (row.known, row.crisis, mark.note) == ({}, [], None)
    assert [(one.messages, one.oldest, one.newest) for one in proofs] == [(3, OLD, OLD)] * 2
    assert proofs[0].subject != proofs[1].subject


async def test_a_talk_that_goes_on_loses_only_its_old_lines(database: Database) -> None:
    await talk(database, "a", last=timedelta(days=1))
    assert await ErasureDesk(database, Bot(), b"k").expire(now=FRIDAY) == 1
    async with database.reading() as session:
        [left] = (await session.scalars(select(Message))).all()
        row = await session.scalar(select(Conversation))
    assert (left.text, left.reply_to) == ("又答", None)
    assert row is not None
    assert row.known == {"town": "青石镇"}


async def test_two_workers_leave_one_proof(database: Database) -> None:
    await talk(database, "a")
    desk = ErasureDesk(database, Bot(), b"k")
    await asyncio.gather(desk.expire(now=FRIDAY), desk.expire(now=FRIDAY))
    assert await count(database, ErasureRow) == 1


async def test_what_was_asked_for_in_the_chat_waits_for_the_answer_to_be_out(database: Database) -> None:
    """A line still to be delivered, then two workers: everything up to the wish goes once, what came later stays."""
    await talk(database, "a", last=timedelta(days=1))
    desk = ErasureDesk(database, Bot(), b"k")
    assert await desk.after_this_turn("web", "a", now=FRIDAY - timedelta(days=2)) == 2
    assert await desk.as_wanted(now=FRIDAY) == 0
    async with database.transaction() as session:
        await session.execute(update(Delivery).values(status="sent"))
    assert sum(await asyncio.gather(*(desk.as_wanted(now=FRIDAY) for _ in range(2)))) == 1
    assert (await count(database, Message), await count(database, ErasureRow)) == (1, 1)
    async with database.reading() as session:
        row = await session.scalar(select(Conversation))
    assert row is not None
    assert (row.erase_wanted, row.lease_holder, row.known) == (None, None, {})


async def test_a_turn_that_goes_on_is_not_disturbed(database: Database) -> None:
    await talk(database, "a")
    async with database.transaction() as session:
        await session.execute(update(Delivery).values(status="sent"))
        await session.execute(update(Conversation).values(lease_holder="x", lease_until=FRIDAY + timedelta(seconds=9)))
    bot = Bot()
    desk = ErasureDesk(database, bot, b"k")
    await desk.after_this_turn("web", "a", now=FRIDAY)
    assert (await desk.as_wanted(now=FRIDAY), bot.forgot) == (0, [])
    assert await desk.as_wanted(now=FRIDAY + timedelta(seconds=10)) == 1
