"""One place that turns errors into HTTP: `{"error": code, "detail": 中文}`."""

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.db import records
from api.domain import errors
from api.http.runtime import Runtime
from knowledge_base.wording import load_field_names

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.InvalidInput, 422),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Unavailable, 503),
)
PLAIN = {404: "没有这个地址", 405: "这个地址不支持这种请求方式", 413: "内容太大", 429: "请求太频繁，请稍后再试"}


def rendered(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": code, "detail": detail, **more}, status_code=status)


def status_of(error: errors.DomainError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


async def domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.DomainError)
    if isinstance(error, errors.NotYours):
        await keep_refusal(request, error)
    detail = in_chinese(error.detail, str(error.more.get("field", "")))
    return rendered(status_of(error), error.code, detail, **error.more)


@cache
def field_names() -> Mapping[str, str]:
    return load_field_names()


def in_chinese(detail: str, field: str) -> str:
    """A sentence that names the field by its code, with its name."""
    return detail.replace(f"“{field}”", f"“{field_name(field)}”") if field else detail


def field_name(field: str) -> str:
    """Of a path (applicant.phone, entries.0.place) the name of its last part; without one, the path itself."""
    last = [part for part in field.split(".") if not part.isdecimal()][-1:]
    return field_names().get("".join(last), field)


async def keep_refusal(request: Request, error: errors.NotYours) -> None:
    """The request's own transaction is rolled back by now, so this one stands alone."""
    app: Runtime = request.app.state.runtime
    log.warning("%s may not see ticket %s", error.actor, error.ticket)
    async with app.database.transaction() as session:
        records.note_refusal(session, error, at=app.settings.now())


async def malformed(_request: Request, error: Exception) -> JSONResponse:
    """The body or a parameter has the wrong shape; say which field, in Chinese, without echoing its value."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return rendered(400, "invalid_json", "请求内容不是正确的 JSON")
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    return rendered(422, "invalid_request", f"“{field_name(field) or '请求内容'}”缺少或格式不对", field=field)


async def plain_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        return rendered(400, "invalid_json", "请求内容读不出来，请检查编码和格式")
    return rendered(error.status_code, f"http_{error.status_code}", PLAIN.get(error.status_code, "请求没有成功"))


async def unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error at %s", request.url.path, exc_info=error)
    return rendered(500, "internal_error", "系统出了问题，已记录。急事请拨打 12348 或直接联系村（社区）调解员。")


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.DomainError, domain_error)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, plain_http)
    app.add_exception_handler(Exception, unexpected)
