"""A record on its way to being written, as the rules of its kind see it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.services.routing import RoutingDesk


@dataclass
class Writing:
    """`content` is what will be stored and may be added to; `new` is what was given now; no `row`: a new record."""

    session: AsyncSession
    desk: RoutingDesk
    ticket: TicketRow
    step: str
    content: dict[str, Any]
    new: dict[str, Any]
    by: Viewer
    at: datetime
    organisation_id: int | None = None
    parent: RecordRow | None = None
    row: RecordRow | None = field(default=None)

    @property
    def today(self) -> date:
        return self.at.astimezone(LOCAL).date()

    def day(self, name: str) -> date:
        return date.fromisoformat(self.content[name])
