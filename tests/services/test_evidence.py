"""Evidence on a ticket, on both databases."""

from pathlib import Path

import pytest

from api.db.session import Database
from api.domain.access import Viewer
from api.domain.errors import NotFound
from api.services import evidence, tickets
from api.services.evidence_files import EvidenceStore
from api.services.routing import RoutingDesk
from knowledge_base.evidence import load_evidence_rules
from tests.services.desk_fixtures import FRIDAY, application
from tests.services.test_evidence_files import photo

TOOL, RULES = Viewer.tool(), load_evidence_rules()
OTHER = Viewer.applicant("web", "somebody-else")


async def test_added_once_with_its_event_and_handed_out_to_those_who_may_see(
    database: Database, desk: RoutingDesk, tmp_path: Path
) -> None:
    files = EvidenceStore(str(tmp_path / "evidence"))
    async with database.transaction() as session:
        no = (await tickets.open_ticket(session, desk, application(), by=TOOL, at=FRIDAY, key=None)).no
    for _ in range(2):
        async with database.transaction() as session:
            await evidence.add(session, files, RULES, no, name="墙.jpg", content=photo(), by=TOOL, at=FRIDAY)
    async with database.reading() as session:
        (row,) = await evidence.listed(session, no, visible_to=TOOL)
        _, content = await evidence.fetch(session, files, no, row.id, visible_to=TOOL)
        ticket = await tickets.get(session, no, visible_to=TOOL)
        assert len(content) == row.size
        assert len(ticket.events) == 2
        assert row.digest in ticket.events[-1].note
        assert await tickets.history_is_genuine(session, no, visible_to=TOOL)
        with pytest.raises(NotFound):
            await evidence.fetch(session, files, no, row.id + 1, visible_to=TOOL)
        with pytest.raises(NotFound):
            await evidence.fetch(session, files, no, row.id, visible_to=OTHER)
    with pytest.raises(NotFound):
        async with database.transaction() as session:
            await evidence.add(session, files, RULES, no, name="墙.jpg", content=photo(), by=OTHER, at=FRIDAY)
