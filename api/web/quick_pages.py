"""随手调 on a phone: a page that opens without a network, keeps what was written, and sends it when it can."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from api.http.deps import AppRuntime
from api.web.console import Staff
from api.web.pages import HEADERS, PageRoute, templates
from knowledge_base.desk.quick import load_quick

RULES = load_quick()
STATIC = Path(__file__).parent / "static"
POLICY = HEADERS["Content-Security-Policy"] + "; script-src 'self'; connect-src 'self'; worker-src 'self'"

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("/quick")
async def quick_page(request: Request, app: AppRuntime, viewer: Staff) -> HTMLResponse:
    values = {
        "viewer": viewer,
        "results": {code: one["zh"] for code, one in RULES["results"].items()},
        "categories": {code: one.zh for code, one in app.policy.categories.items()},
    }
    headers = HEADERS | {"Content-Security-Policy": POLICY}
    return templates.TemplateResponse(request, "quick.html", values, headers=headers)


@router.get("/quick-worker.js")
async def quick_worker() -> FileResponse:
    """Its scope is this one page: nothing else of the console is ever kept on a phone."""
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(STATIC / "quick-worker.js", media_type="text/javascript", headers=headers)
