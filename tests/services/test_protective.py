"""One crisis of one conversation makes one protective ticket, at the place that was named if any."""

from sqlalchemy import select

from api.db.session import Database
from api.db.tables.conversations import Conversation
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.services import tickets
from api.services.protective import opener
from api.services.routing import RoutingDesk
from tests.services.desk_fixtures import FRIDAY


async def alarm(database: Database, desk: RoutingDesk, kind: str, text: str) -> str:
    talk = Conversation(channel="web", sender="visitor-9", created_at=FRIDAY, last_at=FRIDAY)
    async with database.transaction() as session:
        return await opener(desk)(session, conversation=talk, kind=kind, text=text, at=FRIDAY)


async def ticket(database: Database, no: str) -> TicketRow:
    async with database.reading() as session:
        return (await session.scalars(select(TicketRow).where(TicketRow.no == no))).one()


async def test_the_same_crisis_is_one_ticket_and_another_kind_another(database: Database, desk: RoutingDesk) -> None:
    first = await alarm(database, desk, "domestic_violence", "东沟村一组，他又动手了")
    assert await alarm(database, desk, "domestic_violence", "快来人") == first
    assert await alarm(database, desk, "self_harm", "撑不下去了") != first
    async with database.reading() as session:
        row = await tickets.get(session, first, visible_to=Viewer.tool())
        assert [event.note for event in row.events if event.move == "add_note"] == ["求助人又说：快来人"]


async def test_the_place_in_the_words_decides_who_is_called(database: Database, desk: RoutingDesk) -> None:
    row = await ticket(database, await alarm(database, desk, "domestic_violence", "白桦镇松林村，他又动手了"))
    assert (row.town, row.village, row.protective) == ("白桦镇", "松林村", True)


async def test_every_kind_without_a_place_reaches_a_person(database: Database, desk: RoutingDesk) -> None:
    for kind in desk.policy.crisis_zh:
        row = await ticket(database, await alarm(database, desk, kind, "救命"))
        assert row.protective
        assert row.mediator_id is not None
