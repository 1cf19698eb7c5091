"""The tree of places and its history. A name never changes its meaning: what is renamed, merged or moved becomes a new
place, and the old one stays with its name for the tickets that carry it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations, places
from api.db.organisations import place_of
from api.db.tables.desk import PlaceRow
from api.db.tables.directory import PlaceChange
from api.domain.deadline import LOCAL
from api.domain.errors import Conflict, InvalidInput, NotFound
from api.domain.organisation import Place
from api.domain.place import LEVELS, named, replaced

MAX_NAME = 40


@dataclass(frozen=True)
class PlaceFacts:
    """None leaves a value as it is."""

    division_code: str | None = None
    population: int | None = None
    households: int | None = None


@dataclass(frozen=True)
class Change:
    """Who changes the map, from which day on, and why."""

    on: date
    at: datetime
    by: str
    note: str = ""


async def get(session: AsyncSession, id: int) -> PlaceRow:
    row = await places.get(session, id)
    if row is None:
        raise NotFound("没有这个地方")
    return row


async def add(session: AsyncSession, place: Place, facts: PlaceFacts) -> PlaceRow:
    """Raises InvalidInput when the level above is missing, Conflict when it is there already."""
    check_path(place)
    known = await places.at(session, place)
    if known and known.active:
        raise Conflict(f"已经有这个地方：{place}", code="place_exists")
    above = next(iter(list(place.widening())[1:]), Place())
    if above.county and not _in_use(await places.at(session, above)):
        raise InvalidInput(f"上一级还没有建立：{above}", code="unknown_place")
    row = known or _row(place)
    row.active, row.merged_into = True, None
    set_facts(row, facts)
    session.add(row)
    await organisations.next_version(session)
    await session.flush()
    return row


async def update(session: AsyncSession, id: int, facts: PlaceFacts, *, revision: int) -> PlaceRow:
    """Raises Conflict when somebody else edited it since `revision`."""
    await organisations.next_version(session)
    row = await get(session, id)
    if row.revision != revision:
        raise Conflict("别人刚刚改过，请刷新后再改", code="changed_meanwhile")
    set_facts(row, facts)
    row.revision += 1
    await session.flush()
    return row


async def rename(session: AsyncSession, id: int, name: str, change: Change) -> PlaceRow:
    """A new name for the place and, in their paths, for everything inside it."""
    row = await _changeable(session, id, change)
    place = place_of(row)
    level = place.level
    new = replaced(place, level, _checked(name))
    if new == place:
        raise InvalidInput("新名称和原来一样")
    await _free(session, [new])
    inside = await places.tree(session, place)
    steps = {one.id: replaced(place_of(one), level, name) for one in inside}
    await _become(session, inside, steps, change, "rename")
    return await _there(session, new)


async def move(session: AsyncSession, id: int, to: int, change: Change, *, name: str = "") -> PlaceRow:
    """A group into another village, or a village with its groups into another town; `name` when it gets a new one."""
    row = await _changeable(session, id, change)
    target = await get(session, to)
    place, above = place_of(row), place_of(target)
    level = place.level
    if level == 0 or not target.active or above.level != level - 1:
        raise InvalidInput("只能移到同一类的上一级里（组移到村，村移到镇）", code="wrong_level")
    wanted = replaced(above, level, _checked(name) if name else place.parts[level])
    await _free(session, [wanted])
    inside = await places.tree(session, place)
    steps = {one.id: Place(*wanted.parts[: level + 1], *place_of(one).parts[level + 1 :]) for one in inside}
    old_village = await places.at(session, replaced(place, level, ""))
    for village, sign in ((old_village, -1), (target, 1)):
        if level == len(LEVELS) - 1 and village:
            _shift(village, row, sign)
    await _become(session, inside, steps, change, "move")
    return await _there(session, wanted)


async def merge(
    session: AsyncSession, ids: Sequence[int], name: str, change: Change, *, groups: Mapping[int, str] | None = None
) -> PlaceRow:
    """Villages of one town (or towns of one county) become one; `groups` renames what would be there twice, by id."""
    rows = [await _changeable(session, id, change) for id in dict.fromkeys(ids)]
    sources = [place_of(row) for row in rows]
    level = sources[0].level
    new = replaced(sources[0], level, _checked(name))
    if len(rows) < 2 or level == 0 or any(replaced(one, level, "") != replaced(new, level, "") for one in sources):
        raise InvalidInput("合并要选同一上级里的两个以上地方", code="wrong_level")
    if new not in sources:
        await _free(session, [new])
    inside = [one for source in sources for one in await places.tree(session, source)]
    steps = _merged(inside, level, name, groups or {})
    totals = _totals(rows)
    await _become(session, inside, steps, change, "merge")
    merged = await _there(session, new)
    set_facts(merged, totals)
    await session.flush()
    return merged


async def resolve(session: AsyncSession, place: Place, on: date) -> PlaceRow | None:
    """What a place of this name had become by that day. Raises NotFound for a name that never was."""
    row = await places.at(session, place)
    if row is None:
        raise NotFound(f"没有这个地方：{place}")
    return await places.successor(session, row, on)


def check_path(place: Place) -> None:
    for part in place.parts:
        if part:
            _checked(part)
    if not place.county or any(
        after and not before for before, after in zip(place.parts, place.parts[1:], strict=False)
    ):
        raise InvalidInput("地方要从县写起，中间不能空一级", code="unknown_place")


def set_facts(row: PlaceRow, facts: PlaceFacts) -> None:
    for field in ("division_code", "population", "households"):
        value = getattr(facts, field)
        if value is not None:
            setattr(row, field, value)


def _merged(inside: Iterable[PlaceRow], level: int, name: str, groups: Mapping[int, str]) -> dict[int, Place]:
    """Raises Conflict for two of one name inside, naming them."""
    steps: dict[int, Place] = {}
    taken: dict[Place, str] = {}
    twice: list[str] = []
    for row in inside:
        old = place_of(row)
        new = replaced(old, level, name)
        if row.id in groups:
            new = replaced(new, old.level, _checked(groups[row.id]))
        if old.level > level and new in taken:
            twice.append(f"{old}与{taken[new]}")
        taken[new] = str(old)
        steps[row.id] = new
    if twice:
        raise Conflict(f"合并后重名，请先给新名称：{'；'.join(twice)}", code="place_exists")
    return steps


async def _become(
    session: AsyncSession, rows: Sequence[PlaceRow], steps: Mapping[int, Place], change: Change, kind: str
) -> None:
    await organisations.next_version(session)
    changed: set[int] = set()
    for row in rows:
        new = steps[row.id]
        if new == place_of(row):
            continue
        target = await places.at(session, new) or _row(new)
        if not target.active or target.id is None:
            target.active, target.merged_into = True, None
            set_facts(target, PlaceFacts(row.division_code, row.population, row.households))
        session.add(target)
        await session.flush()
        row.active, row.merged_into = False, target.id
        row.revision += 1
        session.add(
            PlaceChange(
                kind=kind,
                from_id=row.id,
                to_id=target.id,
                on=change.on,
                at=change.at,
                actor=change.by,
                note=change.note,
            )
        )
        changed |= await places.hand_over(session, row, target)
        await session.flush()
    for id in sorted(changed):
        await organisations.mark_changed(session, id)


async def _changeable(session: AsyncSession, id: int, change: Change) -> PlaceRow:
    if change.on > change.at.astimezone(LOCAL).date():
        raise InvalidInput("生效日期不能晚于今天", code="future_date")
    await organisations.next_version(session)
    row = await get(session, id)
    if not row.active:
        raise Conflict(f"{place_of(row)}已经不再使用", code="place_ended")
    return row


async def _free(session: AsyncSession, wanted: Iterable[Place]) -> None:
    for place in wanted:
        if _in_use(await places.at(session, place)):
            raise Conflict(f"已经有这个地方：{place}", code="place_exists")


async def _there(session: AsyncSession, place: Place) -> PlaceRow:
    row = await places.at(session, place)
    assert row is not None
    return row


def _row(place: Place) -> PlaceRow:
    county, town, village, group = place.parts
    return PlaceRow(county=county, town=town, village=village, group_name=group, active=True)


def _in_use(row: PlaceRow | None) -> bool:
    return row is not None and row.active


def _checked(name: str) -> str:
    found = named(name)
    if not found or len(found) > MAX_NAME:
        raise InvalidInput(f"名称要有 1 到 {MAX_NAME} 个字", code="bad_name")
    return found


def _totals(rows: Iterable[PlaceRow]) -> PlaceFacts:
    """Sums of what is known; unknown stays unknown."""
    known = [(row.population, row.households) for row in rows]
    people = [one for one, _ in known if one is not None]
    homes = [one for _, one in known if one is not None]
    return PlaceFacts(None, sum(people) if people else None, sum(homes) if homes else None)


def _shift(village: PlaceRow, group: PlaceRow, sign: int) -> None:
    for field in ("population", "households"):
        total, part = getattr(village, field), getattr(group, field)
        if total is not None and part is not None:
            setattr(village, field, max(0, total + sign * part))
