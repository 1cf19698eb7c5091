"""Reports on the console: the numbers, each a link to its tickets, and the same as files."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput
from api.domain.period import Period
from api.http.deps import Now, ReadSession
from api.services.count_rules import count_rules
from api.services.reports.build import BUILDERS, build
from api.services.reports.counts import TICKETS
from api.services.reports.files import FORMATS
from api.web.console import Staff
from api.web.pages import PageRoute, page

router = APIRouter(prefix="/console/reports", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def show(
    request: Request,
    session: ReadSession,
    staff: Staff,
    now: Now,
    kind: Annotated[str, Query(max_length=20)] = "month",
    period: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """Without a period the one before today's, which is over."""
    described = count_rules().content["reports"]
    if kind not in BUILDERS:
        raise InvalidInput("没有这种报表")
    today = now.astimezone(LOCAL).date()
    when = Period.parse(period) if period else Period.of(described[kind]["periods"][0], today).previous
    report = await build(session, kind, when, visible_to=staff, at=now)
    kinds = {code: described[code]["title"] for code in BUILDERS}
    return page(request, "report", viewer=staff, report=report, kinds=kinds, formats=FORMATS, link=console_link)


def console_link(query: str) -> str:
    """Where the console shows what a query of the API lists; nothing for what it has no page for."""
    if query.startswith(f"{TICKETS}?"):
        return f"/console/tickets?show=all&{query.removeprefix(f'{TICKETS}?')}"
    if query.startswith(f"{TICKETS}/"):
        return f"/console/tickets/{query.removeprefix(f'{TICKETS}/')}"
    return ""
