"""The subsidy ledger: proposed by month and town, guarded, called back by another office, released by people."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import subsidies as store
from api.db.tables.desk import TicketRow
from api.db.tables.oversight import SubsidyBatch, SubsidyRow
from api.domain.access import Viewer, ViewerKind
from api.domain.deadline import LOCAL
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.domain.organisation import Place
from api.domain.subsidy import Concentration, Expected, Extra, File, Hold, Spike, SubsidyRules, drawn, holds, worth
from api.domain.tier import Tier
from api.domain.work import supervises
from knowledge_base.desk.subsidy import load_subsidy

MISSING = "没有这笔补贴，或者您无权查看"
MANY = 10
WAITING, HELD, APPROVED, REJECTED, PAID = "proposed", "held", "approved", "rejected", "paid"


@cache
def subsidy_rules() -> SubsidyRules:
    raw = load_subsidy()
    guards = raw["guards"]
    return SubsidyRules(
        grades={code: (one["zh"], one["yuan"]) for code, one in raw["grades"].items()},
        shares=raw["shares"],
        outcomes=raw["outcomes"],
        extras=tuple(Extra(**one) for one in raw["extras"]),
        most_yuan=raw["most_yuan"],
        village=Concentration(**guards["village"]),
        mediator=Concentration(**guards["mediator"]),
        spike=Spike(**guards["spike"]),
        per_day=guards["per_day"],
        phone_files=guards["phone_files"],
        call_percent=raw["call_back"]["percent"],
        call_least=raw["call_back"]["least"],
        words=raw["words"],
    )


def month(period: str) -> tuple[datetime, datetime]:
    """[first moment, first moment of the next month) of a local YYYY-MM. Raises InvalidInput."""
    try:
        first = datetime.strptime(period, "%Y-%m").replace(tzinfo=LOCAL)
    except ValueError as error:
        raise InvalidInput("月份要写成 2026-10 这样", code="bad_period") from error
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following


def may_manage(viewer: Viewer, town: str) -> bool:
    """The judicial office, the town and the county decide about money; who answers telephones does not."""
    if viewer.kind is ViewerKind.TOOL or (viewer.everything and viewer.role != "operator"):
        return True
    return supervises(viewer, Place(town=town), Tier.JUDICIAL_OFFICE)


async def propose(session: AsyncSession, *, town: str, period: str, by: Viewer, at: datetime) -> SubsidyBatch:
    """Grades every closed file of a town and month, holds what looks wrong, draws who is called. Once per month."""
    if not may_manage(by, town):
        raise Forbidden("补贴由司法所、镇和县里核定")
    since, until = month(period)
    if until > at:
        raise InvalidInput("这个月还没有过完", code="bad_period")
    if await store.batch(session, town, period):
        raise Conflict(f"{town}{period}已经核定过", code="already_proposed")
    rules = subsidy_rules()
    rows = await store.closed(session, town, since, until, rules.shares)
    known = await store.paid_for(session, [row.id for row in rows])
    rows = [row for row in rows if row.id not in known]
    if not rows:
        raise InvalidInput(f"{town}{period}没有可以补贴的案件", code="nothing_to_pay")
    earlier = await store.closed(session, town, _months_before(since, _window()), since, rules.shares)
    files = await _files(session, rows)
    before = await _files(session, earlier)
    found = holds(list(files.values()), list(before.values()), await _expected(session, town, files, before), rules)
    seed = secrets.token_hex(8)
    called = set(drawn([row.no for row in rows], rules.call_percent, rules.call_least, seed))
    batch = SubsidyBatch(county=rows[0].county, town=town, period=period, seed=seed, made_at=at, made_by=by.actor)
    batch.files = [_line(row, files[row.id], found.get(row.no, []), row.no in called) for row in rows]
    try:
        async with session.begin_nested():
            session.add(batch)
            await session.flush()
    except IntegrityError as error:
        raise Conflict(f"{town}{period}刚刚有人核定过", code="already_proposed") from error
    return batch


def _window() -> int:
    return int(load_subsidy()["guards"]["duplicate_months"])


def _months_before(first: datetime, months: int) -> datetime:
    whole = first.year * 12 + first.month - 1 - months
    return first.replace(year=whole // 12, month=whole % 12 + 1)


def _line(row: TicketRow, file: File, found: list[Hold], called: bool) -> SubsidyRow:
    value = worth(file, subsidy_rules())
    return SubsidyRow(
        ticket_id=row.id,
        mediator_id=row.mediator_id,
        organisation_id=row.organisation_id,
        grade=value.grade,
        yuan=value.yuan,
        reasons=list(value.reasons),
        status=HELD if found else WAITING,
        holds=[asdict(one) for one in found],
        call="pending" if called else None,
    )


async def _files(session: AsyncSession, rows: Sequence[TicketRow]) -> dict[int, File]:
    papers: dict[int, set[str]] = {}
    for ticket, digest in await store.papers_of(session, [row.id for row in rows]):
        papers.setdefault(ticket, set()).add(digest)
    return {row.id: _file(row, frozenset(papers.get(row.id, ()))) for row in rows}


def _file(row: TicketRow, papers: frozenset[str]) -> File:
    """Names, telephones and texts only as digests, only in memory."""
    assert row.ended_at is not None
    names = sorted("".join(party.name.split()) for party in row.parties if party.name)
    people = row.facts.get("people_involved") or 0
    extras = {
        "paper": bool(papers),
        "many_people": isinstance(people, int) and people >= MANY,
        "warned": row.warning_level in ("larger", "major"),
    }
    return File(
        no=row.no,
        village=row.village,
        mediator=str(row.mediator_id or ""),
        complexity=row.complexity,
        outcome=row.outcome,
        closed_on=row.ended_at.astimezone(LOCAL).date(),
        category=row.category,
        parties=_digest(*names) if len(names) > 1 else "",
        text=_digest("".join(row.text.split())),
        phones=frozenset(_digest(party.phone) for party in row.parties if party.phone),
        papers=papers,
        extras=frozenset(code for code, there in extras.items() if there),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


async def _expected(
    session: AsyncSession, town: str, files: Mapping[int, File], before: Mapping[int, File]
) -> Expected:
    """By population where it is known of every village, else each village alike; averages of the months before."""
    known = await store.villages(session, town)
    people = sum(population or 0 for _, population in known)
    counted = people and all(population for _, population in known)
    parts = {name: (population or 0) / people if counted else 1 / len(known) for name, population in known}
    months = subsidy_rules().spike.months
    since = _months_before(datetime.combine(_first(files), datetime.min.time(), LOCAL), months).date()
    recent = [file for file in before.values() if file.closed_on >= since]
    mediators = {file.mediator for file in (*files.values(), *recent) if file.mediator}
    return Expected(
        parts,
        len(mediators),
        _averages((file.village for file in recent), months),
        _averages((file.mediator for file in recent), months),
    )


def _first(files: Mapping[int, File]) -> date:
    return min(file.closed_on for file in files.values()).replace(day=1)


def _averages(names: Iterable[str], months: int) -> dict[str, float]:
    return {name: count / months for name, count in Counter(names).items()}


async def call_back(session: AsyncSession, id: int, result: str, *, note: str, by: Viewer, at: datetime) -> SubsidyRow:
    """What the party said when called. A failed one holds all that this mediator still has to get in the batch."""
    row = await _managed(session, id, by)
    if result not in load_subsidy()["calls"] or result == "pending":
        raise InvalidInput("回访结果只能是：属实、不属实、联系不上", code="unknown_result")
    if row.call is None:
        raise Conflict("这一件没有抽到回访", code="not_drawn")
    words = subsidy_rules().words
    if by.organisation and by.organisation == str(row.organisation_id):
        raise Forbidden(words["own_office"])
    row.call, row.called_at, row.called_by, row.note = result, at, by.actor, note.strip()
    if result == "failed":
        for one in await store.of_batch(session, row.batch_id):
            if one.mediator_id == row.mediator_id and one.status in (WAITING, APPROVED, HELD):
                one.holds = [*one.holds, {"code": "call_back", "text": words["call_back"]}]
                one.status = HELD
    await session.flush()
    return row


async def decide(session: AsyncSession, id: int, *, release: bool, note: str, by: Viewer) -> SubsidyRow:
    """A person looked at a held file: pay it after all, or not; always with a written reason."""
    row = await _managed(session, id, by)
    if row.status != HELD:
        raise Conflict("这一件不在核查中", code="not_held")
    if not note.strip():
        raise InvalidInput("要写明核查情况和理由", code="note_required")
    if by.organisation and by.organisation == str(row.organisation_id):
        raise Forbidden("核查要由别的单位来做")
    row.status, row.note, row.decided_by = (APPROVED if release else REJECTED), note.strip(), by.actor
    await session.flush()
    return row


async def pay(session: AsyncSession, town: str, period: str, *, on: date, by: Viewer) -> int:
    """Marks what is not held as paid; how many. Raises Conflict while a drawn call-back is open."""
    if not may_manage(by, town):
        raise Forbidden("补贴由司法所、镇和县里核定")
    batch = await store.batch(session, town, period)
    if batch is None:
        raise NotFound("这个月还没有核定补贴")
    rows = await store.of_batch(session, batch.id)
    due = [row for row in rows if row.status in (WAITING, APPROVED)]
    waiting = sum(row.call == "pending" for row in rows if row.status not in (PAID, REJECTED))
    if waiting:
        raise Conflict(subsidy_rules().words["call_pending"].format(count=waiting), code="call_pending")
    for row in due:
        row.status, row.paid_on, row.decided_by = PAID, on, by.actor
    await session.flush()
    return len(due)


async def _managed(session: AsyncSession, id: int, by: Viewer) -> SubsidyRow:
    row = await store.find(session, id, visible_to=by)
    if row is None:
        raise NotFound(MISSING)
    if not may_manage(by, row.batch.town):
        raise Forbidden("补贴由司法所、镇和县里核定")
    return row
