"""Records beside tickets: made, corrected, moved, listed, added up. Nothing here commits."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import work as store
from api.db.tables.work import WorkRow
from api.db.work import Sum, WorkFilter
from api.domain.access import Viewer, ViewerKind
from api.domain.deadline import LOCAL
from api.domain.errors import Conflict, Forbidden, NotFound
from api.domain.events import Event, Scalar, Trail, chain_verifies
from api.domain.organisation import Place
from api.domain.tier import Tier
from api.domain.work import WorkRecord, may_move, may_write
from api.domain.work_checks import Value
from api.services.work_links import day_of, keeping, known_place, known_tickets, owing, parent_of
from api.services.work_rules import KindRules, rules_of, work_rules

MISSING = "没有这份记录，或者您无权查看"
LEFT_OUT = frozenset({"cancelled", "dropped", "missed", "withdrawn"})


@dataclass(frozen=True)
class WorkDraft:
    """What is asked for: `organisation` keeps it ("" = the viewer's own), `owner` is whom it is up to."""

    place: Place
    fields: Mapping[str, Any]
    organisation: str = ""
    owner: str = ""
    parent: str = ""
    tickets: tuple[str, ...] = field(default=())

    def fingerprint(self, kind: str) -> str:
        content = [kind, self.place.parts, dict(self.fields), self.organisation, self.owner, self.parent, self.tickets]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


async def make(
    session: AsyncSession, kind: str, draft: WorkDraft, *, by: Viewer, at: datetime, key: str | None = None
) -> WorkRow:
    """The same key again returns the same record; with other content it raises Conflict."""
    rules = rules_of(kind)
    if key and (known := await _repeated(session, rules, draft, by, key)):
        return known
    values = rules.read(draft.fields)
    rules.kind.check(rules.kind.first, values, at.astimezone(LOCAL).date())
    row = await _draft_row(session, rules, draft, values, by=by, at=at, key=key)
    if not may_write(by, record_of(row)):
        raise Forbidden(f"您没有权限在这里登记{rules.kind.zh}")
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        if key and (known := await _repeated(session, rules, draft, by, key)):
            return known
        raise
    changes: dict[str, Scalar | Trail] = {"status": row.status, **told(rules, values)}
    await _remember(session, rules, row, "make", values, changes, by=by, at=at, note="")
    return await get(session, kind, row.no, visible_to=by)


async def _repeated(session: AsyncSession, rules: KindRules, draft: WorkDraft, by: Viewer, key: str) -> WorkRow | None:
    known = await store.by_key(session, by.actor, key)
    if known is None:
        return None
    if known.fingerprint != draft.fingerprint(rules.kind.code):
        raise Conflict("同一个幂等键已经用于另一份内容", code="key_reused")
    return await get(session, known.kind, known.no, visible_to=by)


async def _draft_row(
    session: AsyncSession,
    rules: KindRules,
    draft: WorkDraft,
    values: Mapping[str, Value],
    *,
    by: Viewer,
    at: datetime,
    key: str | None,
) -> WorkRow:
    kind, today = rules.kind, at.astimezone(LOCAL).date()
    place = await known_place(session, draft.place, kind.level)
    keeper = await keeping(session, draft.organisation or by.organisation, place)
    owner = await owing(session, rules, draft.owner)
    parent = await parent_of(session, rules, draft.parent, by)
    if parent:
        kind.checks.check_parent(values, kind.labels, parent.day)
    facts, words = rules.split(values)
    return WorkRow(
        no=await store.next_number(session, today),
        kind=kind.code,
        scope=by.actor,
        key=key,
        fingerprint=draft.fingerprint(kind.code),
        status=kind.first,
        county=place.county,
        town=place.town,
        village=place.village,
        group_name=place.group,
        tier=keeper.tier,
        tier_rank=Tier(keeper.tier).rank,
        organisation_id=keeper.id,
        owner_id=owner.id if owner else None,
        parent_id=parent.id if parent else None,
        day=day_of(facts, kind.day) or today,
        due_on=day_of(facts, kind.due),
        facts=facts,
        words=json.dumps(words, ensure_ascii=False),
        tickets=await known_tickets(session, draft.tickets, by),
        made_at=at,
        version=0,
        head="",
    )


def told(rules: KindRules, values: Mapping[str, Value]) -> dict[str, Scalar | Trail]:
    """What the history may show of the values; words stand encrypted in the note, so that old text is never lost."""
    return {name: str(value) for name, value in values.items() if name not in rules.word_ids}


async def get(session: AsyncSession, kind: str, no: str, *, visible_to: Viewer, lock: bool = False) -> WorkRow:
    row = await store.find(session, rules_of(kind).kind, no, visible_to=visible_to, lock=lock)
    if row is None:
        raise NotFound(MISSING)
    return row


async def correct(
    session: AsyncSession,
    kind: str,
    no: str,
    fields: Mapping[str, Any],
    *,
    version: int | None,
    note: str,
    by: Viewer,
    at: datetime,
) -> WorkRow:
    """New values for some fields; the old ones stay in the history. Raises Conflict (stale_version)."""
    rules = rules_of(kind)
    row = await get(session, kind, no, visible_to=by, lock=True)
    if not may_write(by, record_of(row)):
        raise Forbidden(f"您没有权限修改这份{rules.kind.zh}")
    values = rules.read(fields, whole=False)
    await _change(session, rules, row, "correct", values, {}, version=version, by=by, at=at, note=note)
    return await get(session, kind, no, visible_to=by)


async def move(
    session: AsyncSession,
    kind: str,
    no: str,
    step: str,
    fields: Mapping[str, Any],
    *,
    version: int | None,
    note: str,
    by: Viewer,
    at: datetime,
) -> WorkRow:
    """One step; fields given along are filled in first."""
    rules = rules_of(kind)
    row = await get(session, kind, no, visible_to=by, lock=True)
    values = rules.read(fields, whole=False)
    if rules.kind.no_persons:
        rules.persons.check([note])
    made = rules.kind.moved(row.status, step, {**filled(row), **values}, note)
    if not may_move(by, record_of(row), made):
        raise Forbidden(f"您没有权限{made.zh}")
    await _change(session, rules, row, step, values, {"status": made.to}, version=version, by=by, at=at, note=note)
    return await get(session, kind, no, visible_to=by)


def filled(row: WorkRow) -> dict[str, Value]:
    words: dict[str, Value] = json.loads(row.words)
    return {**row.facts, **words}


async def _change(
    session: AsyncSession,
    rules: KindRules,
    row: WorkRow,
    step: str,
    values: Mapping[str, Value],
    columns: dict[str, str],
    *,
    version: int | None,
    by: Viewer,
    at: datetime,
    note: str,
) -> None:
    if version is not None and version != row.version:
        raise Conflict("这份记录已经被别人改过，请刷新后再改", code="stale_version")
    status = columns.get("status", row.status)
    rules.kind.check(status, {**row.facts, **values}, at.astimezone(LOCAL).date())
    facts, words = rules.split({**filled(row), **values})
    row.facts, row.words = facts, json.dumps(words, ensure_ascii=False)
    row.day = day_of(facts, rules.kind.day) or row.day
    row.due_on = day_of(facts, rules.kind.due)
    row.status = status
    changes: dict[str, Scalar | Trail] = {**columns, **told(rules, values)}
    await _remember(session, rules, row, step, values, changes, by=by, at=at, note=note)


async def _remember(
    session: AsyncSession,
    rules: KindRules,
    row: WorkRow,
    step: str,
    values: Mapping[str, Value],
    changes: dict[str, Scalar | Trail],
    *,
    by: Viewer,
    at: datetime,
    note: str,
) -> None:
    words = rules.split(values)[1]
    content = json.dumps({"note": note.strip(), "words": words}, ensure_ascii=False, sort_keys=True)
    event = Event.after(row.no, row.version, row.head, step, at, by.actor, content, changes)
    store.add_event(session, row, event, actor_name=by.name)
    await store.save(session, row, row.version, {"version": row.version + 1, "head": event.hash})
    await session.flush()


def record_of(row: WorkRow) -> WorkRecord:
    return WorkRecord(
        no=row.no,
        kind=work_rules()[row.kind].kind,
        status=row.status,
        place=Place(row.county, row.town, row.village, row.group_name),
        tier=Tier(row.tier),
        organisation=str(row.organisation_id),
        owner=str(row.owner_id or ""),
        due=row.due_on,
        version=row.version,
        head=row.head,
    )


async def listed(
    session: AsyncSession, kind: str, wanted: WorkFilter, *, visible_to: Viewer, limit: int = 50
) -> Sequence[WorkRow]:
    return await store.page(session, rules_of(kind).kind, wanted, visible_to=visible_to, limit=limit)


async def late(session: AsyncSession, on: date, *, visible_to: Viewer, limit: int = 100) -> list[WorkRow]:
    """What is overdue, of every kind, most overdue first."""
    found: list[WorkRow] = []
    if visible_to.kind is ViewerKind.APPLICANT:
        return found
    for rules in work_rules().values():
        if rules.kind.due:
            found += await store.page(session, rules.kind, WorkFilter(late_on=on), visible_to=visible_to, limit=limit)
    return sorted(found, key=lambda row: (row.due_on or on, row.id))[:limit]


async def counted(session: AsyncSession, kind: str, wanted: WorkFilter, *, visible_to: Viewer) -> list[Sum]:
    """By village: how many records and the sums of their counted fields; what was called off does not count."""
    rules = rules_of(kind).kind
    return await store.sums(session, rules, wanted, set(rules.statuses) - LEFT_OUT, visible_to=visible_to)


async def is_genuine(session: AsyncSession, kind: str, no: str, *, visible_to: Viewer) -> bool:
    """True while no event of its history was altered, left out or put in."""
    row = await get(session, kind, no, visible_to=visible_to)
    return chain_verifies([store.event_of(row.no, event) for event in row.events], row.head)
