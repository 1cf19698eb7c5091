"""The directory as tables that can be imported again without changing anything."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import directory as store
from api.db import places
from api.db.organisations import place_of
from api.db.tables.desk import MemberRow, OrganisationRow, PlaceRow
from api.domain.errors import InvalidInput
from api.domain.organisation import Place
from api.services.cells import show
from api.services.directory_rules import DirectoryRules
from api.services.directory_tables import SHEETS, columns, template, title
from api.services.sheets import to_csv, to_xlsx


async def tables(session: AsyncSession, rules: DirectoryRules) -> dict[str, list[list[Any]]]:
    """By the Chinese name of the table; places in use only, organisations and members with those who have left."""
    found = await store.everything(session)
    names = {row.id: row.name for row in found}
    rows = {
        "places": map(_place, await places.tree(session, Place())),
        "organisations": (_organisation(row, names) for row in found),
        "members": (_member(row, one) for row in found for one in row.members),
    }
    return {title(rules, sheet): _table(rules, sheet, rows[sheet]) for sheet in SHEETS}


async def as_file(session: AsyncSession, rules: DirectoryRules, *, kind: str, sheet: str = "") -> bytes:
    """`kind` xlsx holds all tables, csv the one of `sheet`."""
    if kind == "xlsx":
        return to_xlsx(await tables(session, rules))
    if sheet not in SHEETS:
        raise InvalidInput(f"CSV 要说明导出哪张表：{'、'.join(SHEETS)}")
    return to_csv((await tables(session, rules))[title(rules, sheet)])


def template_file(rules: DirectoryRules) -> bytes:
    return to_xlsx(template(rules))


def _table(rules: DirectoryRules, sheet: str, rows: Iterable[dict[str, Any]]) -> list[list[Any]]:
    wanted = columns(rules, sheet)
    return [[column.zh for column in wanted], *([show(column, row[column.field]) for column in wanted] for row in rows)]


def _place(row: PlaceRow) -> dict[str, Any]:
    path = {"county": row.county, "town": row.town, "village": row.village, "group": row.group_name}
    return path | {key: getattr(row, key) for key in ("division_code", "population", "households")}


def _organisation(row: OrganisationRow, names: dict[int, str]) -> dict[str, Any]:
    plain = ("name", "kind", "tier", "subjects", "phone", "address", "office_hours", "active")
    serves = [place_of(one.place) for one in row.served]
    return {key: getattr(row, key) for key in plain} | {
        "serves": serves,
        "parent": names.get(row.parent_id) if row.parent_id else None,
    }


def _member(row: OrganisationRow, one: MemberRow) -> dict[str, Any]:
    fields = ("name", "role", "seat", "woman", "username", "phone", "takes_cases", "specialties", "languages")
    more = ("relations", "household", "duty_days", "load_limit", "active")
    return {"organisation": row.name} | {key: getattr(one, key) for key in (*fields, *more)}
