"""Places, organisations and members from a file: good rows are taken, bad ones are named, a second time changes
nothing."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import directory as store
from api.db import organisations, places
from api.db.organisations import place_of
from api.db.tables.desk import MemberRow, OrganisationPlace, OrganisationRow, PlaceRow
from api.domain.errors import InvalidInput
from api.domain.organisation import Place
from api.services.directory import below
from api.services.directory_rules import DirectoryRules
from api.services.directory_tables import Parsed, Row, RowError, limits, read, title
from api.services.place_tree import check_path
from api.services.sheets import read_tables

Progress = Callable[[str, int, int], None]
PLACE_FACTS = ("division_code", "population", "households")
FLUSH_EVERY = 2000


@dataclass
class ImportReport:
    """Numbers by table (`places`, `organisations`, `members`)."""

    dry_run: bool
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return self.created.total() + self.updated.total()

    @property
    def text(self) -> str:
        head = "试导入（没有保存）：" if self.dry_run else ""
        if not self.changes and not self.errors:
            return f"{head}没有变化，{self.unchanged.total()} 行和现在一样"
        numbers = f"新增 {self.created.total()} 行，更新 {self.updated.total()} 行，不变 {self.unchanged.total()} 行"
        return f"{head}{numbers}，有问题 {len({(one.sheet, one.row) for one in self.errors})} 行"


def silent(_stage: str, _done: int, _total: int) -> None:
    """For callers without a progress bar."""


async def import_directory(
    session: AsyncSession, rules: DirectoryRules, content: bytes, *, dry_run: bool, progress: Progress = silent
) -> ImportReport:
    """Raises InvalidInput for a file that cannot be read at all; everything else is an error of its row."""
    parsed = read(rules, read_tables(content, limits(rules)))
    report = ImportReport(dry_run, errors=parsed.errors)
    async with session.begin_nested() as point:
        await organisations.next_version(session)
        await _Importer(session, rules, report, progress).run(parsed)
        if dry_run:
            await session.flush()
            await point.rollback()
    report.errors.sort(key=lambda one: (one.sheet, one.row))
    return report


class _Importer:
    """Holds the whole directory by name while one file is taken in."""

    def __init__(self, session: AsyncSession, rules: DirectoryRules, report: ImportReport, progress: Progress) -> None:
        self._session = session
        self._rules = rules
        self._report = report
        self._progress = progress
        self._places: dict[Place, PlaceRow] = {}
        self._organisations: dict[str, OrganisationRow] = {}
        self._members: dict[tuple[int, str], MemberRow] = {}
        self._usernames: dict[str, MemberRow] = {}
        self._changed: set[int] = set()

    async def run(self, parsed: Parsed) -> None:
        self._places = {place_of(row): row for row in await places.tree(self._session, Place(), former=True)}
        await self._take_places(parsed.rows["places"])
        for row in await store.everything(self._session):
            self._organisations[row.name] = row
            self._members |= {(row.id, one.name): one for one in row.members}
        self._usernames = {one.username: one for one in self._members.values() if one.username}
        await self._take_organisations(parsed.rows["organisations"])
        await self._take_members(parsed.rows["members"])
        await organisations.mark_many(self._session, self._changed)

    async def _take_places(self, rows: list[Row]) -> None:
        """Widest first, whatever their order in the file."""
        seen: dict[Place, int] = {}
        paths = [(Place(*(row.values.get(part) or "" for part in PARTS)), row) for row in rows]
        for done, (place, row) in enumerate(sorted(paths, key=lambda pair: pair[0].level), 1):
            if place in seen:
                self._bad("places", row, "", f"和第{seen[place]}行重复")
                continue
            seen[place] = row.number
            self._take_place(place, row)
            self._progress(title(self._rules, "places"), done, len(paths))
        await self._session.flush()

    def _take_place(self, place: Place, row: Row) -> None:
        above = next(iter(list(place.widening())[1:]), Place())
        try:
            check_path(place)
        except InvalidInput as error:
            return self._bad("places", row, "", error.detail)
        if above.county and not self._in_use(above):
            return self._bad("places", row, "", f"上一级还没有建立：{above}")
        known = self._places.get(place)
        if known and not known.active:
            return self._bad("places", row, "", "这个地方已经改名或合并，不再使用")
        facts = {key: row.values[key] for key in PLACE_FACTS if row.values.get(key) is not None}
        if known is None:
            county, town, village, group = place.parts
            known = PlaceRow(county=county, town=town, village=village, group_name=group, active=True, **facts)
            self._session.add(known)
            self._places[place] = known
            self._report.created["places"] += 1
            return None
        self._count("places", _apply(known, facts))
        return None

    def _in_use(self, place: Place) -> bool:
        row = self._places.get(place)
        return row is not None and row.active

    async def _take_organisations(self, rows: list[Row]) -> None:
        taken: list[tuple[Row, OrganisationRow, bool, bool]] = []
        seen: dict[str, int] = {}
        for done, row in enumerate(rows, 1):
            name = row.values["name"]
            if name in seen:
                self._bad("organisations", row, "名称", f"和第{seen[name]}行重复")
                continue
            seen[name] = row.number
            if found := self._take_organisation(row):
                taken.append((row, *found))
            self._progress(title(self._rules, "organisations"), done, len(rows))
        await self._session.flush()
        parents = await store.parents(self._session)
        for row, organisation, new, changed in taken:
            moved = self._take_parent(row, organisation, parents)
            if new:
                self._report.created["organisations"] += 1
            else:
                self._count("organisations", changed or moved)
            if new or changed or moved:
                self._changed.add(organisation.id)
        await self._session.flush()

    def _take_organisation(self, row: Row) -> tuple[OrganisationRow, bool, bool] | None:
        served = [self._places.get(place) for place in row.values["serves"]]
        missing = [str(place) for place in row.values["serves"] if not self._in_use(place)]
        if missing:
            self._bad("organisations", row, "服务地点", f"没有这个地方：{'、'.join(missing)}")
            return None
        values = {key: value for key, value in row.values.items() if key not in ("serves", "parent")}
        organisation = self._organisations.get(row.values["name"])
        new = organisation is None
        if organisation is None:
            organisation = OrganisationRow(version=0, **({"subjects": [], "active": True} | values))
            self._session.add(organisation)
            self._organisations[organisation.name] = organisation
            changed = True
        else:
            changed = _apply(organisation, values)
        return organisation, new, self._serve(organisation, [one for one in served if one]) or changed

    def _serve(self, organisation: OrganisationRow, wanted: list[PlaceRow]) -> bool:
        known = {one.place_id for one in organisation.served} if organisation.id else set()
        if {place.id for place in wanted} == known:
            return False
        kept = [one for one in organisation.served if one.place in wanted] if organisation.id else []
        new = [OrganisationPlace(place=place) for place in wanted if place.id not in known]
        organisation.served = [*kept, *new]
        return True

    def _take_parent(self, row: Row, organisation: OrganisationRow, parents: dict[int, int | None]) -> bool:
        if "parent" not in row.values:
            return False
        name = row.values["parent"]
        parent = self._organisations.get(name) if name else None
        if name and parent is None:
            self._bad("organisations", row, "上级组织", f"没有这个组织：{name}（本行其余内容已保存）")
            return False
        if parent and below(parent.id, organisation.id, parents):
            self._bad("organisations", row, "上级组织", "上级不能是自己或自己的下级（本行其余内容已保存）")
            return False
        wanted = parent.id if parent else None
        if organisation.parent_id == wanted:
            return False
        organisation.parent_id = parents[organisation.id] = wanted
        return True

    async def _take_members(self, rows: list[Row]) -> None:
        seen: dict[tuple[str, str], int] = {}
        for done, row in enumerate(rows, 1):
            key = (row.values["organisation"], row.values["name"])
            if key in seen:
                self._bad("members", row, "姓名", f"和第{seen[key]}行重复")
                continue
            seen[key] = row.number
            self._take_member(row)
            if done % FLUSH_EVERY == 0:
                await self._session.flush()
            self._progress(title(self._rules, "members"), done, len(rows))
        await self._session.flush()

    def _take_member(self, row: Row) -> None:
        organisation = self._organisations.get(row.values["organisation"])
        if organisation is None:
            return self._bad("members", row, "所在组织", f"没有这个组织：{row.values['organisation']}")
        values = {key: value for key, value in row.values.items() if key != "organisation"}
        known = self._members.get((organisation.id, values["name"]))
        holder = self._usernames.get(values.get("username") or "")
        if holder is not None and holder is not known:
            return self._bad("members", row, "账号", "已经是别人的账号")
        if known is None:
            known = MemberRow(organisation_id=organisation.id, **(EMPTY_LISTS | values))
            self._session.add(known)
            self._members[organisation.id, known.name] = known
            self._report.created["members"] += 1
            self._changed.add(organisation.id)
        else:
            changed = _apply(known, values)
            self._count("members", changed)
            self._changed |= {organisation.id} if changed else set()
        if known.username:
            self._usernames[known.username] = known
        return None

    def _count(self, sheet: str, changed: bool) -> None:
        (self._report.updated if changed else self._report.unchanged)[sheet] += 1

    def _bad(self, sheet: str, row: Row, column: str, why: str) -> None:
        self._report.errors.append(RowError(title(self._rules, sheet), row.number, column, why))


EMPTY_LISTS: dict[str, Any] = {"specialties": [], "languages": [], "relations": [], "duty_days": []}
PARTS = ("county", "town", "village", "group")


def _apply(row: Any, values: Mapping[str, Any]) -> bool:
    """Whether anything was different."""
    different = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in different.items():
        setattr(row, key, value)
    if different:
        row.revision += 1
    return bool(different)
