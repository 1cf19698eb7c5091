"""Organisations and their members as administrators edit them. Nothing here commits."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import directory as store
from api.db import organisations
from api.db.tables.desk import AbsenceRow, MemberRow, OrganisationPlace, OrganisationRow, PlaceRow
from api.db.tables.directory import CommitteeRow, DutyShift
from api.domain.committee import Gap, Register, Seat, gaps
from api.domain.errors import Conflict, InvalidInput, NotFound
from api.domain.organisation import Span
from api.services.accounts import hashed
from api.services.directory_rules import DirectoryRules
from knowledge_base.fields import FactError, Field, check_all

Values = Mapping[str, Any]
PLAIN_ORGANISATION = ("name", "kind", "tier", "subjects", "phone", "address", "office_hours", "active")
PLAIN_MEMBER = (
    "name",
    "role",
    "seat",
    "woman",
    "username",
    "phone",
    "takes_cases",
    "specialties",
    "languages",
    "relations",
    "household",
    "duty_days",
    "load_limit",
    "active",
)
REGISTER = ("seats", "elected_on", "term_ends_on", "elected_by", "multi_ethnic", "minority_member", "checklist")
PHONE = Field("phone", "电话", "", "phone")
CHANGED = "别人刚刚改过，请刷新后再改"


async def organisation(session: AsyncSession, id: int) -> OrganisationRow:
    row = await store.organisation(session, id)
    if row is None:
        raise NotFound("没有这个组织")
    return row


async def save_organisation(
    session: AsyncSession, rules: DirectoryRules, values: Values, *, id: int | None = None, revision: int = 0
) -> OrganisationRow:
    """New without `id`. `values`: plain columns, `serves` (ids of places), `parent` (id or None).

    Raises InvalidInput for unknown codes, places or a parent that is below it; Conflict for a name that is taken or an
    edit that somebody else overtook.
    """
    check_codes(rules, values, {"kind": "kinds", "tier": "tiers", "subjects": "subjects"})
    await organisations.next_version(session)
    row = OrganisationRow(subjects=[], version=0) if id is None else await organisation(session, id)
    if id is not None and row.revision != revision:
        raise Conflict(CHANGED, code="changed_meanwhile")
    if (name := values.get("name")) and name != row.name and await store.named(session, [name]):
        raise Conflict(f"已经有同名的组织：{name}", code="name_taken")
    for field in PLAIN_ORGANISATION:
        if field in values:
            setattr(row, field, values[field])
    if "parent" in values:
        row.parent_id = await _parent(session, row, values["parent"])
    session.add(row)
    if id is not None:
        row.revision += 1
    await session.flush()
    if "serves" in values:
        await _serve(session, row, values["serves"])
    await organisations.mark_changed(session, row.id)
    return await organisation(session, row.id)


async def save_member(
    session: AsyncSession,
    rules: DirectoryRules,
    values: Values,
    *,
    organisation_id: int | None = None,
    id: int | None = None,
    revision: int = 0,
) -> MemberRow:
    """New in `organisation_id`, or an edit of `id`. `absences` and `shifts` replace those there are, as spans."""
    names = {"role": "roles", "specialties": "categories", "seat": "seats"}
    check_codes(rules, values, names)
    check_phone(values.get("phone"))
    await organisations.next_version(session)
    row = (
        await _member(session, id, revision)
        if id is not None
        else _new_member(await organisation(session, organisation_id or 0))
    )
    username = values.get("username")
    if username and username != row.username and await store.username_taken(session, username):
        raise Conflict(f"账号已存在：{username}", code="username_taken")
    for field in PLAIN_MEMBER:
        if field in values:
            setattr(row, field, values[field])
    if password := values.get("password"):
        row.password_hash = await asyncio.to_thread(hashed, password)
    if "absences" in values:
        row.absences = [AbsenceRow(since=span.since, until=span.until) for span in checked(values["absences"])]
    if "shifts" in values:
        row.shifts = [DutyShift(since=span.since, until=span.until) for span in checked(values["shifts"])]
    session.add(row)
    if id is not None:
        row.revision += 1
    await session.flush()
    await organisations.mark_changed(session, row.organisation_id)
    return row


def check_phone(phone: str | None) -> None:
    """Raises InvalidInput for what nobody can be called on."""
    try:
        check_all([PHONE], {"phone": phone})
    except FactError as error:
        raise InvalidInput(error.detail, code=error.code, more={"field": error.field}) from error


async def save_register(
    session: AsyncSession, rules: DirectoryRules, id: int, values: Values, *, revision: int
) -> CommitteeRow:
    """The register of a committee; `revision` 0 when there is none yet."""
    await organisations.next_version(session)
    row = await organisation(session, id)
    if not rules.committee.covers(row.kind, row.tier):
        raise InvalidInput("只有人民调解委员会有登记簿", code="no_committee")
    if unknown := [code for code in values.get("checklist", ()) if code not in rules.committee.checklist]:
        raise InvalidInput(f"清单里没有这一项：{'、'.join(unknown)}")
    register = await session.get(CommitteeRow, id)
    if (register.revision if register else 0) != revision:
        raise Conflict(CHANGED, code="changed_meanwhile")
    register = register or CommitteeRow(organisation_id=id, seats=0, checklist=[])
    register.revision = revision + 1
    for field in REGISTER:
        if field in values:
            setattr(register, field, values[field])
    session.add(register)
    await session.flush()
    return register


async def gaps_of(session: AsyncSession, rules: DirectoryRules, row: OrganisationRow, on: date) -> list[Gap]:
    """What the committee still lacks; nothing for organisations that are none."""
    if not rules.committee.covers(row.kind, row.tier):
        return []
    return committee_gaps(rules, row, await session.get(CommitteeRow, row.id), on)


def committee_gaps(rules: DirectoryRules, row: OrganisationRow, register: CommitteeRow | None, on: date) -> list[Gap]:
    seats = [Seat(one.seat, one.woman) for one in row.members if one.active and one.seat]
    return gaps(_register(register), seats, rules.committee, on)


async def committees(
    session: AsyncSession, rules: DirectoryRules, on: date
) -> list[tuple[OrganisationRow, CommitteeRow | None, list[Gap]]]:
    """Every committee in use with its register and its gaps."""
    rows = await store.organisations_of(session, sorted(rules.committee.kinds))
    registers = await store.registers(session)
    return [
        (row, registers.get(row.id), committee_gaps(rules, row, registers.get(row.id), on))
        for row in rows
        if rules.committee.covers(row.kind, row.tier)
    ]


def check_codes(rules: DirectoryRules, values: Values, fields: Mapping[str, str]) -> None:
    for field, name in fields.items():
        given = values.get(field)
        wanted = [given] if isinstance(given, str) else given or []
        if unknown := [one for one in wanted if one and one not in rules.codes(name)]:
            raise InvalidInput(f"“{field}”里有不认识的值：{'、'.join(map(str, unknown))}", code="unknown_code")


def checked(spans: Iterable[Span]) -> Sequence[Span]:
    found = list(spans)
    if any(span.until <= span.since for span in found):
        raise InvalidInput("结束时间要晚于开始时间")
    return found


def _register(row: CommitteeRow | None) -> Register | None:
    if row is None:
        return None
    return Register(
        row.seats, row.elected_on, row.term_ends_on, row.multi_ethnic, row.minority_member, frozenset(row.checklist)
    )


async def _parent(session: AsyncSession, row: OrganisationRow, parent: int | None) -> int | None:
    """Raises InvalidInput when it is not there, or stands below this organisation."""
    parents = await store.parents(session)
    if parent is None:
        return None
    if parent not in parents:
        raise InvalidInput("没有这个上级组织", code="unknown_organisation")
    if row.id is not None and below(parent, row.id, parents):
        raise InvalidInput("上级组织不能是自己或自己的下级", code="parent_cycle")
    return parent


def below(start: int, top: int, parents: Mapping[int, int | None]) -> bool:
    """Whether walking up from `start` meets `top`; bounded by the number of organisations."""
    at: int | None = start
    for _ in range(len(parents) + 1):
        if at is None:
            return False
        if at == top:
            return True
        at = parents.get(at)
    return True


async def _serve(session: AsyncSession, row: OrganisationRow, places: Sequence[int]) -> None:
    known = {one for one in places if await session.get(PlaceRow, one)}
    if not places or known != set(places):
        raise InvalidInput("服务地点至少一个，并且要先建立", code="unknown_place")
    await store.clear_served(session, row.id)
    session.add_all(OrganisationPlace(organisation_id=row.id, place_id=id) for id in sorted(known))
    await session.flush()


async def _member(session: AsyncSession, id: int, revision: int) -> MemberRow:
    row = await store.member(session, id)
    if row is None:
        raise NotFound("没有这个成员")
    if row.revision != revision:
        raise Conflict(CHANGED, code="changed_meanwhile")
    return row


def _new_member(of: OrganisationRow) -> MemberRow:
    return MemberRow(
        organisation_id=of.id, specialties=[], languages=[], relations=[], duty_days=[], absences=[], shifts=[]
    )
