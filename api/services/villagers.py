"""What applicants and the other party may do with a ticket from any channel. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations, villagers
from api.db import tickets as store
from api.db.tables.conversations import Message
from api.db.tables.desk import PartyRow, TicketRow
from api.db.tables.villagers import ClaimRow, RatingRow
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.domain.lifecycle import Move, Status
from api.services import conversations as talks
from api.services import tickets
from api.services.check_codes import RESPONDENT, CheckCodes
from api.services.routing import RoutingDesk
from api.services.tickets import MoveRequest

TRIES_OF_PERSON, TRIES_OF_NUMBER = 5, 20
WINDOW = timedelta(hours=24)
TALKING = frozenset({"web", "wechat", "hotline"})
ENDED = frozenset({Status.AGREED, Status.FAILED, Status.CLOSED, Status.WITHDRAWN, Status.DECLINED})


@dataclass(frozen=True, slots=True)
class Person:
    """A villager by the conversation they speak in."""

    channel: str
    sender: str

    @classmethod
    def of(cls, viewer: Viewer) -> "Person":
        """Raises Forbidden for staff: they have ways of their own."""
        if viewer.kind is not ViewerKind.APPLICANT:
            raise Forbidden("这一项由当事人自己在会话里办。")
        return cls(viewer.channel, viewer.sender)


async def claim(
    session: AsyncSession, codes: CheckCodes, no: str, code: str, *, by: Person, at: datetime
) -> tuple[TicketRow, str] | None:
    """The ticket and whose side; None when number and code do not belong together. The try is kept either way.

    Raises Forbidden after too many wrong tries. The other party never gets into a protective ticket.
    """
    of_number, of_person = await villagers.failed_claims(
        session, no=no, channel=by.channel, sender=by.sender, since=at - WINDOW
    )
    if of_person >= TRIES_OF_PERSON or of_number >= TRIES_OF_NUMBER:
        raise Forbidden("核对不上的次数太多了，请明天再试，或者说“转人工”。", code="too_many_tries")
    row = await store.find(session, no, visible_to=Viewer.tool())
    side = codes.side(no, code)
    if row is None or (row.protective and side == RESPONDENT):
        side = ""
    session.add(
        ClaimRow(
            no=no, ticket_id=row.id if row and side else None, channel=by.channel, sender=by.sender, side=side, at=at
        )
    )
    await session.flush()
    return (row, side) if row and side else None


async def statement(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    text: str,
    *,
    refuses: bool,
    by: Person,
    at: datetime,
    key: str | None,
) -> TicketRow:
    """The other party's word, kept on the ticket; their refusal ends the mediation (人民调解法#第十七条)."""
    row = await store.find(session, no, visible_to=Viewer.tool())
    side = await villagers.claimed_side(session, row.id, channel=by.channel, sender=by.sender) if row else ""
    if row is None or side != RESPONDENT:
        raise NotFound(tickets.MISSING)
    move = Move.REFUSE if refuses and not row.protective else Move.ADD_NOTE  # 保护性工单不因对方一句话停下
    request = MoveRequest(note=f"对方说：{text}", key=key)
    return await tickets.move(session, desk, no, move, request, by=Viewer.tool("对方"), at=at)


async def leave_contact(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    *,
    phone: str,
    name: str,
    note: str,
    by: Viewer,
    at: datetime,
    key: str | None,
) -> TicketRow:
    """The applicant's telephone where none was left; one that stands there is corrected by a record of the desk.

    `note` goes into the history either way. Raises Forbidden for staff, NotFound for other people's tickets.
    """
    Person.of(by)
    row = await tickets.move(session, desk, no, Move.ADD_NOTE, MoveRequest(note=note, key=key), by=by, at=at)
    party = next((one for one in row.parties if one.role == "applicant"), None)
    if party is None:
        row.parties.append(PartyRow(role="applicant", kind="person", name=name or None, phone=phone))
    elif not party.phone:
        party.phone, party.name = phone, party.name or name or None
    await session.flush()
    return row


async def another_mediator(
    session: AsyncSession, desk: RoutingDesk, no: str, reason: str, *, by: Viewer, at: datetime, key: str | None
) -> tuple[TicketRow, bool]:
    """The next mediator of the organisation, who is not the one refused; one tier up when there is nobody else.

    The reason is kept. Raises InvalidInput when nobody has been named yet. 人民调解法#第十九条、第二十三条。
    """
    row = await tickets.get(session, no, visible_to=by)
    if key and any(event.key == f"{key}:note" for event in row.events):
        return row, row.status == Status.SUBMITTED
    if row.mediator is None:
        raise InvalidInput("这张单还没有定调解员。定下来以后您随时可以要求换。", code="no_mediator")
    refused = [*(row.facts.get("refused") or []), row.mediator.name]
    row.facts = row.facts | {"refused": list(dict.fromkeys(refused))}
    await session.flush()
    note = MoveRequest(note=f"申请人要求换调解员：{reason}", key=f"{key}:note" if key else None)
    row = await tickets.move(session, desk, no, Move.ADD_NOTE, note, by=by, at=at)
    helper = Viewer.tool("小枫")
    before = row.mediator_id
    chosen = await tickets.next_mediator(session, desk, row, at)
    if chosen and chosen != str(before):
        request = MoveRequest(note=reason, mediator=chosen)
        return await tickets.move(session, desk, no, Move.ASSIGN, request, by=helper, at=at), True
    raised = MoveRequest(note=f"本单位没有别的人可换：{reason}")
    return await tickets.move(session, desk, no, Move.ESCALATE, raised, by=helper, at=at), False


async def rate(session: AsyncSession, no: str, score: str, comment: str, *, by: Viewer, at: datetime) -> RatingRow:
    """Only when the matter has come to an end in some way; the last rating counts."""
    row = await tickets.get(session, no, visible_to=by)
    if Status(row.status) not in ENDED:
        raise Conflict("这件事还在办，办完再评价；有意见现在可以说“转人工”。", code="not_ended")
    person = Person.of(by)
    rating = await villagers.rating_of(session, row.id, channel=person.channel, sender=person.sender)
    if rating is None:
        rating = RatingRow(ticket_id=row.id, channel=person.channel, sender=person.sender)
        session.add(rating)
    rating.score, rating.comment, rating.at = score, comment, at
    await session.flush()
    return rating


async def write(session: AsyncSession, no: str, text: str, *, by: Viewer, at: datetime) -> Message:
    """A line of the desk in the conversation the ticket came from; what is answered goes on the ticket."""
    row = await tickets.get(session, no, visible_to=by)
    if row.channel not in TALKING:
        raise InvalidInput("这张单不是从会话里登记的，请打电话联系当事人。", code="no_conversation")
    message = await talks.reply(session, channel=row.channel, sender=row.sender, text=text, at=at)
    conversation = await conversations.find(session, row.channel, row.sender)
    assert conversation is not None
    conversation.desk_ticket = no
    return message
