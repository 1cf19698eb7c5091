"""Evidence files of a ticket: add, list, download."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from api.db.tables.evidence import EvidenceRow
from api.domain.errors import InvalidInput
from api.http.deps import AppRuntime, CurrentViewer, Now, ReadSession, WriteSession
from api.services import evidence, tickets
from api.services.antivirus import scan
from api.services.evidence_files import EvidenceStore, too_large
from api.settings import Settings
from knowledge_base.evidence import load_evidence_rules

router = APIRouter(prefix="/api/v1/tickets/{no}/evidence", tags=["evidence"])
RULES = load_evidence_rules()
ENVELOPE = 10_000
Number = Annotated[str, Path(max_length=40)]


class EvidenceOut(BaseModel):
    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime


def shown(row: EvidenceRow) -> EvidenceOut:
    return EvidenceOut(id=row.id, name=row.name, media_type=row.media_type, size=row.size, sha256=row.digest, at=row.at)


def files_of(settings: Settings) -> EvidenceStore:
    return EvidenceStore(settings.evidence_address)


async def sent_file(request: Request) -> tuple[str, bytes]:
    """The part called `file`. What says it is too large, or does not say how large it is, is not even read."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > RULES["most_bytes"] + ENVELOPE:
        raise too_large(RULES)
    async with request.form(max_files=1, max_fields=4) as form:
        part = form.get("file")
        if not isinstance(part, UploadFile):
            raise InvalidInput(RULES["wording"]["empty"], code="empty")
        return part.filename or "", await part.read()


@router.post("", status_code=201)
async def add(
    no: Number, request: Request, session: WriteSession, app: AppRuntime, viewer: CurrentViewer, now: Now
) -> EvidenceOut:
    """multipart/form-data with one part `file`. The same file again answers with the one already there."""
    await tickets.get(session, no, visible_to=viewer)
    name, content = await sent_file(request)
    await scan(app.settings.antivirus_command, content)
    files = files_of(app.settings)
    row = await evidence.add(session, files, RULES, no, name=name, content=content, by=viewer, at=now)
    return shown(row)


@router.get("")
async def listed(no: Number, session: ReadSession, viewer: CurrentViewer) -> list[EvidenceOut]:
    return [shown(row) for row in await evidence.listed(session, no, visible_to=viewer)]


@router.get("/{evidence_id}")
async def download(
    no: Number,
    evidence_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    session: ReadSession,
    app: AppRuntime,
    viewer: CurrentViewer,
) -> Response:
    """Always saved, never shown inside our own site."""
    row, content = await evidence.fetch(session, files_of(app.settings), no, evidence_id, visible_to=viewer)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=row.media_type, headers=headers)
