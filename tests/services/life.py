"""Driving one ticket in the tests: open it, move it, put records on it, each in a transaction of its own."""

from datetime import datetime, timedelta
from typing import Any

from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.lifecycle import Move
from api.services import records, tickets
from api.services.records import RecordRequest
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application

TOOL = Viewer.tool()
NEIGHBOUR = Applicant("邻居")
SIGNED = [
    {"role": role, "name": name, "way": way, "day": "2026-11-20"}
    for role, name, way in (
        ("applicant", "申请人", "signed"),
        ("respondent", "邻居", "thumb"),
        ("mediator", "调解员", "signed"),
        ("committee", "东沟村人民调解委员会", "sealed"),
    )
]
AGREEMENT: dict[str, Any] = {
    "form": "written",
    "agreed_on": "2026-11-20",
    "facts": "院墙滴水到申请人家",
    "terms": "邻居改装排水管，并付给申请人修墙款。",
    "obligations": [
        {"debtor": "邻居", "creditor": "申请人", "what": "改装排水管", "due": "2026-11-25"},
        {"debtor": "邻居", "creditor": "申请人", "what": "付修墙款", "amount": 1500, "due": "2026-12-20"},
    ],
    "signatures": SIGNED,
}


class Life:
    """One ticket in 东沟村一组. Times are days after FRIDAY."""

    def __init__(self, database: Database, desk: RoutingDesk) -> None:
        self.database, self.desk, self.no = database, desk, ""

    async def open(self, **changed: Any) -> "Life":
        async with self.database.transaction() as session:
            given = application(**({"respondent": NEIGHBOUR} | changed))
            self.no = (await tickets.open_ticket(session, self.desk, given, by=TOOL, at=FRIDAY, key=None)).no
        return self

    async def opened(self, *moves: Move, **changed: Any) -> "Life":
        await self.open(**changed)
        await self.move(*moves)
        return self

    async def move(self, *moves: Move, by: Viewer = TOOL, days: float = 0, **request: Any) -> None:
        for move in moves:
            asked = MoveRequest(**({"note": "理由"} | request))
            async with self.database.transaction() as session:
                await tickets.move(session, self.desk, self.no, move, asked, by=by, at=at(days))

    async def add(
        self,
        kind: str,
        /,
        *,
        by: Viewer = TOOL,
        days: float = 0,
        under: int | None = None,
        key: str | None = None,
        version: int | None = None,
        **values: Any,
    ) -> RecordRow:
        request = RecordRequest(values, under, version, key)
        async with self.database.transaction() as session:
            return await records.add(session, self.desk, self.no, kind, request, by=by, at=at(days))

    async def step(self, no: int, code: str, /, *, by: Viewer = TOOL, days: float = 0, **values: Any) -> RecordRow:
        request = RecordRequest(values)
        async with self.database.transaction() as session:
            return await records.take_step(session, self.desk, self.no, no, code, request, by=by, at=at(days))

    async def correct(self, no: int, /, *, by: Viewer = TOOL, days: float = 0, **values: Any) -> RecordRow:
        request = RecordRequest(values)
        async with self.database.transaction() as session:
            return await records.correct(session, self.desk, self.no, no, request, by=by, at=at(days))

    async def listed(self, kind: str = "", *, by: Viewer = TOOL) -> list[RecordRow]:
        async with self.database.reading() as session:
            return await records.listed(session, self.no, visible_to=by, kind=kind)

    async def ticket(self, *, by: Viewer = TOOL) -> TicketRow:
        async with self.database.reading() as session:
            return await tickets.get(session, self.no, visible_to=by)

    async def genuine(self) -> bool:
        async with self.database.reading() as session:
            return await tickets.history_is_genuine(session, self.no, visible_to=TOOL)

    async def agreed(self, **changed: Any) -> RecordRow:
        """A written agreement in force, dated on FRIDAY."""
        draft = await self.add("agreement", **(AGREEMENT | changed))
        return await self.step(draft.no, "take_effect", effective_on="2026-11-20")


def at(days: float) -> datetime:
    return FRIDAY + timedelta(days=days)
