"""The directory as files: template, export, import with errors by row."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.domain.errors import InvalidInput
from api.http.deps import AdminViewer, ReadSession, StaffViewer, WriteSession
from api.http.schemas.directory import ImportOut, RowErrorOut
from api.services import directory_export
from api.services.directory_import import import_directory
from api.services.directory_rules import directory_rules
from api.services.directory_tables import limits

router = APIRouter(prefix="/api/v1/directory", tags=["directory"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attachment(content: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/template.xlsx")
async def template(_viewer: StaffViewer) -> Response:
    """Empty tables with the right headers, and a page that explains every column."""
    return attachment(directory_export.template_file(directory_rules()), "template.xlsx", XLSX)


@router.get("/export")
async def export(
    session: ReadSession,
    _viewer: AdminViewer,
    kind: Literal["xlsx", "csv"] = "xlsx",
    sheet: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """All three tables as xlsx, or one of them (`places`, `organisations`, `members`) as csv."""
    content = await directory_export.as_file(session, directory_rules(), kind=kind, sheet=sheet)
    return attachment(content, f"directory.{kind}", XLSX if kind == "xlsx" else "text/csv; charset=utf-8")


@router.post("/import")
async def import_file(
    request: Request, session: WriteSession, _viewer: AdminViewer, dry_run: bool = False
) -> ImportOut:
    """The body is the file itself (xlsx, or csv in UTF-8 or GBK). Good rows are taken, bad ones are listed."""
    rules = directory_rules()
    content = await body_of(request, limits(rules).bytes)
    report = await import_directory(session, rules, content, dry_run=dry_run)
    errors = [RowErrorOut(sheet=one.sheet, row=one.row, column=one.column, why=one.why) for one in report.errors]
    return ImportOut(
        dry_run=dry_run,
        created=dict(report.created),
        updated=dict(report.updated),
        unchanged=dict(report.unchanged),
        errors=errors,
        text=report.text,
    )


async def body_of(request: Request, most: int) -> bytes:
    """Stops reading as soon as it is too much."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise InvalidInput(f"文件太大，最多 {most // 1_000_000} MB", code="too_large")
        parts.append(part)
    if not size:
        raise InvalidInput("没有收到文件", code="unreadable_file")
    return b"".join(parts)
