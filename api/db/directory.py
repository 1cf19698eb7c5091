"""Queries of the directory for those who edit it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from api.db.tables.desk import MemberRow, OrganisationPlace, OrganisationRow
from api.db.tables.directory import CommitteeRow


def _whole() -> tuple[ORMOption, ...]:
    return (
        selectinload(OrganisationRow.served).selectinload(OrganisationPlace.place),
        selectinload(OrganisationRow.members).selectinload(MemberRow.absences),
        selectinload(OrganisationRow.members).selectinload(MemberRow.shifts),
    )


async def organisation(session: AsyncSession, id: int) -> OrganisationRow | None:
    query = select(OrganisationRow).where(OrganisationRow.id == id).options(*_whole())
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def organisations_of(session: AsyncSession, kinds: Iterable[str]) -> Sequence[OrganisationRow]:
    query = select(OrganisationRow).where(OrganisationRow.kind.in_(list(kinds)), OrganisationRow.active.is_(True))
    return (await session.scalars(query.options(*_whole()).order_by(OrganisationRow.id))).all()


async def page(
    session: AsyncSession, *, kind: str = "", place: int | None = None, after: int = 0, limit: int = 100
) -> Sequence[OrganisationRow]:
    """In order of id, closed ones too."""
    query = select(OrganisationRow).where(OrganisationRow.id > after)
    if kind:
        query = query.where(OrganisationRow.kind == kind)
    if place is not None:
        serving = select(OrganisationPlace.organisation_id).where(OrganisationPlace.place_id == place)
        query = query.where(OrganisationRow.id.in_(serving))
    options = selectinload(OrganisationRow.served).selectinload(OrganisationPlace.place)
    return (await session.scalars(query.options(options).order_by(OrganisationRow.id).limit(limit))).all()


async def everything(session: AsyncSession) -> Sequence[OrganisationRow]:
    query = select(OrganisationRow).options(*_whole()).order_by(OrganisationRow.id)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def named(session: AsyncSession, names: Iterable[str]) -> Sequence[OrganisationRow]:
    query = select(OrganisationRow).where(OrganisationRow.name.in_(list(names)))
    return (await session.scalars(query)).all()


async def parents(session: AsyncSession) -> dict[int, int | None]:
    rows = await session.execute(select(OrganisationRow.id, OrganisationRow.parent_id))
    return {row.id: row.parent_id for row in rows}


async def clear_served(session: AsyncSession, organisation_id: int) -> None:
    await session.execute(delete(OrganisationPlace).where(OrganisationPlace.organisation_id == organisation_id))


async def member(session: AsyncSession, id: int) -> MemberRow | None:
    options = (selectinload(MemberRow.absences), selectinload(MemberRow.shifts), selectinload(MemberRow.organisation))
    query = select(MemberRow).where(MemberRow.id == id).options(*options)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def username_taken(session: AsyncSession, username: str) -> bool:
    return await session.scalar(select(MemberRow.id).where(MemberRow.username == username)) is not None


async def registers(session: AsyncSession) -> dict[int, CommitteeRow]:
    return {row.organisation_id: row for row in await session.scalars(select(CommitteeRow))}
