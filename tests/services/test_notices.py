"""What happens to a ticket is told to those the policy names, each once, at the pace of the receiver."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.db import conversations
from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.db.tables.notices import NoticeRow
from api.domain.access import Viewer
from api.domain.conversation import InboundMessage, Reply
from api.domain.errors import NotFound
from api.domain.lifecycle import Move
from api.services import notice_inbox, tickets
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff
from tests.services.notice_fakes import GROUP, Post, post

TOOL = Viewer.tool()
LATER, NIGHT = FRIDAY + timedelta(hours=1), FRIDAY + timedelta(hours=14)


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """The same database, as another worker has it open."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def office(desk: RoutingDesk) -> Post:
    return post(desk)


async def open_one(database: Database, desk: RoutingDesk, **changed: Any) -> TicketRow:
    async with database.transaction() as session:
        return await tickets.open_ticket(session, desk, application(**changed), by=TOOL, at=FRIDAY, key=None)


async def move(database: Database, desk: RoutingDesk, no: str, *steps: Move, by: Viewer = TOOL) -> None:
    for step in steps:
        async with database.transaction() as session:
            await tickets.move(session, desk, no, step, MoveRequest(note="理由"), by=by, at=FRIDAY)


async def write(database: Database, *texts: str, at: datetime = FRIDAY, channel: str = "wechat") -> None:
    """Lines of a villager; on WeChat with an open id to answer to."""
    start = InboundMessage(channel, "visitor-1", "m", "", at, reply_address="open-id")
    async with database.transaction() as session:
        talk = await conversations.find_or_start(session, start)
        for text in texts:
            conversations.add_reply(session, talk, Reply(text), role="user", at=at)


async def rows(database: Database, **wanted: str) -> list[NoticeRow]:
    async with database.reading() as session:
        query = select(NoticeRow).filter_by(**wanted).order_by(NoticeRow.id)
        return list((await session.scalars(query)).all())


class TestWhoIsTold:
    async def test_a_new_ticket(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        """The mediator in their inbox, the group in its chat, and the system that asked for it."""
        row = await open_one(database, desk)
        await office.round(database, LATER)
        worker = await staff(database, "donggou1_grid")
        async with database.reading() as session:
            (told, unread) = await notice_inbox.inbox(session, viewer=worker)
        assert unread == 1
        assert row.no in told[0][0].text
        (text,) = office.wecom.texts
        assert text.startswith(f"新工单 {row.no}：邻里")
        assert text.endswith(f"\nhttps://desk.test/console/tickets/{row.no}")
        (event,) = office.systems.got
        assert (event.address, event.event) == ("province", "ticket.submit")
        assert event.payload is not None
        assert event.payload["data"]["no"] == row.no

    async def test_no_personal_data_leaves_for_groups_and_systems(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        row = await open_one(database, desk, applicant=Applicant("甲某某", "13812345678"), text="院墙滴水到我家")
        await move(database, desk, row.no, Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_FAILURE, Move.ESCALATE)
        await office.round(database, LATER)
        out = [f"{parcel.text}{parcel.payload}" for parcel in (*office.wecom.got, *office.systems.got)]
        assert len(out) > 5
        assert not [one for one in out if any(secret in one for secret in ("甲某某", "138", "滴水", "一组", "理由"))]

    async def test_what_they_did_themselves_they_know(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        row = await open_one(database, desk)
        await office.round(database, LATER)
        await move(database, desk, row.no, Move.WITHDRAW, by=Viewer.applicant("web", "visitor-1"))
        await office.round(database, LATER)
        assert await rows(database, event="withdraw", audience="applicant") == []
        assert len(await rows(database, event="withdraw", audience="organisation")) == 2

    async def test_a_web_visitor_finds_it_in_the_chat(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        await write(database, "在吗", channel="web")
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.ACCEPT)
        await office.round(database, LATER)
        async with database.reading() as session:
            talk = await conversations.find(session, "web", "visitor-1")
            assert talk is not None
            lines = await conversations.history(session, talk.id, limit=9)
        assert "已经受理" in lines[-1].text
        assert office.sms.texts == [lines[-1].text]

    async def test_of_several_steps_at_once_the_applicant_is_told_the_last(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_FAILURE)
        await office.round(database, LATER)
        (text,) = office.sms.texts
        assert "没有调成" in text
        assert len(office.systems.got) >= 4

    async def test_a_protective_ticket_calls_staff_and_nobody_else(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        await write(database, "救命")
        row = await open_one(
            database,
            desk,
            channel="wechat",
            category="marriage_family",
            subcategory="domestic_violence",
            crisis="domestic_violence",
        )
        await office.round(database, NIGHT)
        await move(database, desk, row.no, Move.ACCEPT, Move.CLOSE)
        await office.round(database, NIGHT)
        assert office.wechat.texts + office.sms.texts == []
        told = await rows(database, event="submit", medium="desk")
        assert {one.audience for one in told} >= {"mediator", "told"}
        assert not [one.text for one in told if "婚姻" in one.text or "暴" in one.text or "村" in one.text]
        for event in office.systems.got:
            assert event.payload is not None
            assert not {"category", "village"} & set(event.payload["data"])


class TestDelivery:
    async def test_two_workers_tell_everything_once(
        self, database: Database, other: Database, desk: RoutingDesk, office: Post
    ) -> None:
        for number in range(8):
            await open_one(database, desk, sender=f"v-{number}")
        workers = [office.round(one, LATER) for one in (database, other, database, other)]
        await asyncio.gather(*workers)
        await office.round(database, LATER)
        assert len(office.wecom.texts) == len(set(office.wecom.texts)) == 8
        assert len({parcel.id for parcel in office.systems.got}) == len(office.systems.got) == 8

    async def test_a_group_gets_twenty_a_minute_urgent_ones_first(
        self, database: Database, other: Database, desk: RoutingDesk, office: Post
    ) -> None:
        for number in range(24):
            await open_one(database, desk, sender=f"v-{number}")
        await office.desk.tell_untold(database, now=LATER)
        async with database.transaction() as session:
            query = select(NoticeRow).where(NoticeRow.medium == "wecom").order_by(NoticeRow.id.desc()).limit(1)
            last = (await session.scalars(query)).one()
            last.urgent = True
        for seconds in (0, 1, 59):
            at = LATER + timedelta(seconds=seconds)
            await asyncio.gather(office.round(database, at), office.round(other, at))
        assert len(office.wecom.got) == 20
        assert office.wecom.got[0].id == last.key
        await office.round(database, LATER + timedelta(seconds=61))
        assert len(office.wecom.got) == 24
        assert {parcel.address for parcel in office.wecom.got} == {GROUP}

    async def test_at_night_only_the_urgent(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        await open_one(database, desk)
        await office.round(database, NIGHT)
        assert office.wecom.texts == []
        assert len(office.systems.got) == 1
        await office.round(database, FRIDAY + timedelta(hours=23))
        assert len(office.wecom.texts) == 1

    async def test_failures_wait_longer_and_end_as_dead_letters(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        await open_one(database, desk)
        office.wecom.down, at = True, LATER
        for attempt in range(8):
            await office.round(database, at)
            (row,) = await rows(database, medium="wecom")
            assert row.attempts == attempt + 1
            assert await office.round(database, at + timedelta(seconds=1)) == 0
            at = row.due_at
        assert (row.status, row.last_error) == ("dead", "没有应答")
        async with database.transaction() as session:
            assert [one.id for one in await notice_inbox.dead_letters(session)] == [row.id]
            assert await notice_inbox.resend(session, [row.id], at=at) == 1
        office.wecom.down = False
        await office.round(database, at)
        assert len(office.wecom.texts) == 1
        async with database.transaction() as session:
            with pytest.raises(NotFound):
                await notice_inbox.resend(session, [row.id], at=at)

    async def test_a_worker_that_dies_leaves_its_notices_to_the_next(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        class Killed(BaseException):
            pass

        class Dying:
            async def deliver(self, parcel: object) -> None:
                raise Killed

        await open_one(database, desk)
        office.wecom.deliver, kept = Dying().deliver, office.wecom.deliver  # type: ignore[method-assign]
        with pytest.raises(Killed):
            await office.round(database, LATER)
        office.wecom.deliver = kept  # type: ignore[method-assign]
        await office.round(database, LATER + timedelta(minutes=9))
        assert office.wecom.texts == []
        await office.round(database, LATER + timedelta(minutes=11))
        assert len(office.wecom.texts) == 1


class TestWeChat:
    """48 hours and five messages after the person's last one; then an SMS; then somebody is asked to ring."""

    async def test_five_messages_then_sms(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        await write(database, "我要登记")
        for number in range(6):
            row = await open_one(database, desk, channel="wechat", text=f"第{number}件")
            await move(database, desk, row.no, Move.ACCEPT)
        for _ in range(3):
            await office.round(database, LATER)
        assert len(office.wechat.texts) == 4
        assert len(office.sms.texts) == 2
        await write(database, "还有一件", at=LATER + timedelta(minutes=1))
        row = await open_one(database, desk, channel="wechat", text="又一件")
        await move(database, desk, row.no, Move.ACCEPT)
        await office.round(database, LATER + timedelta(minutes=2))
        assert len(office.wechat.texts) == 5

    async def test_after_two_days_without_a_number_the_mediator_is_asked_to_ring(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        await write(database, "我要登记", at=FRIDAY - timedelta(hours=48))
        row = await open_one(database, desk, channel="wechat", applicant=None)
        await move(database, desk, row.no, Move.ACCEPT, Move.START_MEDIATION)
        await office.round(database, LATER)
        assert office.wechat.texts + office.sms.texts == []
        asked = await rows(database, event="unreachable")
        assert [one.text for one in asked] == [f"{row.no} 的消息送不到申请人手里，请打电话告诉他。"]

    async def test_unsubscribed_means_the_next_way(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        await write(database, "我要登记")
        office.wechat.refuses = True
        row = await open_one(database, desk, channel="wechat")
        await move(database, desk, row.no, Move.ACCEPT)
        await office.round(database, LATER)
        await office.round(database, LATER)
        assert len(office.sms.texts) == 1
        statuses = [(one.medium, one.status) for one in await rows(database, audience="applicant")]
        assert statuses == [("wechat", "passed_on"), ("sms", "sent")]
        assert (await rows(database, medium="sms"))[0].phone is None, "not kept longer than it is needed"


class TestInbox:
    async def test_everyone_reads_for_themselves(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.WITHDRAW, by=Viewer.applicant("web", "visitor-1"))
        await office.round(database, LATER)
        worker, leader = await staff(database, "donggou1_grid"), await staff(database, "donggou1_leader")
        async with database.transaction() as session:
            mine, unread = await notice_inbox.inbox(session, viewer=worker)
            assert [one.event for one, _ in mine] == ["withdraw", "submit"]
            assert unread == 2
            assert await notice_inbox.mark_read(session, viewer=leader, ids=[mine[1][0].id], at=LATER) == 0
            assert await notice_inbox.mark_read(session, viewer=worker, ids=None, at=LATER) == 2
        async with database.reading() as session:
            assert (await notice_inbox.inbox(session, viewer=worker, unread=True))[0] == []
            assert (await notice_inbox.inbox(session, viewer=leader, unread=True))[1] == 1

    async def test_another_organisation_sees_nothing(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        await open_one(database, desk)
        await office.round(database, LATER)
        stranger = await staff(database, "hewan1_grid")
        async with database.reading() as session:
            assert await notice_inbox.inbox(session, viewer=stranger) == ([], 0)
