"""The one rule of who may see a ticket, as SQL: the same as domain.access.may_see."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from api.db.tables.desk import TicketAccess, TicketRow
from api.db.tables.statistics import CountedRow
from api.db.tables.villagers import ClaimRow
from api.domain.access import Viewer, ViewerKind
from api.domain.organisation import Place

Seen = type[TicketRow] | type[CountedRow]


def visible(viewer: Viewer, table: Seen = TicketRow) -> ColumnElement[bool]:
    """Counted rows carry what the rule asks of a ticket; a villager has no business with numbers of others."""
    if viewer.kind is ViewerKind.APPLICANT:
        if not viewer.sender or table is CountedRow:
            return false()
        return or_(*of_villager(viewer))
    if viewer.everything:
        return true()
    return or_(_involved(viewer, table), supervised(viewer, table))


def of_villager(viewer: Viewer) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Opened in this conversation, or opened to it later by the applicant's check code."""
    here = and_(TicketRow.channel == viewer.channel, TicketRow.sender == viewer.sender)
    claimed = select(ClaimRow.ticket_id).where(
        ClaimRow.channel == viewer.channel, ClaimRow.sender == viewer.sender, ClaimRow.side == "applicant"
    )
    return here, TicketRow.id.in_(claimed)


def _involved(viewer: Viewer, table: Seen) -> ColumnElement[bool]:
    if not viewer.organisation:
        return false()
    return exists().where(TicketAccess.ticket_id == table.id, TicketAccess.organisation_id == int(viewer.organisation))


def supervised(viewer: Viewer, table: Seen = TicketRow) -> ColumnElement[bool]:
    if viewer.scope is None or viewer.scope_tier is None:
        return false()
    inside = [_inside(scope, table) for scope in (viewer.scope, *viewer.former)]
    return and_(table.protective.is_(False), table.tier_rank <= viewer.scope_tier.rank, or_(*inside))


def _inside(scope: Place, table: Seen) -> ColumnElement[bool]:
    columns = ((table.town, scope.town), (table.village, scope.village))
    return and_(true(), *(column == name for column, name in columns if name))
