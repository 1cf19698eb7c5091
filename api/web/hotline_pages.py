"""The operator's page: what rings, who waits, and a pad to write on while listening, with live hints beside it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.domain.errors import Forbidden
from api.http.deps import AppRuntime, ReadSession
from api.services import callbacks, conversations
from api.web.console import Staff
from api.web.pages import PageRoute, page
from knowledge_base.operators import load_operator_rules

router = APIRouter(prefix="/console/hotline", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def pad(request: Request, app: AppRuntime, session: ReadSession, staff: Staff) -> HTMLResponse:
    if not staff.everything:
        raise Forbidden("热线台只有坐席和督导能用。")
    rules = load_operator_rules()
    categories = [(code, category.zh) for code, category in app.policy.categories.items()]
    return page(
        request,
        "hotline",
        scripted=True,
        viewer=staff,
        talks=await conversations.queue(session, viewer=staff),
        callbacks=await callbacks.listed(session),
        outcomes=rules.outcomes,
        clocks=rules.clocks,
        categories=categories,
    )
