"""Tickets in the forms of others."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response

from api.domain.period import Period
from api.http.deps import ReadSession, StaffViewer
from api.services import ticket_export

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}


@router.get("")
async def listing(_viewer: StaffViewer) -> list[dict[str, Any]]:
    """All forms with their columns; `personal` ones hold names and are for administrators."""
    return [{"form": name, **form} for name, form in ticket_export.forms().items()]


@router.get("/{form}", response_class=Response, responses={200: {"content": {one: {} for one in MEDIA.values()}}})
async def export(
    form: Annotated[str, Path(max_length=40, examples=["province"])],
    session: ReadSession,
    viewer: StaffViewer,
    period: Annotated[str, Query(max_length=20, examples=["2026-10"])],
    format: Literal["xlsx", "csv"] = "xlsx",
) -> Response:
    """What the caller may see of the period, one row per ticket; duplicates stand with their master."""
    when = Period.parse(period)
    content = await ticket_export.export(session, form, when, kind=format, visible_to=viewer)
    name = quote(f"{ticket_export.forms()[form]['zh']}{when.zh}.{format}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[format], headers=headers)
