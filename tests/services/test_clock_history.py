"""Tickets of before the clocks get the clocks they would have, from their history, once; on both databases."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from api.db.session import Database
from api.db.tables.clocks import ClockRow
from api.db.tables.desk import EventRow, TicketRow
from api.domain.lifecycle import Move
from api.services.clock_history import catch_up
from api.services.clock_sweep import sweep
from api.services.routing import RoutingDesk
from tests.services.life import Life, at
from tests.services.notice_fakes import Post, post

Told = tuple[Any, ...]


@pytest.fixture
def office(desk: RoutingDesk) -> Post:
    return post(desk)


async def lives(database: Database, desk: RoutingDesk) -> list[Life]:
    """Waiting, paused and extended, agreed with obligations, failed and handed up, withdrawn, reopened, in danger."""

    def new() -> Life:
        return Life(database, desk)

    start = (Move.ACCEPT, Move.START_MEDIATION)
    waiting = await new().open(sender="a")
    paused = await new().opened(*start, sender="b")
    await paused.move(Move.EXTEND, days=2, consents=frozenset({"applicant", "respondent"}))
    pause = await paused.add("pause", days=3, since="2026-11-23", why="party", until="2026-12-10")
    resting = await new().opened(*start, sender="c")
    await resting.add("pause", days=3, since="2026-11-23", why="party", until="2026-12-10")
    await paused.step(pause.no, "resume", days=6)
    agreed = await new().opened(*start, sender="d")
    await agreed.agreed()
    first, _ = await agreed.listed("obligation")
    await agreed.step(first.no, "perform", days=4, paid_on="2026-11-24")
    risen = await new().opened(*start, sender="e")
    await risen.move(Move.RECORD_FAILURE, Move.ESCALATE, days=4)
    gone = await new().opened(Move.ACCEPT, sender="f")
    await gone.move(Move.WITHDRAW, days=1)
    back = await new().opened(Move.ACCEPT, Move.WITHDRAW, sender="g")
    await back.move(Move.REOPEN, days=2)
    major = await new().open(sender="h", category="labor", subcategory="unpaid_wages")
    await major.move(Move.REGRADE, days=0.1, warning_level="major")
    danger = await new().open(sender="i", crisis="domestic_violence", category="marriage_family", subcategory="")
    return [waiting, paused, resting, agreed, risen, gone, back, major, danger]


async def told(database: Database, *, next_at: bool = False) -> list[Told]:
    async with database.reading() as session:
        rows = (await session.scalars(select(ClockRow))).all()
    columns = ("ticket_id", "key", "ref", "started_at", "due_at", "yellow_at", "paused_at", "ended_at", "how", "unit")
    names = (*columns, "because", *(("next_at",) if next_at else ()))
    return sorted(tuple(str(getattr(row, name)) for name in names) for row in rows)


async def without_clocks(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(delete(ClockRow))


async def due_texts(database: Database) -> list[Any]:
    async with database.reading() as session:
        rows = await session.execute(select(TicketRow.due, TicketRow.accept_due_at).order_by(TicketRow.id))
        return [tuple(row) for row in rows]


async def test_they_are_those_that_were_there_all_along(database: Database, desk: RoutingDesk) -> None:
    await lives(database, desk)
    before, promised = await told(database), await due_texts(database)
    await without_clocks(database)
    assert await catch_up(database, desk, now=at(6)) == 9
    assert await told(database) == before
    assert await due_texts(database) == promised
    assert await catch_up(database, desk, now=at(6)) == 0
    assert await told(database) == before


async def test_what_began_since_is_left_alone(database: Database, desk: RoutingDesk) -> None:
    """The upgrade came while the ticket was under way: later clocks are there, the first are not."""
    *_, risen, _, _, _, _ = await lives(database, desk)
    before = await told(database)
    async with database.transaction() as session:
        mine = select(TicketRow.id).where(TicketRow.no == risen.no).scalar_subquery()
        await session.execute(delete(ClockRow).where(ClockRow.ticket_id == mine, ClockRow.started_at < at(4)))
    assert len(await told(database)) < len(before)
    assert await catch_up(database, desk, now=at(6)) == 1
    assert await told(database) == before


async def test_what_is_past_is_red_but_not_made_up_for(database: Database, desk: RoutingDesk, office: Post) -> None:
    life = await Life(database, desk).open()
    await without_clocks(database)
    assert await catch_up(database, desk, now=at(60)) == 1
    async with database.reading() as session:
        clocks = {one.key: one for one in (await session.scalars(select(ClockRow))).all()}
    assert clocks["accept"].due_at < at(60)
    assert (clocks["accept"].ended_at, clocks["accept"].next_at) == (None, None)
    assert await sweep(database, office.desk, now=at(60)) == 0
    row = await life.ticket()
    assert (row.tier, [event.move for event in row.events]) == ("group", ["submit"])


async def test_what_is_still_to_come_is_done(database: Database, desk: RoutingDesk, office: Post) -> None:
    await Life(database, desk).open()
    live = await told(database, next_at=True)
    await without_clocks(database)
    await catch_up(database, desk, now=at(0.1))
    assert await told(database, next_at=True) == live
    assert await sweep(database, office.desk, now=at(5)) > 0


async def test_a_broken_history_stops_nobody_else(database: Database, desk: RoutingDesk) -> None:
    one, _ = await Life(database, desk).open(sender="a"), await Life(database, desk).open(sender="b")
    await without_clocks(database)
    async with database.transaction() as session:
        mine = select(TicketRow.id).where(TicketRow.no == one.no).scalar_subquery()
        await session.execute(update(EventRow).where(EventRow.ticket_id == mine).values(hash="x"))
    assert await catch_up(database, desk, now=at(1)) == 1


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_one_being_moved_just_now_waits_for_the_next_time(database: Database, desk: RoutingDesk) -> None:
    """Locked tickets are left out, not waited for."""
    life = await Life(database, desk).open()
    await without_clocks(database)
    async with database.transaction() as session:
        await session.execute(select(TicketRow.id).where(TicketRow.no == life.no).with_for_update())
        assert await catch_up(database, desk, now=at(1)) == 0
    assert await catch_up(database, desk, now=at(1)) == 1
