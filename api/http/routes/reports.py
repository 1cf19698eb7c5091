"""Reports: the same numbers as JSON, spreadsheet and document."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response

from api.domain.period import Period
from api.http.deps import Now, ReadSession, StaffViewer
from api.http.schemas.reports import ReportOut
from api.services.reports.build import build
from api.services.reports.files import FORMATS

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
Kind = Annotated[str, Path(max_length=20, examples=["month"])]


@router.get(
    "/{kind}",
    response_model=ReportOut,
    responses={200: {"content": {one.media_type: {} for one in FORMATS.values()}}},
)
async def report(
    kind: Kind,
    session: ReadSession,
    viewer: StaffViewer,
    now: Now,
    period: Annotated[str, Query(max_length=20, examples=["2026-10"])],
    format: Literal["json", "xlsx", "docx"] = "json",
    audience: Literal["staff", "public"] = "staff",
) -> Response | ReportOut:
    """Counts what the caller may see. For the public, cells with few cases are hidden."""
    made = await build(session, kind, Period.parse(period), visible_to=viewer, at=now, public=audience == "public")
    if format == "json":
        return ReportOut.model_validate(made)
    file = FORMATS[format]
    content = await file.write(made)
    name = quote(f"{made.title}{made.period.zh}.{format}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(content, media_type=file.media_type, headers=headers)
