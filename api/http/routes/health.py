"""Alive, ready, and how much work was done."""

import time
from collections.abc import Awaitable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.domain.errors import DomainError
from api.http.deps import AppRuntime

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    return {"status": "ok"}


async def probe(work: Awaitable[object]) -> str:
    """ "ok", or in one sentence why not. A probe reports every failure; it never raises."""
    try:
        await work
    except DomainError as error:
        return error.detail
    except Exception as error:
        return type(error).__name__
    return "ok"


@router.get("/readyz")
async def ready(app: AppRuntime) -> JSONResponse:
    """200 only when the database, the bot with its model, and the actions behind it really answer."""
    started = time.perf_counter()
    parts = {
        "database": await probe(app.database.ping()),
        "bot": await probe(app.bot.ready()),
    }
    good = all(state == "ok" for state in parts.values())
    body = {"ready": good, "parts": parts, "ms": round((time.perf_counter() - started) * 1000)}
    return JSONResponse(body, status_code=200 if good else 503)


@router.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
