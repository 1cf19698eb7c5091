"""万人成讼率 and the self-check of villages: each row carries the counter-metrics beside the rate."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.db import court, places
from api.db.tables.desk import PlaceRow
from api.domain.litigation import BESIDE, CounterMetrics, Criterion, Judged, Litigation, judge, parts_of, summed
from api.domain.organisation import Place
from api.domain.period import Period
from api.domain.statistics import rolled
from api.services.reports.counts import Asked, cell, tally
from api.services.reports.model import Cell, Column, Row, Section, Table

MEANS = (Column("mean_days", "登记到转出平均天数", "天"), Column("satisfaction", "回访满意", "%"))
SHOWN = ("rights", "refused", "referred", "reopened", "visited")
MARKS = {True: "达到", False: "没有达到", None: "不能判断"}
RATE = (Column("population", "人口", "人"), Column("cases", "法院收案", "件"), Column("rate", "万人成讼率", "件/万人"))


@dataclass(frozen=True)
class Known:
    """One place with everything that is known of it."""

    row: PlaceRow
    found: Litigation

    @property
    def key(self) -> dict[str, str]:
        parts = {"town": self.row.town, "village": self.row.village}
        return {level: name for level, name in parts.items() if name}

    @property
    def name(self) -> str:
        return f"{self.row.town}{self.row.village}" or self.row.county


async def litigation(asked: Asked) -> list[Section]:
    words = asked.rules.content["court"]
    known = await _known(asked)
    rows = tuple(Row("/".join(one.key.values()), one.name, (*_rate(one), *beside(asked, one))) for one in known)
    heads = (*RATE, *_beside_heads(asked))
    missing = [one.name for one in known if one.found.per_ten_thousand is None]
    said = [words["said"]]
    if missing:
        said.append(words["missing"].format(count=len(missing)))
    return [Section("万人成讼率和对照数", tuple(said), (Table("litigation", "按地方", "地方", heads, rows),))]


async def villages(asked: Asked) -> list[Section]:
    words = asked.rules.content["court"]
    criteria = [Criterion(**raw) for raw in words["criteria"]]
    known = [one for one in await _known(asked) if one.row.village]
    judged = {one.row.id: [judge(criterion, one.found) for criterion in criteria] for one in known}
    rows = tuple(
        Row(
            "/".join(one.key.values()),
            one.name,
            (*(Cell(f"{MARKS[each.met]}：{each.evidence}") for each in judged[one.row.id]), *beside(asked, one)),
        )
        for one in known
    )
    heads = (*(Column(one.code, one.text.format(limit=one.limit)) for one in criteria), *_beside_heads(asked))
    said = [words["villages_said"], *_coverage(asked, known, judged)]
    basis = "；".join(dict.fromkeys(one.basis for one in criteria))
    table = Table("villages", "逐村逐项", "村（社区）", heads, rows, words["basis"].format(basis=basis))
    return [Section("无讼村自查", tuple(said), (table,))]


def _coverage(asked: Asked, known: list[Known], judged: Mapping[int, list[Judged]]) -> list[str]:
    words, said = asked.rules.content["court"], []
    for town in dict.fromkeys(one.row.town for one in known):
        inside = [judged[one.row.id] for one in known if one.row.town == town]
        full = sum(all(each.met for each in found) for found in inside)
        unknown = sum(any(each.met is None for each in found) for found in inside)
        percent = round(100 * full / len(inside), 1)
        values = {"town": town, "all": len(inside), "full": full, "unknown": unknown, "percent": percent}
        said.append(words["coverage"].format(**values, limit=words["coverage_limit"]))
    return said


def _rate(one: Known) -> tuple[Cell, ...]:
    found = one.found
    return (Cell(found.population), Cell(found.cases), Cell(found.per_ten_thousand))


def beside(asked: Asked, one: Known) -> tuple[Cell, ...]:
    found = one.found.beside
    numbers = tuple(cell(asked, code, getattr(found, code), asked.period, one.key, hide=False) for code in SHOWN)
    return (*numbers, Cell(found.mean_days), Cell(found.satisfaction))


def _beside_heads(asked: Asked) -> tuple[Column, ...]:
    return (*(Column(code, asked.rules.measures[code], asked.rules.unit) for code in SHOWN), *MEANS)


async def _known(asked: Asked) -> list[Known]:
    """County, towns and villages in use that the viewer may look at, with court figures and the numbers of the desk."""
    before = asked.period.previous
    codes = [one.code for period in (asked.period, before) for one in _periods(period)]
    figures = await court.of_periods(asked.session, codes)
    cases: dict[int, dict[str, int]] = {}
    criminal: dict[int, dict[str, int]] = {}
    for one in figures:
        cases.setdefault(one.place_id, {})[one.period] = one.cases
        if one.criminal is not None:
            criminal.setdefault(one.place_id, {})[one.period] = one.criminal
    lines = await tally(asked, BESIDE, "town", "village")
    metrics = {
        tuple(line.key.values()): CounterMetrics(**line.numbers)
        for found in (rolled(lines), rolled(lines, "town"), rolled(lines, "town", "village"))
        for line in found
    }
    return [
        Known(
            row,
            Litigation(
                cases=summed(asked.period, cases.get(row.id, {})),
                criminal=summed(asked.period, criminal.get(row.id, {})),
                population=row.population,
                before=summed(before, cases.get(row.id, {})),
                beside=metrics.get(tuple(part for part in (row.town, row.village) if part), CounterMetrics()),
            ),
        )
        for row in await places.tree(asked.session, _scope(asked))
        if not row.group_name
    ]


def _periods(period: Period) -> list[Period]:
    return [period, *parts_of(period, "quarter"), *parts_of(period, "month")]


def _scope(asked: Asked) -> Place:
    """Those who see everything look at all places; others at what they supervise."""
    viewer = asked.viewer
    return Place() if viewer.everything or viewer.scope is None else viewer.scope
