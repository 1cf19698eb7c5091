"""Numbers out of the database into tables, each with the query that lists its tickets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import statistics
from api.domain.access import Viewer
from api.domain.period import Period
from api.domain.statistics import MEASURES, CountQuery, Line, hidden_cells
from api.services.count_rules import CountRules
from api.services.reports.model import TOTAL, Cell, Column, Row, Table

TICKETS = "/api/v1/tickets"
# Whether a sum may be shown depends on how many tickets were added up.
TICKETS_BEHIND = {
    "people": "accepted",
    "amount": "agreed",
    "days_to_court": "referred",
    **{f"prevented_{one}_people": f"prevented_{one}" for one in ("suicide", "criminal", "mass_petition", "mass_fight")},
}


@dataclass(frozen=True)
class Asked:
    """Who asks for what. `progress` is told (stage, done, total)."""

    session: AsyncSession
    period: Period
    viewer: Viewer
    rules: CountRules
    at: datetime
    public: bool = False
    progress: Callable[[str, int, int], None] | None = None

    def step(self, stage: str, done: int, total: int) -> None:
        if self.progress:
            self.progress(stage, done, total)


async def tally(
    asked: Asked,
    measures: Sequence[str],
    *by: str,
    period: Period | None = None,
    within: Mapping[str, str] | None = None,
) -> list[Line]:
    wanted = [MEASURES[code] for code in measures]
    chosen = period or asked.period
    return await statistics.tally(asked.session, wanted, chosen, *by, visible_to=asked.viewer, within=within)


def columns(rules: CountRules, measures: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(code, rules.measures[code], rules.unit_of(MEASURES[code])) for code in measures)


def number(measure: str, raw: int) -> int | float:
    """Money is counted in 分 and shown in 元."""
    return raw / 100 if MEASURES[measure].sums == "cents" else raw


def cell(asked: Asked, measure: str, raw: int, period: Period, within: Mapping[str, str], *, hide: bool) -> Cell:
    if hide:
        return Cell(hidden=True)
    if asked.public:
        return Cell(number(measure, raw))
    query = CountQuery(MEASURES[measure], period, within)
    return Cell(number(measure, raw), f"{TICKETS}?{urlencode(query.parameters)}")


def split_table(
    asked: Asked,
    code: str,
    title: str,
    head: str,
    split: str,
    lines: Sequence[Line],
    measures: Sequence[str],
    *,
    within: Mapping[str, str] | None = None,
    note: str = "",
) -> Table:
    """A row per value of `split`, in the order of the content, then the total."""
    given = dict(within or {})
    ordered = in_order(asked.rules, split, lines)
    hidden = {measure: _hidden(asked, measure, ordered) for measure in measures}
    rows = [
        Row(
            line.key[split],
            asked.rules.name(split, line.key[split]) or "（未填）",
            tuple(
                cell(
                    asked,
                    measure,
                    line.numbers.get(measure, 0),
                    asked.period,
                    {**given, **line.key},
                    hide=index in hidden[measure],
                )
                for measure in measures
            ),
        )
        for index, line in enumerate(ordered)
    ]
    rows.append(total_row(asked, "合计", ordered, measures, asked.period, given))
    return Table(code, title, head, columns(asked.rules, measures), tuple(rows), note)


def total_row(
    asked: Asked, name: str, lines: Sequence[Line], measures: Sequence[str], period: Period, within: Mapping[str, str]
) -> Row:
    totals = {measure: sum(line.numbers.get(measure, 0) for line in lines) for measure in measures}
    behind = {measure: sum(_behind(line, measure) for line in lines) for measure in measures}
    small = {measure for measure in measures if asked.public and 0 < behind[measure] < asked.rules.small_cell}
    cells = (cell(asked, one, totals[one], period, within, hide=one in small) for one in measures)
    return Row(TOTAL, name, tuple(cells))


def in_order(rules: CountRules, split: str, lines: Sequence[Line]) -> list[Line]:
    known = {code: index for index, code in enumerate(rules.names.get(split, {}))}
    return sorted(lines, key=lambda line: (known.get(line.key[split], len(known)), line.key[split]))


def _hidden(asked: Asked, measure: str, lines: Sequence[Line]) -> frozenset[int]:
    if not asked.public:
        return frozenset()
    return hidden_cells([_behind(line, measure) for line in lines], asked.rules.small_cell)


def _behind(line: Line, measure: str) -> int:
    return line.numbers.get(TICKETS_BEHIND.get(measure, measure), 0)
