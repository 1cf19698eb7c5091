"""Cases from another platform (12345, 12348 …): what a column means is a mapping; the source's number counts once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import tickets
from api.db.session import Database
from api.domain.access import Viewer
from api.domain.errors import DomainError, InvalidInput
from api.domain.organisation import Place
from api.domain.safety import SafetyGate
from api.services import places
from api.services.directory_rules import DirectoryRules
from api.services.directory_tables import RowError, limits
from api.services.routing import RoutingDesk
from api.services.sheets import Table, read_tables
from api.services.ticket_opening import MAX_TEXT, Applicant, Application, open_ticket

AT_ONCE = 50
TABLE = "来件"
BODIES = ("公司", "厂", "村委", "委员会", "政府", "工地", "项目部", "合作社", "物业", "医院", "学校", "局", "银行")


@dataclass
class CaseReport:
    """`referred`: not for mediation, with the door; `skipped`: no dispute at all."""

    opened: list[str] = field(default_factory=list)
    repeated: int = 0
    skipped: int = 0
    referred: list[RowError] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def text(self) -> str:
        return (
            f"登记 {len(self.opened)} 件，以前导入过 {self.repeated} 件，指引去处 {len(self.referred)} 件，"
            f"不是纠纷 {self.skipped} 件，有问题 {len({one.row for one in self.errors})} 行"
        )


@dataclass(frozen=True)
class _Case:
    number: str
    text: str
    category: str
    subcategory: str
    cells: Mapping[str, str]


class BadRow(Exception):
    """Column and reason."""


async def import_cases(
    database: Database,
    desk: RoutingDesk,
    gate: SafetyGate,
    rules: DirectoryRules,
    content: bytes,
    mapping: Mapping[str, Any],
    *,
    at: datetime,
    progress: Callable[[str, int, int], None] | None = None,
) -> CaseReport:
    """Good rows are stored in small transactions. Raises InvalidInput for a file that cannot be read."""
    report = CaseReport()
    by = Viewer.tool(f"{mapping['source']}导入")
    for table in read_tables(content, limits(rules)):
        known = _positions(mapping, table)
        for start in range(0, len(table.rows), AT_ONCE):
            async with database.transaction() as session:
                for number, cells in table.rows[start : start + AT_ONCE]:
                    row = {key: (cells[index] or "") if index < len(cells) else "" for key, index in known.items()}
                    await _take(session, desk, gate, mapping, number, row, report, by, at)
            if progress:
                progress(TABLE, min(start + AT_ONCE, len(table.rows)), len(table.rows))
    return report


def _positions(mapping: Mapping[str, Any], table: Table) -> dict[str, int]:
    names = {"".join(name.split()): index for index, name in enumerate(table.header)}
    found = {
        key: next((names[alias] for alias in aliases if alias in names), -1)
        for key, aliases in mapping["columns"].items()
    }
    missing = [mapping["columns"][key][0] for key in mapping["required"] if found[key] < 0]
    if missing:
        raise InvalidInput(f"缺少必填的列：{'、'.join(missing)}", code="missing_column")
    return {key: index for key, index in found.items() if index >= 0}


async def _take(
    session: AsyncSession,
    desk: RoutingDesk,
    gate: SafetyGate,
    mapping: Mapping[str, Any],
    number: int,
    cells: Mapping[str, str],
    report: CaseReport,
    by: Viewer,
    at: datetime,
) -> None:
    try:
        case = _read(mapping, cells)
    except BadRow as bad:
        column, why = bad.args
        report.errors.append(RowError(TABLE, number, column, why))
        return
    crisis = gate.check(case.text if case else cells.get("text", ""))
    if case is None and not crisis:
        report.skipped += 1
        return
    case = case or _Case(cells["number"], cells["text"], "other_civil", "other", cells)
    key = f"{mapping['source']}:{case.number}"
    if await tickets.by_key(session, by.actor, key, visible_to=by):
        report.repeated += 1
        return
    asked = await _application(session, case, key, crisis[0].kind if crisis else None)
    try:
        report.opened.append((await open_ticket(session, desk, asked, by=by, at=at, key=key)).no)
    except DomainError as error:
        listed = report.referred if error.code == "not_mediable" else report.errors
        listed.append(RowError(TABLE, number, "", error.detail))


def _read(mapping: Mapping[str, Any], cells: Mapping[str, str]) -> _Case | None:
    """None for what is no dispute. Raises BadRow."""
    for key in mapping["required"]:
        if not cells.get(key):
            raise BadRow(mapping["columns"][key][0], "不能空")
    if len(cells["number"]) > 80:
        raise BadRow(mapping["columns"]["number"][0], "太长")
    for text in (cells.get("category", ""), cells.get("title", "")):
        if code := _case_of(mapping, text):
            category, _, subcategory = code.partition(".")
            return _Case(cells["number"], cells["text"][:MAX_TEXT], category, subcategory, cells)
        if any(word in text for word in mapping["skip"]):
            return None
    said = cells.get("category") or cells.get("title") or ""
    raise BadRow(mapping["columns"]["category"][0], f"认不出纠纷类别：{said[:30]}")


def _case_of(mapping: Mapping[str, Any], text: str) -> str:
    rules: Sequence[Mapping[str, Any]] = mapping["categories"]
    return next((rule["case"] for rule in rules if any(word in text for word in rule["words"])), "")


async def _application(session: AsyncSession, case: _Case, sender: str, crisis: str | None) -> Application:
    where = case.cells.get("address", "")
    found = await places.match(session, where) if where else None
    respondent = case.cells.get("respondent", "")
    kind = "organisation" if any(word in respondent for word in BODIES) else "person"
    name, phone = case.cells.get("applicant") or None, case.cells.get("phone") or None
    return Application(
        channel="import",
        sender=sender,
        category=case.category,
        subcategory=case.subcategory,
        text=case.text,
        place=found.place if found and found.place else Place(),
        applicant=Applicant(name, phone) if name or phone else None,
        respondent=Applicant(respondent, kind=kind) if respondent else None,
        crisis=crisis,
    )
