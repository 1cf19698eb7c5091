"""Which reports there are, and how one is made."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.domain.access import Viewer
from api.domain.errors import InvalidInput
from api.domain.period import Period
from api.services.count_rules import count_rules
from api.services.reports import month
from api.services.reports.analysis import analysis
from api.services.reports.counts import Asked
from api.services.reports.flow import flow
from api.services.reports.heat import heat
from api.services.reports.litigation import litigation, villages
from api.services.reports.model import Report, Section

Builder = Callable[[Asked], Awaitable[list[Section]]]
BUILDERS: Mapping[str, Builder] = {
    "day": month.brief,
    "week": month.brief,
    "month": month.month,
    "flow": flow,
    "analysis": analysis,
    "heat": heat,
    "litigation": litigation,
    "villages": villages,
}


async def build(
    session: AsyncSession,
    kind: str,
    period: Period,
    *,
    visible_to: Viewer,
    at: datetime,
    public: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Raises InvalidInput for an unknown kind or a period that does not suit it."""
    if kind not in BUILDERS:
        raise InvalidInput(f"没有这种报表：{kind[:20]}；可用：{'、'.join(BUILDERS)}", code="unknown_report")
    rules = count_rules()
    described = rules.content["reports"][kind]
    if period.kind not in described["periods"]:
        raise InvalidInput(f"{described['title']}不能按这种时间段出：{period.code}", code="bad_period")
    if public and described.get("internal"):
        raise InvalidInput(
            rules.content["notes"]["no_public"].format(title=described["title"]), code="no_public_version"
        )
    asked = Asked(session, period, visible_to, rules, at, public, progress)
    sections = await BUILDERS[kind](asked)
    notes = rules.content["notes"]
    kept = notes["public" if public else "internal"].format(k=rules.small_cell)
    about = Section("说明", (notes["counting"], kept))
    return Report(kind, described["title"], period, scope_of(visible_to), at, public, (*sections, about))


def scope_of(viewer: Viewer) -> str:
    """Whose tickets are counted, in words."""
    if viewer.everything:
        return "全部"
    return f"{viewer.scope}" if viewer.scope else f"{viewer.name}所在单位经手的"
