"""What a route may ask for: a session that commits once, who is asking, what time it is."""

import hmac
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.domain.access import Viewer, ViewerKind
from api.domain.errors import Forbidden, Unauthenticated
from api.http.runtime import Runtime
from api.services import accounts, tokens

COOKIE = "fengqiao_staff"


def runtime(request: Request) -> Runtime:
    built: Runtime = request.app.state.runtime
    return built


AppRuntime = Annotated[Runtime, Depends(runtime)]


async def write_session(app: AppRuntime) -> AsyncIterator[AsyncSession]:
    async with app.database.transaction() as session:
        yield session


async def read_session(app: AppRuntime) -> AsyncIterator[AsyncSession]:
    async with app.database.reading() as session:
        yield session


# scope="function": the commit happens before the answer leaves, so that nobody is told of what was not stored.
WriteSession = Annotated[AsyncSession, Depends(write_session, scope="function")]
ReadSession = Annotated[AsyncSession, Depends(read_session, scope="function")]


def now(app: AppRuntime) -> datetime:
    return app.settings.now()


Now = Annotated[datetime, Depends(now)]


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def viewer_or_none(request: Request, app: AppRuntime) -> Viewer | None:
    """The caller: our own actions, a tool with the service token, or a member of staff (token or cookie).

    Actions act for the villager of one conversation when they name it by `channel` and `sender`.
    """
    token = bearer(request)
    channel, sender = request.query_params.get("channel"), request.query_params.get("sender")
    if token and hmac.compare_digest(token.encode(), app.internal_token.encode()):
        return Viewer.applicant(channel, sender) if channel and sender else Viewer.tool("小枫")
    service = app.settings.api_token
    if token and service and hmac.compare_digest(token.encode(), service.get_secret_value().encode()):
        return Viewer.tool()
    staff_token = token or request.cookies.get(COOKIE)
    if not staff_token:
        return None
    username = tokens.read_token(staff_token, secret=app.settings.secret_key.get_secret_value())
    async with app.database.reading() as session:
        return await accounts.viewer_of(session, username)


async def viewer(found: Annotated[Viewer | None, Depends(viewer_or_none)]) -> Viewer:
    if found is None:
        raise Unauthenticated("请先登录。")
    return found


async def staff(found: Annotated[Viewer, Depends(viewer)]) -> Viewer:
    """Staff or a tool; a villager's own view is not enough."""
    if found.kind is ViewerKind.APPLICANT:
        raise Forbidden("这一项只有工作人员能办。")
    return found


async def admin(found: Annotated[Viewer, Depends(viewer)]) -> Viewer:
    """Administrators and tools: whoever may change the directory and the policy."""
    if found.kind is not ViewerKind.TOOL and found.role != "admin":
        raise Forbidden("这一项只有系统管理员能办。")
    return found


CurrentViewer = Annotated[Viewer, Depends(viewer)]
OptionalViewer = Annotated[Viewer | None, Depends(viewer_or_none)]
AdminViewer = Annotated[Viewer, Depends(admin)]
StaffViewer = Annotated[Viewer, Depends(staff)]
