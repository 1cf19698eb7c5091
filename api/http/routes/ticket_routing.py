"""How a ticket came to where it is, deciding otherwise, and tickets like it."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.db import routing_log
from api.http.deps import CurrentViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.desk_deps import CurrentDesk, IdempotencyKey
from api.http.desk_view import ticket_out
from api.http.schemas import directory as out
from api.http.schemas.desk import TicketOut
from api.services import override as overriding
from api.services import similar, tickets

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Number = Annotated[str, Path(max_length=40, examples=["T-20261120-0001"])]


@router.get("/{no}/similar")
async def similar_tickets(
    no: Number, session: ReadSession, desk: CurrentDesk, viewer: CurrentViewer, now: Now
) -> out.SimilarOut:
    """Open tickets that may be the same dispute, and others against the same respondent; only what one may see."""
    row = await tickets.get(session, no, visible_to=viewer)
    found = await similar.similar_open(session, row, desk.policy.similarity, visible_to=viewer, at=now)
    duplicates = [out.LikenessOut(no=one.no, points=one.points, why=list(one.why)) for one in found.duplicates]
    many = found.batch
    batch = (
        out.BatchOut(respondent=many.respondent, count=many.count, tickets=list(many.tickets), offered=many.offered)
        if many
        else None
    )
    return out.SimilarOut(duplicates=duplicates, batch=batch)


@router.get("/{no}/routing")
async def routing_of_ticket(no: Number, session: ReadSession, viewer: StaffViewer) -> list[out.RoutingRecordOut]:
    """Every decision with its reasons and the version of the policy, oldest first."""
    row = await tickets.get(session, no, visible_to=viewer)
    return [
        out.RoutingRecordOut(
            at=one.at,
            kind=one.kind,
            policy=one.policy,
            tier=one.tier,
            organisation=one.organisation_id,
            mediator=one.mediator_id,
            flags=one.flags,
            reasons=one.reasons,
            rejected=one.rejected,
            actor=one.actor,
            note=one.note,
        )
        for one in await routing_log.of_ticket(session, row)
    ]


@router.post("/{no}/routing/override")
async def override(
    no: Number,
    body: out.OverrideIn,
    session: WriteSession,
    desk: CurrentDesk,
    viewer: StaffViewer,
    now: Now,
    key: IdempotencyKey,
) -> TicketOut:
    """Another organisation or mediator than the rules chose; a written reason is needed."""
    wanted = overriding.Override(body.organisation, body.mediator, body.reason)
    row = await overriding.override(session, desk, no, wanted, by=viewer, at=now, key=key)
    return ticket_out(row, desk.policy, viewer, [], now=now, lacking=await tickets.lacking(session, row))
