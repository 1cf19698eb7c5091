"""Numbers of the work beside tickets: sweeps, meetings, outreach, courses, suggestions … each listing its records."""

from datetime import timedelta
from urllib.parse import urlencode

from api.db import work
from api.db.work import WorkFilter
from api.domain.deadline import LOCAL
from api.services.reports.counts import Asked
from api.services.reports.model import Cell, Column, Row, Section, Table
from api.services.work_rules import rules_of

PATH = "/api/v1/work"


async def work_beside(asked: Asked) -> Section:
    """Of the period by their own day; what is late is late on the day the report is made."""
    unit, notes = asked.rules.unit, asked.rules.content["notes"]
    heads = (Column("records", "本期", unit), Column("waiting", "其中没有办完", unit), Column("late", "其中逾期", unit))
    rows = tuple([await _row(asked, code) for code in asked.rules.content["work_counted"]])
    return Section("工单以外的工作", (notes["work"],), (Table("work", "工单以外的工作", "工作", heads, rows),))


async def _row(asked: Asked, code: str) -> Row:
    kind = rules_of(code).kind
    since, until = asked.period.first, asked.period.after - timedelta(days=1)
    today = asked.at.astimezone(LOCAL).date()
    inside = WorkFilter(since=since, until=until)
    late = WorkFilter(since=since, until=until, late_on=today)
    session, viewer = asked.session, asked.viewer
    days = {"since": since.isoformat(), "until": until.isoformat()}
    return Row(
        code,
        kind.zh,
        (
            Cell(await work.number(session, kind, inside, visible_to=viewer), f"{PATH}/{code}?{urlencode(days)}"),
            Cell(await work.number(session, kind, inside, visible_to=viewer, waiting=True)),
            Cell(
                await work.number(session, kind, late, visible_to=viewer),
                f"{PATH}/{code}?{urlencode(days | {'late_on': today.isoformat()})}",
            ),
        ),
    )
