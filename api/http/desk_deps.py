"""Dependencies of the dispute desk's routes."""

from typing import Annotated

from fastapi import Depends, Header, Request

from api.domain.errors import InvalidInput
from api.http.deps import AppRuntime
from api.services.routing import RoutingDesk


def routing_desk(request: Request, app: AppRuntime) -> RoutingDesk:
    """One per process; it keeps the directory in memory."""
    state = request.app.state
    if not hasattr(state, "routing_desk"):
        state.routing_desk = RoutingDesk(app.policy)
    desk: RoutingDesk = state.routing_desk
    return desk


def idempotency_key(
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
) -> str | None:
    return key


def if_match(
    tag: Annotated[str | None, Header(alias="If-Match", max_length=40, examples=['"7"'])] = None,
) -> int | None:
    """The version of the ticket the caller looked at, as its ETag says it. Raises InvalidInput for anything else."""
    if tag is None or tag.strip() == "*":
        return None
    number = tag.strip().removeprefix("W/").strip('"')
    if not number.isdecimal():
        raise InvalidInput('If-Match 要写工单的版本号，例如 "7"', code="bad_version")
    return int(number)


CurrentDesk = Annotated[RoutingDesk, Depends(routing_desk)]
IfMatch = Annotated[int | None, Depends(if_match)]
IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]
