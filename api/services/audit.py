"""Is every history whole? Replays each ticket, and holds every record and file against its event."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import audit as store
from api.db import tickets as ticket_store
from api.db.audit import Audited
from api.db.records import content_of
from api.db.session import Database
from api.db.tables.desk import EventRow
from api.db.tables.records import RecordRow, RecordVersionRow
from api.domain.errors import InvalidInput
from api.domain.history import replay
from api.domain.lifecycle import RECORDED
from api.domain.records import salted_digest

AT_ONCE = 200


@dataclass
class AuditReport:
    """`broken`: (number, what is wrong)."""

    checked: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)


async def verify(database: Database, progress: Callable[[str, int, int], None] | None = None) -> AuditReport:
    """Reads page by page, so that memory does not grow with the desk."""
    report, last = AuditReport(), 0
    async with database.reading() as session:
        total = await store.count(session)
    while True:
        async with database.reading() as session:
            found = await store.numbers(session, after=last, limit=AT_ONCE)
            if not found:
                return report
            report.broken += await _page(session, found)
        report.checked += len(found)
        last = found[-1][0]
        if progress:
            progress("核对办理记录", report.checked, max(total, report.checked))


async def _page(session: AsyncSession, found: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """What cannot be decrypted spoils only its own ticket, not the page."""
    try:
        return _judged(await store.page(session, [id for id, _ in found]))
    except InvalidToken:
        if len(found) == 1:
            return [(found[0][1], "内容解不开，被改过或密钥不对")]
    session.expire_all()
    return [one for pair in found for one in await _page(session, [pair])]


def _judged(page: Sequence[Audited]) -> list[tuple[str, str]]:
    return [(one.ticket.no, why) for one in page if (why := "；".join(problems(one)))]


def problems(one: Audited) -> Iterator[str]:
    """Everything that does not fit together, in Chinese; nothing when the history is whole."""
    events = [ticket_store.event_of(one.ticket.no, event) for event in one.ticket.events]
    try:
        if replay(events) != ticket_store.to_domain(one.ticket):
            yield "工单现状和办理记录对不上"
    except (InvalidInput, KeyError, TypeError, ValueError):
        yield "办理记录不完整或被改动过"
    yield from _wrong_records(one)
    notes = "\n".join(event.note for event in one.ticket.events)
    if any(digest not in notes for digest in one.evidence):
        yield "有一份证据没有登记过"


def _wrong_records(one: Audited) -> Iterator[str]:
    events = {event.seq: event for event in one.ticket.events if event.move == RECORDED}
    seen = {version.event_seq for record in one.records for version in record.versions}
    for record in one.records:
        if [version.revision for version in record.versions] != list(range(1, record.revision + 1)):
            yield f"第 {record.no} 条记录少了版本"
        for version in record.versions:
            event = events.get(version.event_seq)
            if event is None or not _tells(event, record, version):
                yield f"第 {record.no} 条记录的第 {version.revision} 版被改动过"
        last = record.versions[-1] if record.versions else None
        if last is None or (last.content, last.state) != (record.content, record.state):
            yield f"第 {record.no} 条记录的现状和它的版本对不上"
    if set(events) - seen:
        yield "有记录被删掉了"


def _tells(event: EventRow, record: RecordRow, version: RecordVersionRow) -> bool:
    """Whether the event speaks of exactly this version."""
    told = {name.removeprefix("record."): value for name, value in event.changes.items()}
    return told == {
        "no": str(record.no),
        "kind": record.kind,
        "step": version.step,
        "state": version.state,
        "revision": str(version.revision),
        "digest": salted_digest(version.salt, content_of(version)),
    }
