"""What would happen to a dispute: nothing is stored."""

from fastapi import APIRouter

from api.http.deps import CurrentViewer, Now, ReadSession
from api.http.desk_deps import CurrentDesk
from api.http.desk_view import routing_out
from api.http.schemas.desk import FactsIn, RoutingOut
from api.services import routing

router = APIRouter(prefix="/api/v1/routing", tags=["routing"])


@router.post("/preview")
async def preview(
    body: FactsIn, session: ReadSession, desk: CurrentDesk, now: Now, _viewer: CurrentViewer
) -> RoutingOut:
    """Tier, organisation, mediator, due times, and every reason. Unknown facts are refused with 422."""
    return routing_out(await routing.preview(session, desk, body.facts, now), desk.policy)
