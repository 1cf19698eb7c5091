"""`fengqiao audit verify`: whatever is changed behind the desk's back shows; on both databases."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from api.db.base import DataKeys
from api.db.session import Database
from api.db.tables.desk import EventRow, TicketRow
from api.db.tables.evidence import EvidenceRow
from api.db.tables.records import RecordRow, RecordVersionRow
from api.domain.lifecycle import Move
from api.services import evidence
from api.services.audit import AuditReport, verify
from api.services.evidence_files import EvidenceStore
from api.services.routing import RoutingDesk
from knowledge_base.evidence import load_evidence_rules
from tests.services.desk_fixtures import FRIDAY
from tests.services.life import TOOL, Life
from tests.services.test_evidence_files import photo

START = (Move.ACCEPT, Move.START_MEDIATION)


@pytest.fixture
async def lives(database: Database, desk: RoutingDesk, tmp_path: Path) -> list[Life]:
    """Three tickets: one with an agreement, one with a file, one just opened."""
    first, second, third = [await Life(database, desk).open(sender=f"s{number}") for number in range(3)]
    await first.move(*START)
    await first.add("caucus", day="2026-11-20", **{"with": "邻居", "text": "愿意让一点"})
    await first.agreed()
    files, rules = EvidenceStore(str(tmp_path / "evidence")), load_evidence_rules()
    async with database.transaction() as session:
        await evidence.add(session, files, rules, second.no, name="墙.jpg", content=photo(), by=TOOL, at=FRIDAY)
    return [first, second, third]


async def checked(life: Life) -> AuditReport:
    return await verify(life.database)


async def test_untouched_books_are_whole(lives: list[Life]) -> None:
    calls: list[tuple[str, int, int]] = []
    report = await verify(lives[0].database, lambda *call: calls.append(call))
    assert (report.checked, report.broken) == (3, [])
    assert calls == [("核对办理记录", 3, 3)]


CHANGES: dict[str, tuple[int, Callable[[], Any], str]] = {
    "a note": (0, lambda: update(EventRow).where(EventRow.move == "accept").values(note="改过"), "办理记录"),
    "the status": (2, lambda: update(TicketRow).where(TicketRow.sender == "s2").values(status="closed"), "对不上"),
    "an event": (0, lambda: update(EventRow).where(EventRow.move == "start_mediation").values(seq=99), "办理记录"),
    "a version": (
        0,
        lambda: update(RecordVersionRow).where(RecordVersionRow.step == "take_effect").values(content='{"terms": "x"}'),
        "改动",
    ),
    "what stands now": (
        0,
        lambda: update(RecordRow).where(RecordRow.kind == "agreement").values(state="void"),
        "对不上",
    ),
    "a lost version": (0, lambda: delete(RecordVersionRow).where(RecordVersionRow.step == "take_effect"), "少了版本"),
    "somebody's file": (1, lambda: update(EvidenceRow).values(digest="0" * 64), "证据"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_what_was_changed_shows_with_its_ticket_and_no_other(lives: list[Life], what: str) -> None:
    victim, change, why = CHANGES[what]
    async with lives[0].database.transaction() as session:
        await session.execute(change().execution_options(synchronize_session=False))
    report = await checked(lives[0])
    assert report.checked == 3
    ((no, told),) = report.broken
    assert no == lives[victim].no
    assert why in told


async def test_a_whole_record_taken_away_shows(lives: list[Life]) -> None:
    async with lives[0].database.transaction() as session:
        gone = "(select id from ticket_records where kind = 'caucus')"
        await session.execute(text(f"delete from ticket_record_versions where record_id in {gone}"))
        await session.execute(text("delete from ticket_records where kind = 'caucus'"))
    report = await checked(lives[0])
    assert [(no, "删掉" in why) for no, why in report.broken] == [(lives[0].no, True)]


async def test_what_cannot_be_decrypted_spoils_only_its_ticket(lives: list[Life]) -> None:
    DataKeys.use(["another-key", "test-key"])
    try:
        async with lives[0].database.transaction() as session:
            await session.execute(update(EventRow).where(EventRow.ticket_id == 2).values(note="用新钥匙写的"))
    finally:
        DataKeys.use(["test-key"])
    report = await checked(lives[0])
    assert [no for no, _ in report.broken] == [lives[1].no]
