"""Papers of a ticket as docx, and the packet for the court."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from api.http.deps import AppRuntime, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import CurrentDesk
from api.http.routes.papers import DOCX
from api.services import documents, packets

router = APIRouter(prefix="/api/v1/tickets/{no}", tags=["documents"])
Number = Annotated[str, Path(max_length=40, examples=["T-20261120-0001"])]
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
ZIP = "application/zip"


@router.get("/documents/{code}", response_class=Response, responses={200: {"content": {DOCX: {}}}})
async def document(
    no: Number,
    code: Annotated[str, Path(max_length=40, examples=list(documents.MADE))],
    session: ReadSession,
    app: AppRuntime,
    desk: CurrentDesk,
    viewer: StaffViewer,
) -> Response:
    """Filled from the records of the ticket; what nobody recorded stays marked on the paper."""
    made = await documents.document(session, app.papers, desk, no, code, visible_to=viewer)
    return Response(made.content, media_type=DOCX, headers=PRIVATE | {"Content-Disposition": made.disposition})


@router.post("/packets/confirmation", response_class=Response, responses={200: {"content": {ZIP: {}}}})
async def confirmation(
    no: Number, session: WriteSession, app: AppRuntime, desk: CurrentDesk, viewer: StaffViewer, now: Now
) -> Response:
    """Agreement and joint application (docx), the facts (JSON) and SHA256SUMS; its digest stays in the history."""
    made = await packets.confirmation_packet(session, desk, app.papers, no, by=viewer, at=now)
    name = f"attachment; filename*=UTF-8''{quote(made.name)}"
    headers = PRIVATE | {"Content-Disposition": name, "X-Content-SHA256": made.sha256}
    return Response(made.content, media_type=ZIP, headers=headers)
