"""Dependencies of the dispute desk's routes."""

from typing import Annotated

from fastapi import Depends, Header, Request

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


CurrentDesk = Annotated[RoutingDesk, Depends(routing_desk)]
IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]
