"""Rendering of the console's pages, also of what went wrong: a person never sees raw JSON."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates

from api.domain.deadline import LOCAL
from api.domain.errors import DomainError, Unauthenticated
from api.domain.lifecycle import MOVE_ZH
from api.http.deps import COOKIE
from api.http.errors import status_of

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# For pages that follow something: a script of ours, and nothing but our own interface.
SCRIPTED = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; script-src 'self'; connect-src 'self'"
}
WARNINGS = {"general": "一般", "larger": "较大", "major": "重大"}
ASKED_TWICE = ("assign", "merge", "withdraw", "refuse", "record_agreement", "close")  # not with one touch of a thumb
CHANNELS = {
    "web": "网页",
    "wechat": "微信",
    "hotline": "热线",
    "chatwoot": "Chatwoot",
    "console": "工作台",
    "import": "批量导入",
    "quick": "随手调",
}
ATTENTION = {
    "abuse": "有辱骂，请督导看一下",
    "crisis": "有危险",
    "bot_unavailable": "机器人没能回答",
    "unreachable": "微信送不到，请打电话",
}

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
templates.env.filters["local"] = lambda at: at.astimezone(LOCAL).strftime("%m-%d %H:%M") if at else ""
templates.env.globals.update(
    WARNINGS=WARNINGS, CHANNELS=CHANNELS, ATTENTION=ATTENTION, MOVE_ZH=MOVE_ZH, ASKED_TWICE=ASKED_TWICE
)


def page(request: Request, name: str, *, status: int = 200, scripted: bool = False, **values: Any) -> HTMLResponse:
    headers = SCRIPTED if scripted else HEADERS
    return templates.TemplateResponse(request, f"{name}.html", values, status_code=status, headers=headers)


def go(path: str) -> RedirectResponse:
    return RedirectResponse(f"/console/{path}", status_code=303)


class PageRoute(APIRoute):
    """Sends who is not logged in to the login page, and shows every other refusal as a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except Unauthenticated:
                answer = go("login?expired=1" if COOKIE in request.cookies else "login")
                answer.delete_cookie(COOKIE)
                return answer
            except DomainError as error:
                return page(request, "problem", status=status_of(error), detail=error.detail)
            except RequestValidationError:
                return page(request, "problem", status=422, detail="这一页的地址或填写的内容不对，请返回重新填写。")

        return shown
