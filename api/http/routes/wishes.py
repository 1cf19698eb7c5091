"""Which sum or which paper a message asks for."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from api.http.deps import AppRuntime
from api.http.schemas.work import SaidIn

router = APIRouter(prefix="/api/v1", tags=["wishes"])


class WishIn(SaidIn):
    """`act` is the bot's reading: calculate or draft_paper."""

    act: Annotated[str, Field(max_length=40)] = ""


@router.post("/wishes")
async def wishes(body: WishIn, app: AppRuntime) -> dict[str, Any]:
    """`wish` with the facts the words already give, or null; `options` to choose from."""
    return {"wish": app.wisher.find(body.text, body.found, body.act), "options": app.wisher.options(body.act)}
