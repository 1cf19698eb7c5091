"""All queries of conversations, messages and deliveries."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.session import insert_into
from api.db.tables.conversations import Conversation, Delivery, Message
from api.domain.conversation import InboundMessage, MessageStatus, Owner, Reply


async def find(session: AsyncSession, channel: str, sender: str, *, lock: bool = False) -> Conversation | None:
    query = select(Conversation).where(Conversation.channel == channel, Conversation.sender == sender)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def find_or_start(session: AsyncSession, message: InboundMessage) -> Conversation:
    """The conversation of this sender, made when it is their first word; two first words at once make one.

    Its row is locked: the messages of one conversation are stored, and numbered, one after the other.
    """
    found = await find(session, message.channel, message.sender, lock=True)
    if found is None:
        values = {
            "channel": message.channel,
            "sender": message.sender,
            "owner": Owner.BOT,
            "crisis": [],
            "created_at": message.at,
            "last_at": message.at,
        }
        await session.execute(insert_into(session, Conversation).values(values).on_conflict_do_nothing())
        found = await find(session, message.channel, message.sender, lock=True)
    assert found is not None
    found.last_at = message.at
    if message.reply_address and found.reply_address != message.reply_address:
        found.reply_address = message.reply_address
    return found


async def by_external_id(session: AsyncSession, channel: str, external_id: str) -> Message | None:
    query = select(Message).where(Message.channel == channel, Message.external_id == external_id)
    return (await session.scalars(query)).one_or_none()


async def replies_to(session: AsyncSession, message_id: int) -> Sequence[Message]:
    return (await session.scalars(select(Message).where(Message.reply_to == message_id).order_by(Message.id))).all()


async def history(session: AsyncSession, conversation_id: int, *, limit: int | None) -> Sequence[Message]:
    """The latest `limit` messages (None: all), oldest first."""
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(limit)
    return list(reversed((await session.scalars(query)).all()))


async def since(session: AsyncSession, conversation_id: int, message_id: int, *, limit: int) -> Sequence[Message]:
    """Messages after that one, oldest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > message_id)
        .order_by(Message.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def pending(session: AsyncSession, conversation_id: int) -> Sequence[Message]:
    """Messages still waiting for their turn, in the order they came."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.status == MessageStatus.PENDING)
        .order_by(Message.id)
    )
    return (await session.scalars(query)).all()


async def claim(session: AsyncSession, conversation_id: int, *, holder: str, now: datetime, lease: timedelta) -> bool:
    """Take the turn of this conversation, unless somebody alive holds it."""
    free = or_(Conversation.lease_until.is_(None), Conversation.lease_until < now, Conversation.lease_holder == holder)
    query = (
        update(Conversation)
        .where(Conversation.id == conversation_id, free)
        .values(lease_holder=holder, lease_until=now + lease)
        .execution_options(synchronize_session=False)
    )
    return bool((await session.execute(query)).rowcount)  # type: ignore[attr-defined]


async def release(session: AsyncSession, conversation_id: int, *, holder: str) -> None:
    query = (
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.lease_holder == holder)
        .values(lease_holder=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(query)


async def close_turn(session: AsyncSession, message: Message, status: MessageStatus) -> bool:
    """Set the outcome of a pending message; False when it is not pending any more."""
    query = (
        update(Message)
        .where(Message.id == message.id, Message.status == MessageStatus.PENDING)
        .values(status=status)
        .execution_options(synchronize_session="evaluate")
    )
    return bool((await session.execute(query)).rowcount)  # type: ignore[attr-defined]


def add_reply(
    session: AsyncSession,
    conversation: Conversation,
    reply: Reply,
    *,
    role: str,
    at: datetime,
    to: Message | None = None,
) -> Message:
    message = Message(
        conversation_id=conversation.id,
        channel=conversation.channel,
        role=role,
        text=reply.text,
        status=MessageStatus.ANSWERED,
        buttons=[dict(button) for button in reply.buttons],
        links=[dict(link) for link in reply.links],
        reply_to=to.id if to else None,
        extra={},
        at=at,
    )
    session.add(message)
    return message


async def last_said(session: AsyncSession, conversation_id: int, text: str, *, since: datetime) -> Message | None:
    """The last time the bot said just this in a conversation, if it did since then."""
    said = select(Message).where(
        Message.conversation_id == conversation_id, Message.role == "bot", Message.text == text, Message.at >= since
    )
    return (await session.scalars(said.order_by(Message.id.desc()).limit(1))).one_or_none()


async def locked(session: AsyncSession, conversation_id: int) -> Conversation:
    """Read anew, and nobody else changes it until the transaction ends."""
    return await session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)


async def count_lines(
    session: AsyncSession, conversation_id: int, *, role: str, since: datetime, before: int | None = None
) -> int:
    """Lines of this role since then; `before` leaves out that message and those after it."""
    query = select(func.count()).where(
        Message.conversation_id == conversation_id, Message.role == role, Message.at >= since
    )
    return await session.scalar(query if before is None else query.where(Message.id < before)) or 0


async def last_crisis(session: AsyncSession, conversation_id: int) -> Message | None:
    """The villager's last line that was answered as a crisis."""
    lines = select(Message).where(
        Message.conversation_id == conversation_id, Message.role == "user", Message.crisis.is_not(None)
    )
    return (await session.scalars(lines.order_by(Message.id.desc()).limit(1))).one_or_none()


async def last_heard(session: AsyncSession, conversation_id: int, *, before: int) -> int | None:
    """The id of the villager's line before message `before`."""
    lines = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.role == "user", Message.id < before
    )
    return (await session.scalars(lines.order_by(Message.id.desc()).limit(1))).one_or_none()


def heard(back: int) -> ScalarSelect[str]:
    """What the villager of a conversation wrote last (0), or before that (1); a pressed button tells nothing."""
    lines = select(Message.text).where(
        Message.conversation_id == Conversation.id, Message.role == "user", Message.text.not_like("/%")
    )
    return lines.order_by(Message.id.desc()).offset(back).limit(1).scalar_subquery()


async def waiting_for_human(session: AsyncSession, *, limit: int) -> list[tuple[Conversation, list[str]]]:
    """The operators' queue: handed over or in need of attention, danger first, then longest waiting.

    Each with the last two things said, because the very last one is often just the wish for a human. Compared with the
    empty string, because SQLite has no use for an index when it only hears "is not null".
    """
    query = (
        select(Conversation, heard(1), heard(0))
        .where(or_(Conversation.owner == Owner.HUMAN, Conversation.attention > ""))
        .order_by(case((Conversation.attention == "crisis", 0), else_=1), Conversation.handoff_at, Conversation.id)
        .limit(limit)
    )
    return [(row[0], [text for text in row[1:] if text]) for row in (await session.execute(query)).all()]


async def ahead_of(session: AsyncSession, conversation: Conversation) -> int:
    """How many wait for a human longer than this conversation does; who is being answered waits no more."""
    if conversation.handoff_at is None:
        return 0
    earlier = or_(
        Conversation.handoff_at < conversation.handoff_at,
        and_(Conversation.handoff_at == conversation.handoff_at, Conversation.id < conversation.id),
    )
    query = select(func.count()).where(Conversation.owner == Owner.HUMAN, Conversation.operator.is_(None), earlier)
    return (await session.execute(query)).scalar_one()


async def count_waiting(session: AsyncSession) -> int:
    """How many conversations wait for an operator."""
    query = select(func.count()).where(Conversation.owner == Owner.HUMAN, Conversation.operator.is_(None))
    return (await session.execute(query)).scalar_one()


async def ready_answer(
    session: AsyncSession, conversation_id: int, *, told_only: bool = False
) -> list[tuple[Delivery, Message]]:
    """What this person has not seen yet and may pull; locked, so that asking twice at once gives it once.

    `told_only`: lines that answer no message of theirs, as those of an operator.
    """
    query = (
        select(Delivery, Message)
        .join(Message, Delivery.message_id == Message.id)
        .where(Delivery.conversation_id == conversation_id, Delivery.status == "pull")
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    )
    if told_only:
        query = query.where(Message.reply_to.is_(None))
    return [(delivery, message) for delivery, message in await session.execute(query)]


async def anything_told(session: AsyncSession, channel: str, sender: str, *, key: str) -> bool:
    """Whether such a line waits for this person, or was handed out to the message `key`."""
    query = (
        select(Delivery.id)
        .join(Conversation, Delivery.conversation_id == Conversation.id)
        .join(Message, Delivery.message_id == Message.id)
        .where(Conversation.channel == channel, Conversation.sender == sender)
        .where(or_(Delivery.taken_by == key, and_(Delivery.status == "pull", Message.reply_to.is_(None))))
        .limit(1)
    )
    return (await session.scalars(query)).first() is not None


async def taken_by(session: AsyncSession, conversation_id: int, key: str) -> list[Message]:
    """What was handed out to this message before."""
    query = (
        select(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.conversation_id == conversation_id, Delivery.taken_by == key)
        .order_by(Delivery.id)
    )
    return list((await session.scalars(query)).all())


async def add_delivery(session: AsyncSession, message: Message, *, status: str, due_at: datetime) -> None:
    """Nothing happens when this message has its delivery already."""
    values = {
        "message_id": message.id,
        "conversation_id": message.conversation_id,
        "channel": message.channel,
        "status": status,
        "due_at": due_at,
    }
    await session.execute(insert_into(session, Delivery).values(values).on_conflict_do_nothing())


async def due_deliveries(session: AsyncSession, *, channel: str, now: datetime, limit: int) -> Sequence[Delivery]:
    """Rows for one worker: PostgreSQL skips what another worker holds, SQLite has one writer anyway."""
    query = (
        select(Delivery)
        .where(Delivery.status == "waiting", Delivery.due_at <= now, Delivery.channel == channel)
        .order_by(Delivery.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()
