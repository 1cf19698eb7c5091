"""Many people against one respondent: one master ticket is mediated and counted, everybody's share stands on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db import tickets as ticket_store
from api.db.tables.desk import PartyRow, TicketRow
from api.domain.access import Viewer, may_move
from api.domain.errors import Forbidden, InvalidInput, TransitionNotAllowed
from api.domain.lifecycle import Move, Status
from api.services import records, tickets
from api.services.records import RecordRequest
from api.services.routing import RoutingDesk
from api.services.tickets import MoveRequest

MOST_AT_ONCE = 200
CLAIM = 500
FLAG = "batch"


@dataclass(frozen=True)
class Joining:
    """`tickets`: numbers to take in; `shares`: people who come without a ticket, by the fields of a share."""

    tickets: Sequence[str] = ()
    shares: Sequence[Mapping[str, Any]] = ()
    key: str | None = None


@dataclass(frozen=True)
class BatchState:
    """Of the shares that are in it now; `amount_fen` is None when nobody named a sum."""

    master: str
    people: int
    left: int
    amount_fen: int | None
    shares: list[dict[str, Any]] = field(default_factory=list)


async def join(
    session: AsyncSession, desk: RoutingDesk, no: str, joining: Joining, *, by: Viewer, at: datetime
) -> BatchState:
    """Takes tickets and people into the master ticket `no`. Raises NotFound, Forbidden, InvalidInput, Conflict."""
    others = sorted(set(joining.tickets))
    if not others and not joining.shares:
        raise InvalidInput("写明并入哪些工单，或者哪些人", code="target_required")
    if len(others) + len(joining.shares) > MOST_AT_ONCE:
        raise InvalidInput(f"一次最多并入 {MOST_AT_ONCE} 份，请分几次", code="too_many")
    rows = await _locked(session, [no, *others], by)
    master = rows[no]
    _check_master(master, others, by)
    known = {store.content_of(row).get("ticket") for row in await store.of_ticket(session, master.id, kinds=["share"])}
    if no not in known:
        await _share(session, desk, no, _of(master), joining.key, by=by, at=at)
    for other in others:
        if other not in known:
            await _take_in(session, desk, master, rows[other], joining.key, by=by, at=at)
    for number, given in enumerate(joining.shares):
        key = f"{joining.key}:{number}" if joining.key else None
        await records.add(session, desk, no, "share", RecordRequest(given, key=key), by=by, at=at)
    return await _count_up(session, no, by)


async def state(session: AsyncSession, no: str, *, visible_to: Viewer) -> BatchState:
    """Raises NotFound for a ticket that is not theirs to see."""
    rows = await records.listed(session, no, visible_to=visible_to, kind="share")
    inside = [row for row in rows if row.state == "joined"]
    sums = [row.amount_fen for row in inside if row.amount_fen is not None]
    shares = [{"record": row.no, "state": row.state} | store.content_of(row) for row in rows]
    return BatchState(no, len(inside), len(rows) - len(inside), sum(sums) if sums else None, shares)


async def _locked(session: AsyncSession, numbers: Sequence[str], by: Viewer) -> dict[str, TicketRow]:
    await ticket_store.lock_in_order(session, numbers)
    rows = {}
    for no in numbers:
        row = await ticket_store.find(session, no, visible_to=by)
        if row is None:
            raise await tickets.unseen(session, no, by)
        rows[no] = row
    return rows


def _check_master(master: TicketRow, others: Sequence[str], by: Viewer) -> None:
    ticket = ticket_store.to_domain(master)
    if master.no in others:
        raise InvalidInput("主案不能并入自己", code="target_required")
    if ticket.protective:
        raise InvalidInput("保护性工单不能并案", code="protective")
    if ticket.status not in (Status.SUBMITTED, Status.ACCEPTED, Status.MEDIATING):
        raise TransitionNotAllowed("主案已经有结果，不能再并入", more={"allowed": ticket.possible()})
    if not may_move(by, ticket, Move.MERGE):
        raise Forbidden("您没有权限并案")


async def _take_in(
    session: AsyncSession,
    desk: RoutingDesk,
    master: TicketRow,
    other: TicketRow,
    key: str | None,
    *,
    by: Viewer,
    at: datetime,
) -> None:
    if other.category != master.category:
        raise InvalidInput(f"{other.no} 和主案不是同一类纠纷，不能并案", code="not_alike")
    request = MoveRequest(note=f"并入批量案 {master.no}，份额单独记", ticket=master.no)
    await tickets.move(session, desk, other.no, Move.MERGE, request, by=by, at=at)
    await _share(session, desk, master.no, _of(other), key, by=by, at=at)


def _of(row: TicketRow) -> dict[str, Any]:
    """The share a ticket's applicant brings along."""
    applicant: PartyRow | None = next((one for one in row.parties if one.role == "applicant"), None)
    given = {
        "ticket": row.no,
        "name": applicant.name if applicant else None,
        "phone": applicant.phone if applicant else None,
        "amount": row.facts.get("amount_yuan"),
        "claim": row.text[:CLAIM],
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


async def _share(
    session: AsyncSession,
    desk: RoutingDesk,
    no: str,
    given: Mapping[str, Any],
    key: str | None,
    *,
    by: Viewer,
    at: datetime,
) -> None:
    request = RecordRequest(given, key=f"{key}:{given['ticket']}" if key else None)
    await records.add(session, desk, no, "share", request, by=by, at=at)


async def _count_up(session: AsyncSession, no: str, by: Viewer) -> BatchState:
    """The master now speaks for all of them."""
    found = await state(session, no, visible_to=by)
    master = await tickets.get(session, no, visible_to=by)
    master.facts = {**master.facts, "people_involved": max(found.people, master.facts.get("people_involved") or 0)}
    master.flags = list(dict.fromkeys([*master.flags, FLAG]))
    await session.flush()
    return found
