"""Queries of the case-file review."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from api.db.tables.desk import MemberRow, OrganisationPlace, OrganisationRow, PlaceRow, TicketAccess, TicketRow
from api.db.tables.oversight import CaseReview
from api.domain.access import Viewer
from api.domain.case_review import Reader
from api.domain.lifecycle import Status


async def to_draw_from(
    session: AsyncSession, town: str, since: datetime, until: datetime, outcomes: Iterable[str]
) -> Sequence[TicketRow]:
    """Closed in [since, until), not protective, not merged, not reviewed yet."""
    reviewed = select(CaseReview.ticket_id)
    query = select(TicketRow).where(
        TicketRow.town == town,
        TicketRow.ended_at >= since,
        TicketRow.ended_at < until,
        TicketRow.status == Status.CLOSED,
        TicketRow.outcome.in_(list(outcomes)),
        TicketRow.protective.is_(False),
        TicketRow.id.not_in(reviewed),
    )
    return (await session.scalars(query.order_by(TicketRow.id))).all()


async def readers(session: AsyncSession, town: str, roles: Iterable[str]) -> list[Reader]:
    """Who may read files of this town: by role, in organisations that serve the town or the whole county."""
    query = (
        select(MemberRow.id, MemberRow.organisation_id)
        .join(OrganisationRow, MemberRow.organisation_id == OrganisationRow.id)
        .join(OrganisationPlace, OrganisationPlace.organisation_id == OrganisationRow.id)
        .join(PlaceRow, OrganisationPlace.place_id == PlaceRow.id)
        .where(
            MemberRow.active.is_(True),
            MemberRow.username.is_not(None),
            MemberRow.role.in_(list(roles)),
            PlaceRow.village == "",
            or_(PlaceRow.town == town, PlaceRow.town == ""),
        )
        .distinct()
        .order_by(MemberRow.id)
    )
    return [Reader(row.id, str(row.organisation_id)) for row in await session.execute(query)]


async def handled_by(session: AsyncSession, ids: Sequence[int]) -> dict[int, set[str]]:
    """Ticket → organisations that handle or handled it (not those that were only told)."""
    found: dict[int, set[str]] = {}
    for start in range(0, len(ids), 500):
        query = select(TicketAccess.ticket_id, TicketAccess.organisation_id).where(
            TicketAccess.ticket_id.in_(ids[start : start + 500]), TicketAccess.why == "handles"
        )
        for row in await session.execute(query):
            found.setdefault(row.ticket_id, set()).add(str(row.organisation_id))
    return found


async def find(session: AsyncSession, id: int) -> CaseReview | None:
    query = select(CaseReview).where(CaseReview.id == id).options(*_whole()).with_for_update(of=CaseReview)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def listed(
    session: AsyncSession, viewer: Viewer, *, everything: bool, town: str, period: str, own: bool, limit: int
) -> Sequence[CaseReview]:
    """Newest first; who does not manage the review sees only what they have to read."""
    query = select(CaseReview).options(*_whole()).order_by(CaseReview.id.desc()).limit(limit)
    if own or not everything:
        mine = int(viewer.member or 0)
        query = query.where(or_(CaseReview.first_id == mine, CaseReview.second_id == mine))
    for column, value in ((CaseReview.town, town), (CaseReview.period, period)):
        if value:
            query = query.where(column == value)
    return (await session.scalars(query)).all()


def _whole() -> tuple[ORMOption, ...]:
    return (selectinload(CaseReview.ticket), selectinload(CaseReview.sheets))
