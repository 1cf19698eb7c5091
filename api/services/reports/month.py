"""The official statistics 人民调解案件情况 of a period, and the short report of a day or week."""

from collections.abc import Sequence

from api.db import statistics
from api.domain.counting import PREVENTED
from api.domain.deadline import LOCAL
from api.domain.period import Period
from api.domain.statistics import MEASURES, OUTCOMES, Line, all_agreed, rolled
from api.services import directory
from api.services.directory_rules import directory_rules
from api.services.reports.beside import work_beside
from api.services.reports.counts import Asked, columns, split_table, tally, total_row
from api.services.reports.model import Cell, Chart, Column, Row, Section, Table

OVERVIEW = (
    *("registered", "accepted", "people", *OUTCOMES, "merged", "escalated", "referred", "amount", "performed"),
    *("confirmed", "reopened", "open"),
)
SPLIT = ("accepted", "people", "agreed", "failed", "refused", "withdrawn", "referred", "amount")
AGREEMENTS = ("agreed", "written", "oral", "amount", "performed", "confirmed")
PREVENTION = tuple(f"prevented_{code}" for code in PREVENTED)
PEOPLE = tuple(f"{code}_people" for code in PREVENTION)
EVERY = tuple(dict.fromkeys((*OVERVIEW, *SPLIT, *AGREEMENTS, *PREVENTION, *PEOPLE)))


async def month(asked: Asked) -> list[Section]:
    asked.step("统计", 0, 4)
    lines = await tally(asked, EVERY, "category", "kind", "origin")
    asked.step("统计", 1, 4)
    sections = [await overview(asked, lines)]
    asked.step("统计", 3, 4)
    sections += [by_category(asked, lines), by_kind(asked, lines), by_origin(asked, lines)]
    sections += [agreements(asked, lines), outcomes(asked, lines)]
    if not asked.public:
        sections += [await work_beside(asked), await committees(asked)]
    asked.step("统计", 4, 4)
    return sections


async def brief(asked: Asked) -> list[Section]:
    lines = await tally(asked, EVERY, "category", "town", "warning_level")
    graded = rolled(lines, "warning_level")
    levels = split_table(asked, "warning_level", "按预警等级", "预警等级", "warning_level", graded, SPLIT)
    towns = split_table(asked, "town", "按乡镇", "乡镇", "town", rolled(lines, "town"), SPLIT)
    return [
        await overview(asked, lines),
        by_category(asked, lines),
        Section("预警和地点", (), (levels, towns)),
        outcomes(asked, lines),
    ]


async def overview(asked: Asked, lines: Sequence[Line]) -> Section:
    """This period beside the one before and the same of last year."""
    table = compared_table(asked, "overview", "总的情况", await compared(asked, lines), OVERVIEW)
    return Section("总的情况", (), (table,))


def compared_with(period: Period) -> list[Period]:
    """The one before and the same of last year; of a year these are one."""
    return list(dict.fromkeys((period.previous, period.a_year_before)))


async def compared(asked: Asked, lines: Sequence[Line]) -> list[tuple[Period, Sequence[Line]]]:
    """`lines` hold this period. What was open at the ends of the others is read in one pass over the table."""
    others = compared_with(asked.period)
    stocks, flows = ([code for code in OVERVIEW if MEASURES[code].stock is stock] for stock in (True, False))
    wanted = [MEASURES[code] for code in stocks]
    open_then = await statistics.trend(asked.session, wanted, others, visible_to=asked.viewer)
    found: list[tuple[Period, Sequence[Line]]] = [(asked.period, rolled(lines))]
    for period in others:
        found.append((period, [*await tally(asked, flows, period=period), Line({}, open_then[period.code])]))
    return found


def compared_table(
    asked: Asked, code: str, title: str, compared: Sequence[tuple[Period, Sequence[Line]]], measures: Sequence[str]
) -> Table:
    """A row per measure, a column per period."""
    by_period = [total_row(asked, "", found, measures, period, {}) for period, found in compared]
    rows = [
        Row(column.code, column.title, tuple(row.cells[index] for row in by_period))
        for index, column in enumerate(columns(asked.rules, measures))
    ]
    heads = tuple(Column(period.code, period.zh) for period, _ in compared)
    return Table(code, title, "项目", heads, tuple(rows))


def by_category(asked: Asked, lines: Sequence[Line]) -> Section:
    table = split_table(asked, "category", "按纠纷类别", "纠纷类别", "category", rolled(lines, "category"), SPLIT)
    chart = bar(table, "accepted", "各类纠纷受理件数")
    return Section("按纠纷类别", (), (table,), (chart,) if chart else ())


def by_kind(asked: Asked, lines: Sequence[Line]) -> Section:
    found = rolled(lines, "kind")
    return Section("按调解组织", (), (split_table(asked, "kind", "按调解组织类型", "组织类型", "kind", found, SPLIT),))


def by_origin(asked: Asked, lines: Sequence[Line]) -> Section:
    found = rolled(lines, "origin")
    return Section("按案件来源", (), (split_table(asked, "origin", "按案件来源", "来源", "origin", found, SPLIT),))


def agreements(asked: Asked, lines: Sequence[Line]) -> Section:
    made = split_table(
        asked, "agreements", "协议、履行和司法确认", "纠纷类别", "category", rolled(lines, "category"), AGREEMENTS
    )
    whole = rolled(lines)
    counts = total_row(asked, "", whole, PREVENTION, asked.period, {}).cells
    people = total_row(asked, "", whole, PEOPLE, asked.period, {}).cells
    rows = tuple(
        Row(code, asked.rules.measures[code], (count, many))
        for code, count, many in zip(PREVENTION, counts, people, strict=True)
    )
    heads = (Column("cases", "件数", asked.rules.unit), Column("people", "涉及人数", "人"))
    note = asked.rules.content["notes"]["prevented"]
    return Section("协议和防止激化", (), (made, Table("prevented", "防止矛盾激化", "项目", heads, rows, note)))


def outcomes(asked: Asked, lines: Sequence[Line]) -> Section:
    """Every ending by its own name; what was agreed, confirmed and performed are steps, not the same thing."""
    measures = ("registered", "accepted", *OUTCOMES, "merged", "referred", "performed", "confirmed", "open")
    whole = rolled(lines)
    table = compared_table(asked, "outcomes", "结果如实分列", [(asked.period, whole)], measures)
    notes = asked.rules.content["notes"]
    numbers = whole[0].numbers if whole else {}
    alone = all_agreed(numbers, asked.rules.review_least)
    review = (notes["review"].format(agreed=numbers["agreed"]),) if alone else ()
    return Section("结果如实分列", (notes["outcomes"], *review), (table,))


async def committees(asked: Asked) -> Section:
    """What the registers of the committees still lack (see /api/v1/directory/committees)."""
    today = asked.at.astimezone(LOCAL).date()
    found = await directory.committees(asked.session, directory_rules(), today)
    lacking = [(row, gaps) for row, _, gaps in found if gaps]
    heads = (Column("gaps", "还缺什么"),)
    rows = tuple(Row(str(row.id), row.name, (Cell("；".join(one.text for one in gaps)),)) for row, gaps in lacking)
    said = asked.rules.content["notes"]["committees"].format(all=len(found), lacking=len(lacking))
    return Section("人民调解委员会登记簿", (said,), (Table("committees", "登记簿缺项", "调委会", heads, rows),))


def bar(table: Table, code: str, title: str) -> Chart | None:
    """The rows of a table without its total and without empty or hidden ones; nothing to draw gives nothing."""
    column = next(one for one in table.columns if one.code == code)
    found = [
        (row.name, shown.value)
        for row, shown in zip(table.rows[:-1], table.column(code), strict=False)
        if isinstance(shown.value, int | float) and shown.value
    ]
    if not found:
        return None
    labels, values = zip(*found, strict=True)
    return Chart(title, "bar", column.unit, labels, ((column.zh, values),))
