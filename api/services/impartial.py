"""Nobody mediates in their own cause: asked when a person gives a case to somebody, or begins it (人民调解法 23)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.conflict import Conflicts, conflicts_of
from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput
from api.domain.organisation import Directory
from api.services.routing import RoutingDesk, facts_of, located


async def check_organisation(session: AsyncSession, desk: RoutingDesk, row: TicketRow, organisation_id: int) -> None:
    """Raises InvalidInput for a body that is a party, or that a party refuses."""
    conflicts = await _conflicts(session, desk, row)
    await _check_body(session, conflicts, organisation_id)


async def check_member(
    session: AsyncSession, desk: RoutingDesk, row: TicketRow, member_id: int, at: datetime, *, note: str
) -> None:
    """Raises InvalidInput for a party, a relative, or one on leave: the latter may still be named with a reason."""
    conflicts, words = await _conflicts(session, desk, row), desk.policy.wording
    for member in await organisations.members_of(session, [member_id]):
        _refuse(member.name, conflicts.blocks_member(member))
        if not note.strip() and any(absence.covers(at.astimezone(LOCAL)) for absence in member.absences):
            raise InvalidInput(words["on_leave"].format(name=member.name), code="mediator_absent")


async def check_beginning(session: AsyncSession, desk: RoutingDesk, row: TicketRow, by: Viewer) -> None:
    """Who accepts a case or begins to mediate, the mediator it is given to, and their body. Raises InvalidInput.

    Nobody mediates in a protective ticket, so nothing may delay it.
    """
    if row.protective:
        return
    conflicts = await _conflicts(session, desk, row)
    if row.organisation_id is not None:
        await _check_body(session, conflicts, row.organisation_id)
    acting = int(by.member) if by.member else None
    for member in await organisations.members_of(session, [one for one in {acting, row.mediator_id} if one]):
        # Who is not wanted as the mediator may still do the desk's work for another one.
        asked = conflicts if member.id == str(row.mediator_id) else replace(conflicts, refused=())
        _refuse(member.name, asked.blocks_member(member))


async def _conflicts(session: AsyncSession, desk: RoutingDesk, row: TicketRow) -> Conflicts:
    """Where the place is today. Not from the desk's own directory: it must not keep what this transaction changed."""
    today = Directory([])
    today.successors = await organisations.successors(session)
    return conflicts_of(located(facts_of(row), today), desk.policy)


async def _check_body(session: AsyncSession, conflicts: Conflicts, organisation_id: int) -> None:
    for found in await organisations.whole(session, [organisation_id]):
        _refuse(found.name, conflicts.blocks(organisations.to_domain(found)))


def _refuse(name: str, why: str) -> None:
    if why:
        raise InvalidInput(f"{name}{why}", code="conflict_of_interest")
