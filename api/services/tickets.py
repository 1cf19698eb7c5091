"""Opening a ticket and moving it through its life. Nothing here commits."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations, records, routing_log, tickets
from api.db.tables.desk import TicketRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer, ViewerKind, may_move
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, NotYours
from api.domain.history import replay
from api.domain.lifecycle import MOVE_ZH, TRANSITIONS, Move, Status
from api.domain.needs import NOTHING, Needs
from api.domain.needs import lacking as unmet
from api.domain.policy import WarningLevel
from api.domain.records import check_version
from api.domain.ticket import Target, Ticket, apply
from api.services import casefile, clocks, counting, impartial, rights, shares, ticket_opening
from api.services.desk_rules import desk_rules
from api.services.routing import RoutingDesk, facts_of
from api.services.ticket_opening import Application

MISSING = "没有这张工单，或者您无权查看"
PAGE = 100


@dataclass(frozen=True)
class MoveRequest:
    """A move as asked for from outside; names or ids, resolved against the directory.

    `consents`: the sides that agree to an extension. `guidance`: where else to go, added to the rights notice.
    `version`: of the ticket as the caller last saw it; None: whatever it is now.
    """

    note: str = ""
    organisation: str = ""
    mediator: str = ""
    ticket: str = ""
    warning_level: str = ""
    consents: frozenset[str] = frozenset()
    guidance: str = ""
    version: int | None = None
    key: str | None = field(default=None)


async def open_ticket(
    session: AsyncSession, desk: RoutingDesk, application: Application, *, by: Viewer, at: datetime, key: str | None
) -> TicketRow:
    """Routes and stores. The same key again returns the same ticket; with other content it raises Conflict.

    Raises InvalidInput(code="not_mediable") with the right door when mediation cannot take the case.
    """
    if by.kind is ViewerKind.APPLICANT and (by.channel, by.sender) != (application.channel, application.sender):
        raise Forbidden("只能为自己的会话登记")
    ticket_opening.check_parties(application)
    return await ticket_opening.open_ticket(session, desk, application, by=by, at=at, key=key)


async def get(session: AsyncSession, no: str, *, visible_to: Viewer) -> TicketRow:
    """Raises NotFound for a ticket that is not there or not theirs to see."""
    row = await tickets.find(session, no, visible_to=visible_to)
    if row is None:
        raise await unseen(session, no, visible_to)
    return row


async def find_for(session: AsyncSession, no: str, viewer: Viewer) -> TicketRow | None:
    return await tickets.find(session, no, visible_to=viewer)


async def unseen(session: AsyncSession, no: str, viewer: Viewer) -> NotFound:
    """The same words either way; a look at somebody else's ticket is told apart only for the record of refusals."""
    if await records.exists_at_all(session, no):
        return NotYours(
            MISSING, ticket=no, actor=viewer.actor, actor_name=viewer.name, organisation=viewer.organisation
        )
    return NotFound(MISSING)


async def list_queue(
    session: AsyncSession, wanted: QueueFilter, *, visible_to: Viewer, limit: int = 50
) -> list[TicketRow]:
    return list(await tickets.queue(session, wanted, visible_to=visible_to, limit=min(limit, PAGE)))


async def numbers_of(session: AsyncSession, *, channel: str, sender: str, visible_to: Viewer) -> list[str]:
    """Oldest first."""
    return await tickets.numbers_of(session, channel=channel, sender=sender, visible_to=visible_to)


async def history_is_genuine(session: AsyncSession, no: str, *, visible_to: Viewer) -> bool:
    """True when the stored events rebuild exactly the stored ticket."""
    row = await get(session, no, visible_to=visible_to)
    try:
        return replay([tickets.event_of(row.no, event) for event in row.events]) == tickets.to_domain(row)
    except InvalidInput:
        return False


async def move(
    session: AsyncSession, desk: RoutingDesk, no: str, move: Move, request: MoveRequest, *, by: Viewer, at: datetime
) -> TicketRow:
    """One step. Raises NotFound, Forbidden, TransitionNotAllowed, InvalidInput; Conflict when somebody was faster."""
    row = await _locked(session, no, move, request, by)
    if _repeated(row, move, request):
        return row
    check_version(request.version, row.version)
    before = tickets.to_domain(row)
    if not may_move(by, before, move):
        raise Forbidden(f"您没有权限{MOVE_ZH[move]}")
    target, plan = await _target(session, desk, row, before, move, request, by, at)
    after, event = apply(before, move, at, by.actor, request.note, target, await lacking(session, row))
    if move is Move.CLOSE:
        await casefile.check(session, row, "close", request.note)
    await tickets.save(session, row, before, after)
    tickets.add_event(session, row, event, actor_name=by.name, key=request.key)
    await _follow_up(session, row, before, after, at, plan)
    if move is Move.REOPEN and before.merged_into:
        await shares.take_out(session, before.merged_into, no, why=request.note, at=at)
    await rights.tell(session, no, move, request.guidance, by=by, at=at)
    moved = await get(session, no, visible_to=by)
    await clocks.follow(session, desk, moved, move, at=at)
    await counting.recount(session, moved)
    return moved


async def lacking(session: AsyncSession, row: TicketRow) -> Needs:
    """What the moves from here still wait for; no query where no move from here needs a record."""
    needs = {move: wanted for move, wanted in desk_rules().needs.items() if (Status(row.status), move) in TRANSITIONS}
    return unmet(needs, await records.states_of(session, row.id)) if needs else NOTHING


async def _locked(session: AsyncSession, no: str, move: Move, request: MoveRequest, by: Viewer) -> TicketRow:
    """Raises NotFound. Moves that touch two tickets lock both in one order."""
    master = request.ticket if move is Move.MERGE else ""
    if move is Move.REOPEN:
        master = await tickets.master_of(session, no)
    if master:
        await tickets.lock_in_order(session, (no, master))
    row = await tickets.find(session, no, visible_to=by, lock=True)
    if row is None:
        raise await unseen(session, no, by)
    if move is Move.REOPEN and row.merged_into not in ("", master):
        raise Conflict.changed_meanwhile()  # merged elsewhere since: that master is not locked
    return row


def _repeated(row: TicketRow, move: Move, request: MoveRequest) -> bool:
    """Whether this very request was made before. Raises Conflict when its key stood for another move."""
    known = next((event for event in row.events if request.key and event.key == request.key), None)
    if known is not None and known.move != move:
        raise Conflict("同一个幂等键已经用于别的操作", code="key_reused")
    return known is not None


async def _target(
    session: AsyncSession,
    desk: RoutingDesk,
    row: TicketRow,
    ticket: Ticket,
    move: Move,
    request: MoveRequest,
    by: Viewer,
    at: datetime,
) -> tuple[Target, ticket_opening.Plan | None]:
    """What the move points to; an escalation finds its receiver by the routing rules of the tier above."""
    match move:
        case Move.ESCALATE if ticket.can(move) and ticket.tier.above:
            decision = await desk.receiver(session, facts_of(row), ticket.tier.above, at)
            routing_log.add(session, row, decision, kind=move, by=by.actor, at=at)
            plan = ticket_opening.plan_of(decision)
            return Target(organisation=plan.organisation, mediator=plan.mediator), plan
        case Move.TRANSFER:
            return Target(organisation=await _organisation(session, desk, row, request.organisation)), None
        case Move.ASSIGN:
            return Target(mediator=await _mediator(session, desk, row, request, at)), None
        case Move.ACCEPT | Move.START_MEDIATION if ticket.can(move):
            await impartial.check_beginning(session, desk, row, by)
            return Target(), None
        case Move.MERGE:
            return Target(ticket=await _master(session, row, request.ticket, by)), None
        case Move.EXTEND:
            return Target(consents=request.consents), None
        case Move.REGRADE:
            return Target(warning_level=_level(request.warning_level)), None
        case _:
            return Target(), None


async def _master(session: AsyncSession, row: TicketRow, no: str, by: Viewer) -> str:
    """An open ticket the viewer may see; never one in danger, and never one that is itself merged."""
    found = await tickets.find(session, no, visible_to=by) if no and no != row.no else None
    if no and no != row.no and found is None:
        raise InvalidInput("没有要并入的那张工单，或者您无权查看", code="unknown_ticket")
    if found and (found.protective or row.protective):
        raise InvalidInput("保护性工单不能并案", code="protective")
    if found and Status(found.status).final:
        raise InvalidInput("要并入的那张工单已经结束", code="ticket_ended")
    return found.no if found else no


async def _organisation(session: AsyncSession, desk: RoutingDesk, row: TicketRow, name: str) -> str:
    found = await organisations.find_organisation(session, name) if name else None
    if name and found is None:
        raise InvalidInput(f"名录里没有这个单位：{name}", code="unknown_organisation")
    if found:
        await impartial.check_organisation(session, desk, row, found.id)
    return str(found.id) if found else ""


async def next_mediator(session: AsyncSession, desk: RoutingDesk, row: TicketRow, at: datetime) -> str:
    """Whose turn it is in the ticket's organisation; empty when nobody may or can."""
    if row.organisation_id is None:
        return ""
    chosen = await desk.next_in_turn(session, str(row.organisation_id), facts_of(row), at)
    return chosen.id if chosen else ""


async def _mediator(
    session: AsyncSession, desk: RoutingDesk, row: TicketRow, request: MoveRequest, at: datetime
) -> str:
    """The one named, or the next in turn when nobody is named."""
    name = request.mediator
    if row.organisation_id is None:
        raise InvalidInput("还没有接单单位，先转办", code="target_required")
    if not name:
        return await next_mediator(session, desk, row, at)
    found = await organisations.find_member(session, row.organisation_id, name)
    if found is None:
        raise InvalidInput(f"本单位没有这位调解员：{name}", code="unknown_mediator")
    await impartial.check_member(session, desk, row, found.id, at, note=request.note)
    return str(found.id)


def _level(value: str) -> WarningLevel | None:
    if value and value not in list(WarningLevel):
        raise InvalidInput("预警等级只能是 general、larger 或 major")
    return WarningLevel(value) if value else None


async def _follow_up(
    session: AsyncSession,
    row: TicketRow,
    before: Ticket,
    after: Ticket,
    at: datetime,
    plan: ticket_opening.Plan | None,
) -> None:
    """New receiver may see it, due times start anew, and the mediators' loads are counted again."""
    if after.organisation != before.organisation:
        await tickets.grant(session, row, after.organisation, "handles")
    if plan:
        ticket_opening.set_plan(row, plan)
    await session.flush()
    changed = before.status.final != after.status.final
    for member in dict.fromkeys((before.mediator, after.mediator)):
        if member and (changed or before.mediator != after.mediator):
            given = at if member == after.mediator and member != before.mediator else None
            await tickets.recount_load(session, int(member), given)


def as_ticket(row: TicketRow) -> Ticket:
    """The domain's view of a stored ticket."""
    return tickets.to_domain(row)


async def similar(session: AsyncSession, row: TicketRow, *, visible_to: Viewer) -> list[str]:
    """Numbers of open tickets that may be the same dispute or the same batch."""
    return await tickets.similar(session, row, visible_to=visible_to)
