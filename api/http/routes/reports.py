"""Reports: the same numbers as JSON, spreadsheet and document."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from api.domain.period import Period
from api.http.deps import AdminViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.routes.directory_files import body_of
from api.http.schemas.directory import RowErrorOut
from api.http.schemas.reports import CourtImportOut, ReportOut
from api.services.count_rules import count_rules
from api.services.court_figures import import_figures
from api.services.directory_rules import directory_rules
from api.services.directory_tables import limits
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


@router.post("/court-figures")
async def import_court_figures(
    request: Request, session: WriteSession, _viewer: AdminViewer, now: Now, dry_run: bool = False
) -> CourtImportOut:
    """The body is the file itself (xlsx, or csv in UTF-8 or GBK): place, period, cases. Bad rows are listed."""
    directory = directory_rules()
    content = await body_of(request, limits(directory).bytes)
    report = await import_figures(session, directory, count_rules(), content, at=now, dry_run=dry_run)
    errors = [RowErrorOut(sheet=one.sheet, row=one.row, column=one.column, why=one.why) for one in report.errors]
    return CourtImportOut(
        dry_run=dry_run,
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        errors=errors,
        text=report.text,
    )
