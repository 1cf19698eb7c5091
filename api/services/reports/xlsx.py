"""A report as a workbook: a page of words, then one sheet per table. Numbers stay numbers; text is never a formula."""

import re
from typing import Any

from api.services.reports.model import Report, Table
from api.services.sheets import to_xlsx

NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]]")
LONGEST_NAME = 31


def as_xlsx(report: Report) -> bytes:
    sheets: dict[str, list[list[Any]]] = {"说明": _words(report)}
    for table in report.tables:
        sheets[_name(table.title, sheets)] = _rows(table)
    return to_xlsx(sheets)


def _words(report: Report) -> list[list[Any]]:
    rows: list[list[Any]] = [[report.title], ["时间段", report.period.zh], ["范围", report.scope], []]
    for section in report.sections:
        if section.sentences:
            rows += [[section.title], *([sentence] for sentence in section.sentences), []]
    return rows


def _rows(table: Table) -> list[list[Any]]:
    rows: list[list[Any]] = [[table.head, *(one.title for one in table.columns)]]
    rows += [[row.name, *(one.shown for one in row.cells)] for row in table.rows]
    return [*rows, [table.note]] if table.note else rows


def _name(title: str, taken: dict[str, Any]) -> str:
    plain = NOT_IN_A_NAME.sub("", title)
    name, number = plain[:LONGEST_NAME], 2
    while name in taken:
        name, number = f"{plain[: LONGEST_NAME - 3]}{number}", number + 1
    return name
