"""Rasa's action endpoint, mounted in the app; only loopback may call it."""

import json
import zlib
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException

from api.domain.errors import Forbidden, InvalidInput
from api.http.deps import AppRuntime

router = APIRouter(tags=["actions"], include_in_schema=False)

MAX_BODY = 8 * 1024 * 1024


def from_loopback(request: Request) -> bool:
    host = request.client.host if request.client else ""
    if host in ("testclient", "localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj()
    plain = inflater.decompress(body, MAX_BODY)
    if inflater.unconsumed_tail:
        raise InvalidInput("动作请求过大")
    return plain


async def read_call(request: Request) -> dict[str, Any]:
    """The action call; Rasa may deflate it. Our actions never look at the domain, so it need not be sent.

    Raises InvalidInput for what no bot sends.
    """
    body = await request.body()
    try:
        if request.headers.get("content-encoding") == "deflate":
            body = inflated(body)
        call = json.loads(body)
    except (zlib.error, ValueError) as error:
        raise InvalidInput("动作请求读不出来") from error
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
        raise InvalidInput("动作请求缺少会话")
    return {"domain": {}, **call}


@router.post("/webhook")
async def run_action(request: Request, app: AppRuntime) -> JSONResponse:
    """Status codes as Rasa expects them: 400 rejected, 404 unknown action, 449 send the domain along."""
    if not from_loopback(request) or "x-forwarded-for" in request.headers:
        raise Forbidden("动作接口只供本机的机器人调用。")
    call = await read_call(request)
    name = str(call.get("next_action"))
    try:
        result = await app.executor.run(call)
    except ActionExecutionRejection as error:
        return JSONResponse({"error": str(error), "action_name": error.action_name}, status_code=400)
    except ActionNotFoundException as error:
        return JSONResponse({"error": str(error), "action_name": error.action_name}, status_code=404)
    except ActionMissingDomainException as error:
        return JSONResponse({"error": str(error), "action_name": error.action_name}, status_code=449)
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": [], "action": name})


@router.get("/webhook/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
