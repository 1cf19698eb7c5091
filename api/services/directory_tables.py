"""The three tables of the directory as columns: built from content, read from files, written to files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.services.cells import BadCell, Column, Words, parse
from api.services.directory_rules import DirectoryRules
from api.services.sheets import Limits, Table

SHEETS = ("places", "organisations", "members")
HELP_SHEET = "说明"


@dataclass(frozen=True)
class RowError:
    """`row` as the file counts, from 1; `column` in the words of the file."""

    sheet: str
    row: int
    column: str
    why: str

    def __str__(self) -> str:
        where = f"“{self.column}”列" if self.column else ""
        return f"{self.sheet}第{self.row}行{where}：{self.why}"


@dataclass(frozen=True)
class Row:
    number: int
    values: Mapping[str, Any]


@dataclass
class Parsed:
    rows: dict[str, list[Row]] = field(default_factory=lambda: {sheet: [] for sheet in SHEETS})
    errors: list[RowError] = field(default_factory=list)


def limits(rules: DirectoryRules) -> Limits:
    return Limits(**rules.columns["limits"])


def words(rules: DirectoryRules) -> Words:
    raw = rules.columns
    return Words(frozenset(raw["yes_words"]), frozenset(raw["no_words"]), raw["limits"]["cell"])


def title(rules: DirectoryRules, sheet: str) -> str:
    return str(rules.columns["sheets"][sheet]["zh"])


def columns(rules: DirectoryRules, sheet: str) -> list[Column]:
    return [
        Column(
            field=raw["field"],
            zh=raw["zh"],
            type=raw["type"],
            required=raw.get("required", False),
            default=raw.get("default"),
            aliases=tuple(raw.get("aliases", ())),
            codes=rules.codes(raw["values"]) if "values" in raw else None,
            example=raw.get("example", ""),
        )
        for raw in rules.columns["sheets"][sheet]["columns"]
    ]


def read(rules: DirectoryRules, tables: Sequence[Table]) -> Parsed:
    parsed = Parsed()
    for table in tables:
        if not table.header or table.name == HELP_SHEET:
            continue
        sheet = _kind(rules, table)
        if sheet is None:
            parsed.errors.append(RowError(table.name or "表", 1, "", "认不出是地点、组织还是成员表，请用模板的列名"))
            continue
        _read_table(rules, sheet, table, parsed)
    return parsed


def _kind(rules: DirectoryRules, table: Table) -> str | None:
    """By the name of the sheet, else by its header: the table whose required columns are all there."""
    for sheet in SHEETS:
        if table.name in (sheet, title(rules, sheet)):
            return sheet
    for sheet in reversed(SHEETS):
        known = positions(columns(rules, sheet), table.header)
        if all(column.field in known for column in columns(rules, sheet) if column.required):
            return sheet
    return None


def positions(wanted: Sequence[Column], header: Sequence[str]) -> dict[str, int]:
    names = {"".join(name.split()).rstrip("*＊"): index for index, name in reversed(list(enumerate(header)))}
    found = {}
    for column in wanted:
        index = next((names[name] for name in (column.zh, column.field, *column.aliases) if name in names), None)
        if index is not None:
            found[column.field] = index
    return found


def _read_table(rules: DirectoryRules, sheet: str, table: Table, parsed: Parsed) -> None:
    wanted = columns(rules, sheet)
    known = positions(wanted, table.header)
    name = title(rules, sheet)
    missing = [column.zh for column in wanted if column.required and column.field not in known]
    if missing:
        parsed.errors.append(RowError(name, 1, "、".join(missing), "缺少必填的列"))
        return
    said = words(rules)
    for number, cells in table.rows:
        values, errors = read_row(wanted, known, cells, said)
        parsed.errors += [RowError(name, number, column, why) for column, why in errors]
        if not errors:
            parsed.rows[sheet].append(Row(number, values))


def read_row(
    wanted: Sequence[Column], known: Mapping[str, int], cells: Sequence[str | None], said: Words
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Only columns that the file has, so that a short table changes only what it speaks of."""
    values: dict[str, Any] = {}
    errors: list[tuple[str, str]] = []
    for column in wanted:
        index = known.get(column.field)
        if index is None:
            continue
        try:
            values[column.field] = parse(column, cells[index] if index < len(cells) else "", said)
        except BadCell as bad:
            errors.append((column.zh, str(bad)))
    return values, errors


def template(rules: DirectoryRules) -> dict[str, list[list[Any]]]:
    """Empty tables with their headers, and a page that explains every column with an example."""
    sheets: dict[str, list[list[Any]]] = {
        title(rules, sheet): [[column.zh for column in columns(rules, sheet)]] for sheet in SHEETS
    }
    return sheets | {HELP_SHEET: list(_help(rules))}


def _help(rules: DirectoryRules) -> Iterator[list[Any]]:
    yield ["工作表", "列", "必填", "例子", "可填的值"]
    for sheet in SHEETS:
        yield [title(rules, sheet), "", "", "", rules.columns["sheets"][sheet]["note"]]
        for column in columns(rules, sheet):
            choices = "、".join((column.codes or {}).values())
            yield [title(rules, sheet), column.zh, "是" if column.required else "", column.example, choices]
