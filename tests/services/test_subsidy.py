"""The ledger over real databases: 271 of 479 files from one village are held, and nothing is paid before the calls."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from api.db import subsidies as store
from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.db.tables.evidence import EvidenceRow
from api.db.tables.oversight import SubsidyRow
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.services import subsidy
from tests.services.closed_files import OCTOBER, close_files
from tests.services.desk_fixtures import FRIDAY, staff

TOWN, PERIOD = "青石镇", "2026-10"


async def propose(database: Database, username: str = "qingshi_sifa1") -> None:
    by = await staff(database, username)
    async with database.transaction() as session:
        await subsidy.propose(session, town=TOWN, period=PERIOD, by=by, at=FRIDAY)


async def ledger(database: Database, username: str = "qingshi_leader", **wanted: Any) -> list[SubsidyRow]:
    viewer = await staff(database, username)
    async with database.reading() as session:
        return list(await store.listed(session, visible_to=viewer, limit=1000, **wanted))


async def call_all(database: Database, result: str = "ok") -> None:
    by = await staff(database, "qingshi_leader")
    for row in await ledger(database):
        if row.call == "pending":
            async with database.transaction() as session:
                await subsidy.call_back(session, row.id, result, note="", by=by, at=FRIDAY)


async def pay(database: Database) -> int:
    by = await staff(database, "qingshi_leader")
    async with database.transaction() as session:
        return await subsidy.pay(session, TOWN, PERIOD, on=date(2026, 11, 20), by=by)


async def test_271_of_479_files_from_one_village_are_held(database: Database) -> None:
    await close_files(database, "东沟村", 271)
    for village, count in (("西沟村", 70), ("柳树村", 70), ("石桥村", 68)):
        await close_files(database, village, count)
    await propose(database)
    rows = await ledger(database)
    assert len(rows) == 479
    held = [row for row in rows if row.status == "held"]
    assert {row.ticket.village for row in held} == {"东沟村"}
    assert len(held) == 271
    assert held[0].holds[0]["text"] == "东沟村本月271件，占全镇479件的56%，明显偏高，先核查再发"
    assert sum(row.call == "pending" for row in rows) == 48
    with pytest.raises(Conflict) as waiting:
        await pay(database)
    assert waiting.value.code == "call_pending"
    await call_all(database)
    assert await pay(database) == 208
    assert {row.status for row in await ledger(database) if row.ticket.village == "东沟村"} == {"held"}


async def test_a_failed_call_holds_all_of_that_mediator(database: Database) -> None:
    await close_files(database, "东沟村", 12, mediators=3)
    await propose(database)
    drawn = next(row for row in await ledger(database) if row.call == "pending")
    village = await staff(database, "donggou_director")
    by = await staff(database, "qingshi_leader")
    async with database.transaction() as session:
        with pytest.raises(Forbidden):
            await subsidy.call_back(session, drawn.id, "ok", note="", by=village, at=FRIDAY)
        await subsidy.call_back(session, drawn.id, "failed", note="当事人说没有调过", by=by, at=FRIDAY)
    rows = await ledger(database)
    assert {row.mediator_id for row in rows if row.status == "held"} == {drawn.mediator_id}
    assert sum(row.status == "held" for row in rows) == 4
    await call_all(database)
    assert await pay(database) == 8


async def test_shared_signatures_and_repeated_parties_are_held(database: Database) -> None:
    first, second, _ = await close_files(database, "东沟村", 3)
    [before] = await close_files(database, "西沟村", 1, first=OCTOBER.replace(month=8), names=("甲", "乙"))
    [repeated] = await close_files(database, "西沟村", 1, names=("乙", "甲"))
    async with database.transaction() as session:
        ids = (await session.scalars(select(TicketRow.id).where(TicketRow.no.in_([first, second])))).all()
        session.add_all(
            EvidenceRow(
                ticket_id=id, digest="same", name="申请人签名.png", media_type="image/png", size=1, at=FRIDAY, actor="x"
            )
            for id in ids
        )
    await propose(database)
    held = {row.ticket.no: [hold["code"] for hold in row.holds] for row in await ledger(database) if row.holds}
    assert held == {first: ["signature"], second: ["signature"], repeated: ["duplicate"]}
    text = next(row.holds[0]["text"] for row in await ledger(database) if row.ticket.no == repeated)
    assert before in text


async def test_a_held_file_is_decided_by_another_office_with_a_reason(database: Database) -> None:
    await close_files(database, "东沟村", 2, names=("甲", "乙"))
    await propose(database)
    first, second = await ledger(database)
    by = await staff(database, "qingshi_leader")
    async with database.transaction() as session:
        with pytest.raises(InvalidInput, match="理由"):
            await subsidy.decide(session, first.id, release=True, note=" ", by=by)
        await subsidy.decide(session, first.id, release=True, note="两件事由不同，已核对", by=by)
        await subsidy.decide(session, second.id, release=False, note="确系重复", by=by)
        with pytest.raises(Conflict):
            await subsidy.decide(session, first.id, release=True, note="再来", by=by)
    await call_all(database)
    assert await pay(database) == 1
    assert [row.status for row in await ledger(database)] == ["paid", "rejected"]


async def test_a_mediator_sees_each_of_their_cases_and_no_others(database: Database) -> None:
    await close_files(database, "东沟村", 4, mediators=2)
    await propose(database)
    mine = await ledger(database, "donggou_women")
    assert len(mine) == 2
    assert [(row.yuan, row.reasons[0]) for row in mine] == [(120, "复杂纠纷，标准120元")] * 2
    assert await ledger(database, "xigou_director") == []
    assert await ledger(database, "baihua_leader") == []
    assert len(await ledger(database, "donggou_director")) == 4
    viewer = await staff(database, "baihua_leader")
    async with database.transaction() as session:
        with pytest.raises(NotFound):
            await subsidy.decide(session, mine[0].id, release=True, note="x", by=viewer)


async def test_a_month_is_proposed_once_and_by_those_who_may(database: Database) -> None:
    await close_files(database, "东沟村", 2)
    for username in ("donggou_director", "baihua_leader", "qingshi_police"):
        with pytest.raises(Forbidden):
            await propose(database, username)
    await propose(database)
    with pytest.raises(Conflict):
        await propose(database)
    by = await staff(database, "qingshi_leader")
    async with database.transaction() as session:
        for period, code in (("2026-11", "bad_period"), ("2026/10", "bad_period"), ("2026-09", "nothing_to_pay")):
            with pytest.raises(InvalidInput) as refused:
                await subsidy.propose(session, town=TOWN, period=period, by=by, at=FRIDAY)
            assert refused.value.code == code
