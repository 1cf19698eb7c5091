"""Staff accounts: passwords, and what an account may look at."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations
from api.db import places as places_store
from api.db.tables.desk import MemberRow
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from api.domain.tier import Tier

HASHER = PasswordHasher()
NOBODY = HASHER.hash("no such account")
WRONG = "账号或密码不对。"
MIN_PASSWORD = 8
SEES_EVERYTHING = frozenset({"admin", "county_supervisor", "operator"})
SUPERVISES = {
    "village_director": Tier.VILLAGE,
    "judicial_officer": Tier.JUDICIAL_OFFICE,
    "town_mediator": Tier.TOWN,
    "town_leader": Tier.TOWN,
}


def hashed(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(f"密码至少 {MIN_PASSWORD} 位", code="weak_password")
    return HASHER.hash(password)


async def login(session: AsyncSession, *, username: str, password: str) -> Viewer:
    """Raises Unauthenticated, with one sentence and in the same time whether account or password is wrong."""
    found = await organisations.account(session, username)
    stored = found.password_hash if found and found.password_hash else NOBODY
    right = await asyncio.to_thread(_matches, stored, password)
    if found is None or not right:
        raise Unauthenticated(WRONG)
    return await viewer_from(session, found)


async def viewer_of(session: AsyncSession, username: str) -> Viewer:
    """The viewer behind a login token; an account closed in the meantime is no longer one."""
    found = await organisations.account(session, username)
    if found is None:
        raise Unauthenticated("账号已停用，请联系管理员。")
    return await viewer_from(session, found)


async def add(
    session: AsyncSession, *, organisation: str, name: str, role: str, username: str, password: str
) -> MemberRow:
    """A new member of staff who can log in. Raises NotFound (organisation), Conflict (username taken)."""
    row = await organisations.find_organisation(session, organisation)
    if row is None:
        raise NotFound(f"没有这个单位：{organisation}")
    if await organisations.account(session, username):
        raise Conflict(f"账号已存在：{username}", code="username_taken")
    secret = await asyncio.to_thread(hashed, password)
    member = MemberRow(organisation_id=row.id, name=name, role=role, username=username, password_hash=secret)
    session.add(member)
    await session.flush()
    await organisations.mark_changed(session, row.id)
    return member


async def viewer_from(session: AsyncSession, member: MemberRow) -> Viewer:
    tier = SUPERVISES.get(member.role)
    places = [organisations.place_of(one.place) for one in member.organisation.served]
    served = [one.place_id for one in member.organisation.served[:1]] if tier else []
    former = await places_store.predecessors(session, served) if served else []
    return Viewer(
        ViewerKind.STAFF,
        member.name,
        member=str(member.id),
        role=member.role,
        organisation=str(member.organisation_id),
        scope=places[0] if tier and places else None,
        scope_tier=tier,
        former=tuple(map(organisations.place_of, former)),
        everything=member.role in SEES_EVERYTHING,
    )


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except VerificationError:
        return False
