"""What would happen to a dispute: nothing is stored."""

import asyncio

from fastapi import APIRouter

from api.http.deps import AdminViewer, CurrentViewer, Now, ReadSession, StaffViewer
from api.http.desk_deps import CurrentDesk
from api.http.desk_view import routing_out
from api.http.schemas.desk import FactsIn, RoutingOut
from api.http.schemas.directory import PolicyOut
from api.services import routing
from api.services.policy_file import reread

router = APIRouter(prefix="/api/v1/routing", tags=["routing"])


@router.post("/preview")
async def preview(
    body: FactsIn, session: ReadSession, desk: CurrentDesk, now: Now, _viewer: CurrentViewer
) -> RoutingOut:
    """Tier, organisation, mediator, due times, and every reason. Unknown facts are refused with 422."""
    return routing_out(await routing.preview(session, desk, body.facts, now), desk.policy, now=now)


@router.get("/policy")
async def policy(desk: CurrentDesk, _viewer: StaffViewer) -> PolicyOut:
    """Which version of the policy this process works with; decisions name the version they were made under."""
    return PolicyOut(version=desk.policy.version, changed=False, problems=[])


@router.post("/policy/reload")
async def reload_policy(desk: CurrentDesk, _viewer: AdminViewer) -> PolicyOut:
    """Read the policy files anew. With `problems` nothing was changed and the old version goes on working."""
    desk.policy, report = await asyncio.to_thread(reread, desk.policy)
    return PolicyOut(version=report.version, changed=report.changed, problems=list(report.problems))
