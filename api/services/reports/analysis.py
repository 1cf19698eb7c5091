"""The draft of a 分析研判: causes, consequences and difficulty as figures, with sentences made from the tables alone.

What a figure cannot say (why, what next) is left blank for the person who signs it.
"""

from collections.abc import Sequence

from api.db import statistics
from api.domain.period import Period
from api.domain.statistics import MEASURES, Line, rolled
from api.services.reports.counts import Asked, cell, columns, in_order, split_table, tally, total_row
from api.services.reports.model import TOTAL, Cell, Chart, Column, Row, Section, Table
from api.services.reports.month import OVERVIEW, bar, compared, compared_table, compared_with

BY = ("category", "subcategory", "warning_level", "complexity", "town", "village")
NUMBERS = ("registered", "escalated", "failed")
TREND = ("registered", "agreed")
MOST_PARTS = 4


async def analysis(asked: Asked) -> list[Section]:
    asked.step("分析", 0, 4)
    lines = await tally(asked, NUMBERS, *BY)
    asked.step("分析", 1, 4)
    before = await tally(asked, ("registered",), "town", "village", period=asked.period.previous)
    sections = [await _whole(asked)]
    asked.step("分析", 2, 4)
    if asked.period.kind == "month":
        sections.append(await _trend(asked))
    asked.step("分析", 3, 4)
    sections += [_causes(asked, lines), _consequences(asked, lines), _difficulty(asked, lines)]
    sections += [_places(asked, lines, before), await _organisations(asked)]
    asked.step("分析", 4, 4)
    return [*sections, Section("研判意见", (_said(asked, "by_hand"),))]


def _said(asked: Asked, sentence: str, /, **words: object) -> str:
    return str(asked.rules.content["analysis"]["sentences"][sentence]).format(**words)


async def _whole(asked: Asked) -> Section:
    found = await compared(asked, await tally(asked, OVERVIEW))
    table = compared_table(asked, "overview", "总的情况", found, OVERVIEW)
    numbers = {row.key: row.cells for row in table.rows}
    registered = [int(one.value or 0) for one in numbers["registered"]]
    past = zip(registered[1:], compared_with(asked.period), strict=True)
    words = [_change(asked, registered[0], before, period) for before, period in past]
    now = {code: cells[0].value for code, cells in numbers.items()}
    return Section("总体态势", (_said(asked, "total", **now, compared="，".join(words)),), (table,))


def _change(asked: Asked, now: int, before: int, period: Period) -> str:
    name = "nothing_before" if not before else "same" if now == before else "more" if now > before else "less"
    return _said(asked, name, period=period.zh, before=before, change=abs(now - before))


async def _trend(asked: Asked) -> Section:
    periods = asked.period.earlier(asked.rules.content["analysis"]["trend_months"])
    wanted = [MEASURES[code] for code in TREND]
    found = await statistics.trend(asked.session, wanted, periods, visible_to=asked.viewer)
    rows = tuple(
        Row(one.code, one.zh, tuple(cell(asked, code, found[one.code][code], one, {}, hide=False) for code in TREND))
        for one in periods
    )
    table = Table("trend", "逐月", "月份", columns(asked.rules, TREND), rows)
    labels = tuple(f"{one.first.month}月" for one in periods)
    series = tuple((asked.rules.measures[code], tuple(found[one.code][code] for one in periods)) for code in TREND)
    return Section("逐月走势", (), (table,), (Chart("逐月登记和达成协议", "line", asked.rules.unit, labels, series),))


def _causes(asked: Asked, lines: Sequence[Line]) -> Section:
    """By category with its subcategories: what people fall out about."""
    by_category = in_order(asked.rules, "category", rolled(lines, "category"))
    whole = split_table(asked, "category", "按纠纷类别", "类别", "category", by_category, NUMBERS)
    said, rows = [], []
    for line in by_category:
        code = line.key["category"]
        parts = [one for one in rolled(lines, "category", "subcategory") if one.key["category"] == code]
        parts = [one for one in parts if one.numbers.get("registered")]
        parts.sort(key=lambda one: -one.numbers["registered"])
        rows += [_cause_row(asked, one) for one in parts]
        if parts:
            named = "；".join(
                _said(asked, "part", name=_subcategory(asked, one), count=one.numbers["registered"])
                for one in parts[:MOST_PARTS]
            )
            category = asked.rules.name("category", code)
            said.append(_said(asked, "cause", category=category, count=line.numbers["registered"], parts=named))
    heads = columns(asked.rules, ("registered",))
    parts_table = Table("subcategory", "按具体事由", "事由", heads, tuple(rows))
    chart = bar(whole, "registered", "各类纠纷登记件数")
    return Section("成因", tuple(said), (whole, parts_table), (chart,) if chart else ())


def _cause_row(asked: Asked, line: Line) -> Row:
    key = {"category": line.key["category"], "subcategory": line.key["subcategory"]}
    shown = cell(asked, "registered", line.numbers["registered"], asked.period, key, hide=False)
    return Row(".".join(key.values()), _subcategory(asked, line), (shown,))


def _subcategory(asked: Asked, line: Line) -> str:
    category, code = line.key["category"], line.key["subcategory"]
    if not code:
        return f"{asked.rules.name('category', category)}（未分小类）"
    return asked.rules.name("subcategory", f"{category}.{code}")


def _consequences(asked: Asked, lines: Sequence[Line]) -> Section:
    table = cross_table(asked, "warning_level", "各类纠纷的预警等级", lines, "warning_level")
    said = [_said(asked, "consequence", parts=_named(asked, table))] if lines else []
    major = [one.code for one in table.columns].index("major") if "major" in {c.code for c in table.columns} else None
    if major is not None:
        counted = [(row.name, row.cells[major].value) for row in table.rows[:-1]]
        said += [_said(asked, "major", category=name, count=count) for name, count in counted if count]
    return Section("预计后果", tuple(said), (table,))


def _difficulty(asked: Asked, lines: Sequence[Line]) -> Section:
    table = cross_table(asked, "complexity", "各类纠纷的复杂程度", lines, "complexity")
    totals = total_row(asked, "", rolled(lines), NUMBERS, asked.period, {}).cells
    numbers = dict(zip(NUMBERS, (one.value for one in totals), strict=True))
    said = (_said(asked, "difficulty", parts=_named(asked, table), **numbers),) if lines else ()
    return Section("难易程度", said, (table,))


def cross_table(asked: Asked, code: str, title: str, lines: Sequence[Line], across: str) -> Table:
    """Registered tickets by category and by the values of another split, which make the columns."""
    found = {(one.key["category"], one.key[across]): one for one in rolled(lines, "category", across)}
    seen = {value for _, value in found}
    values = [value for value in asked.rules.names[across] if value in seen]
    categories = in_order(asked.rules, "category", rolled(lines, "category"))
    heads = tuple(Column(value, asked.rules.name(across, value), asked.rules.unit) for value in values)

    def shown(within: dict[str, str], number: int) -> Cell:
        return cell(asked, "registered", number, asked.period, within, hide=False)

    rows = []
    for line in categories:
        category = line.key["category"]
        cells = []
        for value in values:
            one = found.get((category, value))
            cells.append(shown({"category": category, across: value}, one.numbers["registered"] if one else 0))
        rows.append(Row(category, asked.rules.name("category", category), tuple(cells)))
    totals = {one.key[across]: one.numbers["registered"] for one in rolled(lines, across)}
    rows.append(Row(TOTAL, "合计", tuple(shown({across: value}, totals[value]) for value in values)))
    return Table(code, title, "类别", heads, tuple(rows))


def _named(asked: Asked, table: Table) -> str:
    cells = table.rows[-1].cells
    parts = (
        _said(asked, "part", name=column.zh, count=one.value) for column, one in zip(table.columns, cells, strict=True)
    )
    return "、".join(parts)


def _places(asked: Asked, lines: Sequence[Line], before: Sequence[Line]) -> Section:
    """The villages with most tickets beside the period before; only those with enough of them are named."""
    k, most = asked.rules.small_cell, asked.rules.content["analysis"]["places"]
    past = {(one.key["town"], one.key["village"]): one.numbers["registered"] for one in before}
    found = [one for one in rolled(lines, "town", "village") if one.key["village"]]
    hot = sorted((one for one in found if one.numbers.get("registered", 0) >= k), key=_most_first)[:most]
    heads = (Column("registered", "本期登记", "件"), Column("before", asked.period.previous.zh, "件"))
    rows, said = [], []
    for line in hot:
        key = (line.key["town"], line.key["village"])
        now, then = line.numbers["registered"], past.get(key, 0)
        cells = (
            cell(asked, "registered", now, asked.period, line.key, hide=False),
            cell(asked, "registered", then, asked.period.previous, line.key, hide=False),
        )
        rows.append(Row("/".join(key), "".join(key), cells))
        if now > then:
            words = {"place": "".join(key), "now": now, "before": then, "change": now - then}
            said.append(_said(asked, "rising", period=asked.period.previous.zh, **words))
    parts = "、".join(_said(asked, "part", name=row.name, count=row.cells[0].value) for row in rows)
    first = _said(asked, "hot", parts=parts) if rows else _said(asked, "none_hot", k=k)
    return Section(
        "热点地方", (first, *said), (Table("places", "登记较多的村（社区）", "村（社区）", heads, tuple(rows)),)
    )


def _most_first(line: Line) -> tuple[int, str]:
    return (-line.numbers["registered"], line.key["village"])


async def _organisations(asked: Asked) -> Section:
    """Respondents named again and again within the year so far; organisations only."""
    least = asked.rules.content["analysis"]["repeated_from"]
    year = asked.period.year
    lines = await tally(asked, ("registered",), "respondent_org", period=year)
    found = [one for one in lines if one.key["respondent_org"] and one.numbers["registered"] >= least]
    found.sort(key=lambda one: (-one.numbers["registered"], one.key["respondent_org"]))
    rows = tuple(
        Row(name, name, (cell(asked, "registered", line.numbers["registered"], year, line.key, hide=False),))
        for line in found
        for name in (line.key["respondent_org"],)
    )
    heads = (Column("registered", f"{year.zh}登记", "件"),)
    parts = "、".join(_said(asked, "part", name=row.name, count=row.cells[0].value) for row in rows)
    name = "organisations" if rows else "no_organisations"
    said = _said(asked, name, period=year.zh, least=least, count=len(rows), parts=parts)
    return Section("多次被申请的单位", (said,), (Table("organisations", "多次被申请的单位", "单位", heads, rows),))
