"""All queries of the tree of places and its history."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.db.tables.desk import OrganisationPlace, PlaceRow
from api.db.tables.directory import PlaceChange
from api.domain.organisation import Place

COLUMNS = (PlaceRow.county, PlaceRow.town, PlaceRow.village, PlaceRow.group_name)
MAX_STEPS = 50


async def tree(session: AsyncSession, within: Place, *, former: bool = False) -> Sequence[PlaceRow]:
    """In the order of a tree, the place itself first; `former` ones too when asked for."""
    query = select(PlaceRow).where(*_inside(within)).order_by(*COLUMNS, PlaceRow.id)
    return (await session.scalars(query if former else query.where(PlaceRow.active.is_(True)))).all()


async def at(session: AsyncSession, place: Place) -> PlaceRow | None:
    """The row of exactly this name, whether it is still in use or not."""
    exactly = [column == part for column, part in zip(COLUMNS, place.parts, strict=True)]
    return (await session.scalars(select(PlaceRow).where(*exactly))).one_or_none()


async def in_use(session: AsyncSession, place: Place) -> PlaceRow | None:
    """The row of exactly this place; its county may be left out."""
    exactly = [column == part for column, part in list(zip(COLUMNS, place.parts, strict=True))[1:]]
    county = [PlaceRow.county == place.county] if place.county else []
    query = select(PlaceRow).where(PlaceRow.active.is_(True), *county, *exactly).order_by(PlaceRow.id)
    return (await session.scalars(query.limit(1))).first()


async def of_code(session: AsyncSession, code: str) -> Place | None:
    """The place in use with this division code."""
    query = select(PlaceRow).where(PlaceRow.active.is_(True), PlaceRow.division_code == code).order_by(PlaceRow.id)
    row = (await session.scalars(query.limit(1))).first()
    return Place(row.county, row.town, row.village, row.group_name) if row else None


async def get(session: AsyncSession, id: int) -> PlaceRow | None:
    return await session.get(PlaceRow, id)


async def history(session: AsyncSession, ids: Iterable[int]) -> Sequence[PlaceChange]:
    """Changes from or to these places, oldest first."""
    wanted = list(ids)
    query = (
        select(PlaceChange)
        .where(PlaceChange.from_id.in_(wanted) | PlaceChange.to_id.in_(wanted))
        .options(selectinload(PlaceChange.source), selectinload(PlaceChange.target))
        .order_by(PlaceChange.on, PlaceChange.id)
    )
    return (await session.scalars(query)).all()


async def successor(session: AsyncSession, row: PlaceRow, on: date) -> PlaceRow | None:
    """What this place had become by that day; None when it had ended."""
    last = 0
    for _ in range(MAX_STEPS):
        query = (
            select(PlaceChange)
            .where(PlaceChange.from_id == row.id, PlaceChange.on <= on, PlaceChange.id > last)
            .options(selectinload(PlaceChange.target))
            .order_by(PlaceChange.id)
            .limit(1)
        )
        step = (await session.scalars(query)).one_or_none()
        if step is None:
            return row
        if step.target is None:
            return None
        row, last = step.target, step.id
    return row


async def predecessors(session: AsyncSession, ids: Iterable[int]) -> list[PlaceRow]:
    """All places that these have been before, under other names."""
    known: dict[int, PlaceRow] = {}
    newest = list(ids)
    for _ in range(MAX_STEPS):
        query = select(PlaceRow).join(PlaceChange, PlaceChange.from_id == PlaceRow.id)
        rows = (await session.scalars(query.where(PlaceChange.to_id.in_(newest)))).unique().all()
        newest = [row.id for row in rows if row.id not in known]
        known |= {row.id: row for row in rows}
        if not newest:
            break
    return list(known.values())


async def hand_over(session: AsyncSession, old: PlaceRow, new: PlaceRow) -> set[int]:
    """Whoever served the old place serves the new one; the ids of these organisations."""
    serving = select(OrganisationPlace.organisation_id)
    mine = set((await session.scalars(serving.where(OrganisationPlace.place_id == old.id))).all())
    already = set((await session.scalars(serving.where(OrganisationPlace.place_id == new.id))).all())
    await session.execute(delete(OrganisationPlace).where(OrganisationPlace.place_id == old.id))
    session.add_all(OrganisationPlace(organisation_id=id, place_id=new.id) for id in sorted(mine - already))
    return mine


def _inside(place: Place) -> list[ColumnElement[bool]]:
    return [column == part for column, part in zip(COLUMNS, place.parts, strict=True) if part]
