"""Two processes at once: each has engine, desk and inbox of its own, and the database alone decides."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from api.db import conversations, organisations
from api.db import tickets as store
from api.db.session import Database
from api.db.tables.conversations import Delivery, Message
from api.db.tables.desk import MemberRow, OrganisationRow, TicketRow
from api.db.tickets import QueueFilter
from api.domain.access import Viewer
from api.domain.conversation import InboundMessage, Left, Reply
from api.domain.errors import Conflict, Forbidden, InvalidInput, Unavailable
from api.domain.lifecycle import Move
from api.services import batch, outbox, protective, records, tickets
from api.services.records import RecordRequest
from api.services.routing import RoutingDesk, preview
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff
from tests.services.inbox_fakes import NOW, FakeBot, make_inbox, said

TOOL = Viewer.tool()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """The same database, as another process has it open."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def other_desk(desk: RoutingDesk) -> RoutingDesk:
    return RoutingDesk(desk.policy, desk.calendar)


async def open_one(database: Database, desk: RoutingDesk, *, key: str | None = None, **changed: Any) -> TicketRow:
    async with database.transaction() as session:
        return await tickets.open_ticket(session, desk, application(**changed), by=TOOL, at=FRIDAY, key=key)


async def move(database: Database, desk: RoutingDesk, no: str, step: Move, by: Viewer = TOOL) -> TicketRow:
    async with database.transaction() as session:
        return await tickets.move(session, desk, no, step, MoveRequest(note="理由"), by=by, at=FRIDAY)


async def count(database: Database, table: type[Any]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


class TestTickets:
    async def test_one_of_two_operators_accepts(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        no = (await open_one(database, desk)).no
        grid, leader = await staff(database, "donggou1_grid"), await staff(other, "donggou1_leader")
        results = await asyncio.gather(
            move(database, desk, no, Move.ACCEPT, grid),
            move(other, other_desk, no, Move.ACCEPT, leader),
            return_exceptions=True,
        )
        (lost,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(lost, Conflict)
        async with database.reading() as session:
            assert await tickets.history_is_genuine(session, no, visible_to=TOOL)

    async def test_two_escalations_at_once_go_up_one_tier(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        no = (await open_one(database, desk)).no
        grid, leader = await staff(database, "donggou1_grid"), await staff(other, "donggou1_leader")
        results = await asyncio.gather(
            move(database, desk, no, Move.ESCALATE, grid),
            move(other, other_desk, no, Move.ESCALATE, leader),
            return_exceptions=True,
        )
        (lost,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(lost, Forbidden)  # the case has left their organisation
        async with database.reading() as session:
            row = await tickets.get(session, no, visible_to=TOOL)
            assert (row.tier, [event.move for event in row.events]) == ("village", ["submit", "escalate"])

    async def test_two_who_saw_the_same_version_cannot_both_act(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        no = (await open_one(database, desk)).no
        tag = RecordRequest({"tag": "old_file"}, version=1)

        async def escalate() -> None:
            async with database.transaction() as session:
                request = MoveRequest(note="理由", version=1)
                await tickets.move(session, desk, no, Move.ESCALATE, request, by=TOOL, at=FRIDAY)

        async def record() -> None:
            async with other.transaction() as session:
                await records.add(session, other_desk, no, "tag", tag, by=TOOL, at=FRIDAY)

        results = await asyncio.gather(escalate(), record(), return_exceptions=True)
        (lost,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(lost, Conflict)
        assert lost.code == "changed_meanwhile"

    async def test_records_at_once_are_all_kept_and_numbered(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        no = (await open_one(database, desk)).no

        async def record(where: Database, its_desk: RoutingDesk) -> int:
            request = RecordRequest({"day": "2026-11-20", "kind": "travel", "amount": 3})
            async with where.transaction() as session:
                return (await records.add(session, its_desk, no, "cost", request, by=TOOL, at=FRIDAY)).no

        places = [(database, desk), (other, other_desk)] * 4
        numbers = await asyncio.gather(*(record(*place) for place in places))
        assert sorted(numbers) == list(range(1, 9))
        async with database.reading() as session:
            assert await tickets.history_is_genuine(session, no, visible_to=TOOL)

    async def test_two_tickets_merged_into_each_other_at_once(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        one, two = [(await open_one(database, desk, sender=sender)).no for sender in ("a", "b")]

        async def merge(where: Database, its_desk: RoutingDesk, no: str, into: str) -> TicketRow:
            request = MoveRequest(note="理由", ticket=into)
            async with where.transaction() as session:
                return await tickets.move(session, its_desk, no, Move.MERGE, request, by=TOOL, at=FRIDAY)

        results = await asyncio.gather(
            merge(database, desk, one, two), merge(other, other_desk, two, one), return_exceptions=True
        )
        (lost,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(lost, InvalidInput)
        assert lost.code == "ticket_ended"

    @pytest.mark.parametrize("earlier", [True, False])
    async def test_a_share_leaves_while_its_ticket_is_opened_again(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk, earlier: bool
    ) -> None:
        """Both touch the master and the merged ticket, from either end; `earlier`: the merged one has the lower id."""
        wages = {"category": "labor", "subcategory": "unpaid_wages"}
        for round in range(4):
            one, two = [(await open_one(database, desk, sender=f"{round}{n}", **wages)).no for n in "ab"]
            no, master = (one, two) if earlier else (two, one)
            async with database.transaction() as session:
                joining = batch.Joining(tickets=[no])
                found = await batch.join(session, desk, master, joining, by=TOOL, at=FRIDAY)
            share = next(one["record"] for one in found.shares if one["ticket"] == no)

            async def leave(master: str = master, share: int = share) -> None:
                async with database.transaction() as session:
                    request = RecordRequest({"why": "自己办"})
                    await records.take_step(session, desk, master, share, "leave", request, by=TOOL, at=FRIDAY)

            results = await asyncio.gather(leave(), move(other, other_desk, no, Move.REOPEN), return_exceptions=True)
            (lost,) = [result for result in results if isinstance(result, BaseException)]
            assert isinstance(lost, Conflict), lost
            async with database.reading() as session:
                state = await batch.state(session, master, visible_to=TOOL)
                assert (state.people, state.left) == (1, 1)
                assert (await tickets.get(session, no, visible_to=TOOL)).status == "submitted"
                for number in (no, master):
                    assert await tickets.history_is_genuine(session, number, visible_to=TOOL)

    async def test_one_key_twice_is_one_ticket(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        rows = await asyncio.gather(
            *(open_one(database, desk, key="k") for _ in range(3)),
            *(open_one(other, other_desk, key="k") for _ in range(3)),
        )
        assert len({row.no for row in rows}) == 1
        assert await count(database, TicketRow) == 1

    async def test_loads_are_right_after_a_crowd(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        """Openings, withdrawals and escalations touch the same mediators in different order."""
        first = [await open_one(database, desk) for _ in range(6)]
        await asyncio.gather(
            *(move(database, desk, row.no, Move.WITHDRAW) for row in first[:3]),
            *(move(other, other_desk, row.no, Move.ESCALATE) for row in first[3:]),
            *(open_one(other, other_desk) for _ in range(4)),
        )
        async with database.reading() as session:
            for member in await session.scalars(select(MemberRow).where(MemberRow.load > 0)):
                mine = select(func.count()).where(TicketRow.mediator_id == member.id, TicketRow.status.in_(store.OPEN))
                assert await session.scalar(mine) == member.load
            assert await session.scalar(select(func.sum(MemberRow.load))) == 7

    async def test_one_crisis_told_twice_calls_one_person(
        self, database: Database, other: Database, desk: RoutingDesk
    ) -> None:
        opening = protective.opener(desk)
        words = "我不想活了，农药就在手边"
        results = await asyncio.gather(
            make_inbox(database, FakeBot(), open_ticket=opening).handle(said(words, message_id="1")),
            make_inbox(other, FakeBot(), open_ticket=opening).handle(said(words, message_id="2")),
        )
        assert len({result.ticket_no for result in results}) == 1
        assert await count(database, TicketRow) == 1

    async def test_a_changed_directory_is_seen_by_the_other_process(
        self, database: Database, other: Database, desk: RoutingDesk, other_desk: RoutingDesk
    ) -> None:
        facts = {"category": "land_forest", "village": "东沟村"}
        async with other.reading() as session:
            before = await preview(session, other_desk, facts, FRIDAY)
        assert before.organisation is not None
        async with database.transaction() as session:
            row = await session.get_one(OrganisationRow, int(before.organisation.id))
            row.active = False
            await session.flush()
            await organisations.mark_changed(session, row.id)
        async with other.reading() as session:
            after = await preview(session, other_desk, facts, FRIDAY)
        assert after.organisation is not None
        assert after.organisation.id != before.organisation.id

    async def test_numbers_beyond_every_id_are_just_not_found(self, database: Database) -> None:
        async with database.reading() as session:
            assert await organisations.find_organisation(session, "9" * 30) is None
            assert await organisations.find_member(session, 1, "9" * 30) is None
            assert await tickets.list_queue(session, QueueFilter(before=2**62), visible_to=TOOL) == []


class TestMessages:
    async def test_four_deliveries_over_two_processes_are_one_turn(self, database: Database, other: Database) -> None:
        bot = FakeBot()
        first, second = make_inbox(database, bot), make_inbox(other, bot)
        await first.handle(said("在吗", message_id="m0"))
        bot.wait = 0.02
        results = await asyncio.gather(*(one.handle(said("确认提交")) for one in (first, second, first, second)))
        assert bot.heard == ["在吗", "确认提交"]
        assert len({result.message_ids for result in results}) == 1

    async def test_one_id_from_two_people_serves_one_and_refuses_the_other(
        self, database: Database, other: Database
    ) -> None:
        bot = FakeBot()
        results = await asyncio.gather(
            make_inbox(database, bot).handle(said("我的事", sender="a")),
            make_inbox(other, bot).handle(said("别人的事", sender="b")),
            return_exceptions=True,
        )
        (refused,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(refused, Conflict)
        assert len(bot.heard) == 1

    async def test_lines_of_one_person_are_answered_in_the_order_of_their_numbers(
        self, database: Database, other: Database
    ) -> None:
        bot = FakeBot()
        both = make_inbox(database, bot), make_inbox(other, bot)
        await asyncio.gather(*(both[n % 2].handle(said(f"第{n}句", message_id=str(n))) for n in range(8)))
        async with database.reading() as session:
            talk = await conversations.find(session, "web", "a")
            assert talk is not None
            stored = [line.text for line in await conversations.history(session, talk.id, limit=99)]
        assert bot.heard == [line for line in stored if not line.startswith("答")]

    async def test_a_line_waits_while_another_of_that_person_is_stored(
        self, database: Database, other: Database
    ) -> None:
        """Otherwise the later line could be seen, and answered, before the earlier one."""
        inbox = make_inbox(other, FakeBot())
        await inbox.handle(said("在吗", message_id="1"))
        async with database.transaction() as session:
            await conversations.find_or_start(session, said("工资", message_id="2"))
            later = asyncio.create_task(inbox.handle(said("欠了三个月", message_id="3")))
            await asyncio.sleep(0.2)
            assert not later.done()
        assert (await later).replies

    async def test_a_character_no_database_takes_costs_only_itself(self, database: Database) -> None:
        bot = FakeBot()
        result = await make_inbox(database, bot).handle(said("工资\x00没发"))
        assert [reply.text for reply in result.replies] == ["答：工资没发"]


class Channel:
    """Takes its time, and remembers; fails as often as it is told."""

    def __init__(self, *, failures: int = 0) -> None:
        self.sent: list[str] = []
        self.failures = failures
        self.fails_on: set[str] = set()

    def parts(self, reply: Reply) -> list[str]:
        return reply.text.split("|")

    async def send(self, address: str, text: str) -> None:
        await asyncio.sleep(0.01)
        if self.failures or text in self.fails_on:
            self.failures -= text not in self.fails_on
            self.fails_on.discard(text)
            raise Unavailable("busy")
        self.sent.append(text)


async def put(database: Database, texts: Sequence[str], *, push: bool, at: datetime = NOW) -> int:
    """An answered line whose answers still have to go out; the id of the line."""
    start = InboundMessage(channel="wechat", sender="w", external_id="m", text="在吗", at=at, reply_address="open-id")
    async with database.transaction() as session:
        talk = await conversations.find_or_start(session, start)
        line = conversations.add_reply(session, talk, Reply("在吗"), role="user", at=at)
        await session.flush()
        for text in texts:
            conversations.add_reply(session, talk, Reply(text), role="bot", at=at, to=line)
        await session.flush()
        await outbox.hand_out(session, message_id=line.id, now=at, push=push)
        return line.id


class TestDeliveries:
    async def test_two_workers_send_everything_once(self, database: Database, other: Database) -> None:
        texts = [f"答{n}" for n in range(12)]
        await put(database, texts, push=True)
        channel = Channel()
        await asyncio.gather(*(outbox.deliver_due(one, channel, now=NOW) for one in (database, other, database)))
        assert sorted(channel.sent) == sorted(texts)

    async def test_rows_that_are_being_claimed_are_not_taken(self, database: Database, other: Database) -> None:
        await put(database, ["一"], push=True)
        channel = Channel()
        async with database.transaction() as session:
            (mine,) = await conversations.due_deliveries(session, channel="wechat", now=NOW, limit=9)
            second = asyncio.create_task(outbox.deliver_due(other, channel, now=NOW))
            await asyncio.sleep(0.1)
            mine.due_at = NOW + outbox.CLAIMED_FOR
        assert await second == 0
        assert channel.sent == []

    async def test_a_slow_batch_is_left_to_the_worker_that_took_it(self, database: Database, other: Database) -> None:
        await put(database, ["一", "二"], push=True)
        channel = Channel()
        first = asyncio.create_task(outbox.deliver_due(database, channel, now=NOW))
        while not channel.sent:
            await asyncio.sleep(0.001)
        assert await outbox.deliver_due(other, channel, now=NOW + timedelta(minutes=1)) == 0
        await first
        assert channel.sent == ["一", "二"]

    async def test_a_failure_is_tried_again_later(self, database: Database) -> None:
        await put(database, ["一"], push=True)
        channel = Channel(failures=1)
        for seconds, done in ((0, 1), (5, 0), (20, 1), (3600, 0)):
            assert await outbox.deliver_due(database, channel, now=NOW + timedelta(seconds=seconds)) == done
        assert channel.sent == ["一"]

    async def test_a_long_answer_goes_on_where_it_broke_off(self, database: Database) -> None:
        await put(database, ["甲|乙|丙"], push=True)
        channel = Channel()
        channel.fails_on = {"乙"}
        for seconds in (0, 60, 120):
            await outbox.deliver_due(database, channel, now=NOW + timedelta(seconds=seconds))
        assert channel.sent == ["甲", "乙", "丙"]

    async def test_asked_for_while_it_is_being_given_is_given_once(self, database: Database, other: Database) -> None:
        await put(database, ["一", "二"], push=False)
        person = {"channel": "wechat", "sender": "w", "now": NOW}

        async def ask_again() -> Left | None:
            async with other.transaction() as session:
                return await outbox.take(session, key="second", **person)

        async with database.transaction() as session:
            given = await outbox.take(session, key="first", **person)
            again = asyncio.create_task(ask_again())
            await asyncio.sleep(0.1)
        assert given
        assert [reply.text for reply in given.replies] == ["一", "二"]
        assert await again is None

    async def test_asked_for_twice_at_once_by_one_message_is_the_same(
        self, database: Database, other: Database
    ) -> None:
        await put(database, ["一", "二"], push=False)

        async def ask(one: Database) -> list[str]:
            async with one.transaction() as session:
                given = await outbox.take(session, channel="wechat", sender="w", key="m2", now=NOW)
                await asyncio.sleep(0.05)
            return [reply.text for reply in given.replies] if given else []

        assert await asyncio.gather(*(ask(one) for one in (database, other, database))) == [["一", "二"]] * 3

    async def test_handed_out_twice_at_once_is_one_delivery(self, database: Database, other: Database) -> None:
        line = await put(database, ["一"], push=True)

        async def again(one: Database) -> None:
            async with one.transaction() as session:
                await outbox.hand_out(session, message_id=line, now=NOW, push=False)

        await asyncio.gather(again(database), again(other))
        assert await count(database, Delivery) == 1
        assert await count(database, Message) == 2
