"""How often the desk's daily work asks the database: every question costs, and more on a busy machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from api.db.session import Database, Rested
from api.db.tickets import QueueFilter
from api.domain.errors import InvalidInput
from api.services import tickets
from api.services.routing import RoutingDesk
from tests.postgres import connect
from tests.services.desk_fixtures import FRIDAY, application, staff
from tests.services.life import TOOL


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def opened(database: Database, desk: RoutingDesk, number: int, **changed: str) -> str:
    async with database.transaction() as session:
        asked = application(sender=f"s-{number}", **changed)
        return (await tickets.open_ticket(session, desk, asked, by=TOOL, at=FRIDAY, key=f"k-{number}")).no


async def test_opening_asks_no_more_than_it_writes(database: Database, desk: RoutingDesk) -> None:
    """Whoever is busy since the last one is read by itself, not with their whole organisation and its places."""
    await opened(database, desk, 1)
    with counted(database) as sent:
        await opened(database, desk, 2)
    assert len(sent) <= 16  # SQLite sends the clocks one by one
    assert not [one for one in sent if "organisation_places" in one or "duty_shifts" in one]


async def test_a_ticket_is_three_questions_and_a_queue_one(database: Database, desk: RoutingDesk) -> None:
    no, mediator = await opened(database, desk, 1), await staff(database, "donggou1_grid")
    async with database.reading() as session:
        with counted(database) as sent:
            row = await tickets.get(session, no, visible_to=TOOL)
        assert len(sent) == 3
        assert row.organisation
        assert row.mediator
    async with database.reading() as session:
        with counted(database) as sent:
            [line] = await tickets.list_queue(session, QueueFilter(), visible_to=mediator)
        assert len(sent) == 1
        assert line.organisation
        assert line.organisation.name == row.organisation.name


async def test_a_number_is_not_used_up_by_a_repetition_or_a_refusal(database: Database, desk: RoutingDesk) -> None:
    assert [await opened(database, desk, number) for number in (1, 1, 1)] == ["T-20261120-0001"] * 3
    with pytest.raises(InvalidInput, match="行政复议"):
        await opened(database, desk, 3, category="administrative", subcategory="penalty")
    assert await opened(database, desk, 2) == "T-20261120-0002"


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_a_connection_that_died_while_it_rested_is_replaced(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.reading() as session:
        await session.execute(text("select 1"))
    with connect(database_url) as other:
        mine = "datname = current_database() and pid <> pg_backend_pid()"
        other.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {mine}")
    monkeypatch.setattr(Rested, "SECONDS", 0.0)
    async with database.reading() as session:
        assert await session.scalar(text("select 1")) == 1
    async with database.transaction() as session:
        assert await session.scalar(text("select 1")) == 1
