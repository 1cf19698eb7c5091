"""Papers: fill the blanks, keep a draft, fetch the docx behind its link."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.http.deps import AppRuntime, CurrentViewer, Now, ReadSession, WriteSession
from api.http.desk_deps import CurrentDesk
from api.http.schemas.work import AnswerIn, CalculateIn, PaperIn, PaperOut, PaperReadOut, SaidIn
from api.services import papers

router = APIRouter(prefix="/api/v1/papers", tags=["papers"])
downloads = APIRouter(tags=["papers"])
Code = Annotated[str, Path(max_length=40, examples=["mediation_application"])]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("")
async def listing(app: AppRuntime) -> dict[str, list[dict[str, Any]]]:
    """All papers with their blanks."""
    return {"papers": app.papers.listing()}


@router.post("/{code}", status_code=201)
async def make(
    code: Code,
    body: PaperIn,
    session: WriteSession,
    app: AppRuntime,
    desk: CurrentDesk,
    viewer: CurrentViewer,
    now: Now,
) -> PaperOut:
    """Keeps a draft. With `ticket` its blanks come from the ticket, as far as the caller may see it."""
    made = await papers.make(
        session, app.papers, desk, code, body.fields, ticket_no=body.ticket, visible_to=viewer, at=now
    )
    return PaperOut.model_validate(made)


@router.post("/{code}/read")
async def read(code: Code, body: CalculateIn, app: AppRuntime) -> PaperReadOut:
    """What is known and what is asked next; nothing is stored."""
    return PaperReadOut.model_validate(app.papers.read(code, body.facts))


@router.post("/{code}/answer")
async def read_answer(code: Code, body: AnswerIn, app: AppRuntime) -> dict[str, Any]:
    """The value of one blank in the words of an answer; 422 with what to say when it is none."""
    return {"facts": app.papers.answer(code, body.field, body.text, body.found)}


@router.post("/{code}/prefill")
async def prefill(code: Code, body: SaidIn, app: AppRuntime) -> dict[str, Any]:
    """What a message already says about the blanks of this paper."""
    return {"facts": app.papers.prefill(code, body.text, body.found)}


@downloads.get("/papers/{token}", response_class=Response, responses={200: {"content": {DOCX: {}}}})
async def download(
    token: Annotated[str, Path(max_length=300)], session: ReadSession, app: AppRuntime, now: Now
) -> Response:
    """The docx; whoever has the link has the paper, so nothing on the way may keep it."""
    draft = await papers.fetch(session, app.papers, token, at=now)
    headers = {
        "Content-Disposition": draft.disposition,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(draft.content, media_type=DOCX, headers=headers)
