"""Court figures from a table (CSV or xlsx): good rows are taken, bad ones listed; the same again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import court, places
from api.db.tables.statistics import CourtFigure
from api.domain.errors import InvalidInput
from api.domain.organisation import Place
from api.domain.period import Period
from api.services.cells import Column, Words
from api.services.count_rules import CountRules
from api.services.directory_rules import DirectoryRules
from api.services.directory_tables import RowError, limits, positions, read_row, words
from api.services.sheets import Table, read_tables


@dataclass
class CourtReport:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def text(self) -> str:
        bad = len({one.row for one in self.errors})
        return f"新增 {self.created} 行，更新 {self.updated} 行，没有变化 {self.unchanged} 行，有问题 {bad} 行"


async def import_figures(
    session: AsyncSession,
    directory: DirectoryRules,
    rules: CountRules,
    content: bytes,
    *,
    at: datetime,
    dry_run: bool = False,
) -> CourtReport:
    """Raises InvalidInput for a file that cannot be read. Nothing here commits; a dry run stores nothing."""
    report, said = CourtReport(), words(directory)
    columns = [Column(**raw) for raw in rules.content["court"]["columns"]]
    for table in read_tables(content, limits(directory)):
        await _take(session, columns, table, said, report, at=at, dry_run=dry_run)
    return report


async def _take(
    session: AsyncSession,
    columns: list[Column],
    table: Table,
    said: Words,
    report: CourtReport,
    *,
    at: datetime,
    dry_run: bool,
) -> None:
    known = positions(columns, table.header)
    name = table.name or "表"
    if missing := [one.zh for one in columns if one.required and one.field not in known]:
        report.errors.append(RowError(name, 1, "、".join(missing), "缺少必填的列"))
        return
    seen: dict[tuple[int, str], int] = {}
    for number, cells in table.rows:
        values, errors = read_row(columns, known, cells, said)
        report.errors += [RowError(name, number, column, why) for column, why in errors]
        if errors:
            continue
        try:
            place_id, period = await _where_and_when(session, values)
        except InvalidInput as error:
            report.errors.append(RowError(name, number, error.code, error.detail))
            continue
        if first := seen.get((place_id, period)):
            report.errors.append(RowError(name, number, "", f"和第{first}行是同一个地方、同一个时间段"))
            continue
        seen[place_id, period] = number
        await _store(session, place_id, period, values, report, at=at, dry_run=dry_run)


async def _where_and_when(session: AsyncSession, values: Mapping[str, Any]) -> tuple[int, str]:
    """Raises InvalidInput; its code is the column in Chinese."""
    path = Place(*(values.get(part) or "" for part in ("county", "town", "village")))
    row = await places.in_use(session, path) if path.parts != Place().parts else None
    if row is None:
        raise InvalidInput(f"区划里没有这个地方：{path}", code="村（社区）" if path.village else "镇")
    try:
        return row.id, Period.parse(values["period"]).code
    except InvalidInput as error:
        raise InvalidInput(error.detail, code="时间段") from error


async def _store(
    session: AsyncSession,
    place_id: int,
    period: str,
    values: Mapping[str, Any],
    report: CourtReport,
    *,
    at: datetime,
    dry_run: bool,
) -> None:
    given = {"cases": values["cases"], "criminal": values.get("criminal"), "source": values.get("source") or ""}
    row = await court.one(session, place_id, period)
    if row and given == {name: getattr(row, name) for name in given}:
        report.unchanged += 1
        return
    report.updated += row is not None
    report.created += row is None
    if dry_run:
        return
    row = row or CourtFigure(place_id=place_id, period=period)
    for name, value in given.items():
        setattr(row, name, value)
    row.imported_at = at
    session.add(row)
    await session.flush()
