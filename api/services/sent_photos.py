"""Photos of a channel that only names them: noted at once, fetched in the background, put on the open ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import filetype
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations as store
from api.db import photos
from api.db.session import Database
from api.db.tables.conversations import Conversation, Message
from api.db.tables.desk import TicketRow
from api.db.tables.photos import SentPhoto
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.calendar import LOCAL
from api.domain.conversation import InboundMessage, Reply
from api.domain.errors import DomainError, Unavailable
from api.services import conversations, evidence, tickets
from api.services.antivirus import scan
from api.services.evidence_files import EvidenceStore
from knowledge_base.operators import load_operator_rules

BATCH = 5
CLAIMED_FOR = timedelta(minutes=10)
SHOWN = "[照片]"


class Pictures(Protocol):
    """Fetches a picture by what the channel named it with."""

    async def fetch(self, media_id: str, url: str) -> bytes:
        """Raises Unavailable when another try may help, InvalidInput when it is too large or gone for good."""


async def open_ticket_of(session: AsyncSession, channel: str, sender: str) -> TicketRow | None:
    """The ticket a photo out of this chat belongs to."""
    mine = QueueFilter(channel=channel, sender=sender, open_only=True)
    visitor = Viewer.applicant(channel, sender)
    return next(iter(await tickets.list_queue(session, mine, visible_to=visitor, limit=1)), None)


async def received(session: AsyncSession, message: InboundMessage, *, push: bool, at: datetime) -> tuple[Reply, ...]:
    """Notes the photo and says what becomes of it; the same message again gets the same answer.

    `extra` of the message holds `media_id` and `picture_url`. Without an open ticket nothing is fetched.
    """
    talk = await store.find_or_start(session, message)
    if known := await store.by_external_id(session, message.channel, message.external_id):
        return (await conversations.result_of(session, known)).replies
    ticket = await open_ticket_of(session, message.channel, message.sender)
    row = store.add_reply(session, talk, Reply(SHOWN), role="user", at=message.at)
    row.external_id, row.owner_after = message.external_id, talk.owner
    await session.flush()
    say = load_operator_rules().say
    if ticket is None:
        answer = Reply(say["photo_without_ticket"])
    else:
        answer = Reply(say["photo_coming" if push else "photo_coming_ask"].format(no=ticket.no))
        session.add(
            SentPhoto(
                message_id=row.id,
                conversation_id=talk.id,
                ticket_no=ticket.no,
                media_id=str(message.extra.get("media_id") or ""),
                url=str(message.extra.get("picture_url") or ""),
                due_at=at,
            )
        )
    store.add_reply(session, talk, answer, role="bot", at=at, to=row)
    return (answer,)


@dataclass(frozen=True)
class PhotoDesk:
    """What the worker fetches with, and where it puts it. `rules` are those of evidence files."""

    database: Database
    pictures: Pictures
    files: EvidenceStore
    rules: Mapping[str, Any]
    antivirus_command: str = ""

    async def fetch_due(self, *, now: datetime) -> int:
        """One batch. Rows are claimed in a transaction of their own, so none is open while the channel is waited for.

        A claim outlasts the slowest batch; when this worker dies, another one takes the rows after that.
        """
        async with self.database.transaction() as session:
            due = await photos.due(session, now=now, limit=BATCH)
            for one in due:
                one.attempts += 1
                one.due_at = now + CLAIMED_FOR
        for one in due:
            await self._fetch(one.id, now=now)
        return len(due)

    async def _fetch(self, photo_id: int, *, now: datetime) -> None:
        async with self.database.reading() as session:
            photo = await session.get(SentPhoto, photo_id)
        if photo is None:  # erased meanwhile
            return
        say, most = load_operator_rules().say, self.rules["fetching"]["most_tries"]
        try:
            if photo.attempts > most:  # every try so far has ended with its worker
                raise Unavailable(say["photo_lost"])
            content = await self.pictures.fetch(photo.media_id, photo.url)
            await scan(self.antivirus_command, content)
            await self._keep(photo_id, content, now=now)
        except Unavailable:
            if photo.attempts < most:
                await self._try_again(photo_id, now=now)
            else:
                await self._give_up(photo_id, say["photo_lost"].format(no=photo.ticket_no), now=now)
        except DomainError as error:
            text = say["photo_refused"].format(no=photo.ticket_no, why=error.detail)
            await self._give_up(photo_id, text, now=now)

    async def _keep(self, photo_id: int, content: bytes, *, now: datetime) -> None:
        """As evidence, in the name of who sent it; the row goes and the receipt comes with the same commit."""
        async with self.database.transaction() as session:
            photo = await session.get(SentPhoto, photo_id)
            if photo is None:
                return
            talk = await session.get_one(Conversation, photo.conversation_id)
            sent = await session.get_one(Message, photo.message_id)
            await evidence.add(
                session,
                self.files,
                self.rules,
                photo.ticket_no,
                name=self._name(content, sent.at),
                content=content,
                by=Viewer.applicant(talk.channel, talk.sender),
                at=now,
            )
            text = load_operator_rules().say["photo_kept"].format(no=photo.ticket_no)
            await _done(session, photo, talk, text, now=now)

    def _name(self, content: bytes, at: datetime) -> str:
        name: str = self.rules["wording"]["photo"].format(at=at.astimezone(LOCAL).strftime("%m%d-%H%M"))
        extension = filetype.guess_extension(content)
        return f"{name}.{extension}" if extension else name

    async def _try_again(self, photo_id: int, *, now: datetime) -> None:
        async with self.database.transaction() as session:
            if photo := await session.get(SentPhoto, photo_id):
                wait = timedelta(seconds=self.rules["fetching"]["first_wait_seconds"])
                photo.due_at = now + wait * 2 ** (photo.attempts - 1)

    async def _give_up(self, photo_id: int, text: str, *, now: datetime) -> None:
        """Told once: the row that could bring it up again is gone."""
        async with self.database.transaction() as session:
            if photo := await session.get(SentPhoto, photo_id):
                await _done(session, photo, await session.get_one(Conversation, photo.conversation_id), text, now=now)


async def _done(session: AsyncSession, photo: SentPhoto, talk: Conversation, text: str, *, now: datetime) -> None:
    await session.delete(photo)
    await conversations.tell(session, talk, Reply(text), role="bot", at=now)
