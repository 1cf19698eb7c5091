"""Clocks start, stop and move with the ticket; when they run out people are told, step by step and once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.db import clocks as store
from api.db.session import Database
from api.db.tables.clocks import ClockRow
from api.db.tables.desk import EventRow, TicketRow
from api.db.tables.notices import NoticeRow
from api.domain.access import Viewer
from api.domain.calendar import LOCAL
from api.domain.clock import Light
from api.domain.lifecycle import Move
from api.services import agreeing, clock_view, tickets
from api.services.clock_sweep import sweep
from api.services.routing import RoutingDesk
from api.services.tickets import MoveRequest
from tests.services.desk_fixtures import FRIDAY, application, staff
from tests.services.life import Life
from tests.services.notice_fakes import Post, post

TOOL = Viewer.tool()
CRISIS = {"category": "marriage_family", "subcategory": "domestic_violence", "crisis": "domestic_violence"}


def local(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


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


async def move(
    database: Database, desk: RoutingDesk, no: str, step: Move, at: datetime = FRIDAY, **request: Any
) -> TicketRow:
    asked = MoveRequest(**({"note": "理由"} | request))
    async with database.transaction() as session:
        return await tickets.move(session, desk, no, step, asked, by=TOOL, at=at)


async def clocks(database: Database, row: TicketRow) -> dict[str, ClockRow]:
    """Running ones by key."""
    async with database.reading() as session:
        return {one.key: one for one in await store.running(session, row.id)}


async def told(database: Database, event: str) -> list[tuple[str, str]]:
    """(audience, medium) of every notice of this event."""
    async with database.reading() as session:
        query = select(NoticeRow).where(NoticeRow.event == event).order_by(NoticeRow.id)
        return [(row.audience, row.medium) for row in (await session.scalars(query)).all()]


class TestFollowing:
    async def test_a_ticket_opens_with_its_clocks(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        found = await clocks(database, row)
        assert {key: one.due_at for key, one in found.items()} == {
            one["key"]: datetime.fromisoformat(one["at"]) for one in row.due
        }
        assert found["accept"].due_at == local(11, 25, 17, 30)

    async def test_accepting_meets_the_first_and_leaves_the_others(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.ACCEPT)
        assert set(await clocks(database, row)) == {"first_contact", "mediate"}
        await move(database, desk, row.no, Move.START_MEDIATION)
        assert set(await clocks(database, row)) == {"mediate"}
        await move(database, desk, row.no, Move.RECORD_FAILURE)
        assert await clocks(database, row) == {}

    async def test_withdrawing_stops_them_all(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.WITHDRAW)
        async with database.reading() as session:
            assert {one.how for one in await store.of_ticket(session, row.id)} == {"stopped"}

    async def test_handing_up_begins_anew(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.ACCEPT)
        moved = await move(database, desk, row.no, Move.ESCALATE, local(11, 24))
        found = await clocks(database, row)
        assert set(found) == {"accept", "first_contact", "mediate"}
        assert found["accept"].due_at == moved.accept_due_at == local(11, 27, 17, 30)

    async def test_a_transfer_gives_the_new_office_its_three_days_but_no_new_month(
        self, database: Database, desk: RoutingDesk
    ) -> None:
        row = await open_one(database, desk)
        month = (await clocks(database, row))["mediate"].due_at
        moved = await move(database, desk, row.no, Move.TRANSFER, local(11, 24), organisation="青石镇司法所")
        found = await clocks(database, row)
        assert (found["accept"].due_at, found["mediate"].due_at) == (local(11, 27, 17, 30), month)
        promised = next(one for one in moved.due if one["key"] == "accept")
        assert datetime.fromisoformat(promised["at"]) == local(11, 27, 17, 30)
        assert promised["text"].startswith("11月27日")

    async def test_a_major_warning_leaves_two_hours(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        await move(database, desk, row.no, Move.REGRADE, warning_level="major")
        found = await clocks(database, row)
        assert found["accept"].due_at == found["first_contact"].due_at == FRIDAY + timedelta(hours=2)
        await move(database, desk, row.no, Move.REGRADE, local(11, 20, 9, 30), warning_level="general")
        assert (await clocks(database, row))["accept"].due_at == FRIDAY + timedelta(hours=2)

    async def test_an_extension_gives_another_month(self, database: Database, desk: RoutingDesk) -> None:
        row = await open_one(database, desk)
        for step in (Move.ACCEPT, Move.START_MEDIATION, Move.EXTEND):
            moved = await move(database, desk, row.no, step, **EXTENDED if step is Move.EXTEND else {})
        due = (await clocks(database, row))["mediate"].due_at
        assert due.astimezone(LOCAL).date() == local(1, 21).date().replace(year=2027)
        assert moved.mediate_due_at == due


EXTENDED = {"consents": frozenset({"applicant", "respondent"})}


class TestSweep:
    async def test_reminded_supervised_handed_up(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        """Nobody accepts: due on Wednesday evening, supervised on Thursday, with the village after three more days."""
        row = await open_one(database, desk)
        for at in (local(11, 25, 14), local(11, 25, 17, 31), local(11, 26, 17, 31)):
            assert await sweep(database, office.desk, now=at) > 0
        assert ("mediator", "desk") in await told(database, "clock_remind")
        assert {audience for audience, _ in await told(database, "clock_supervise")} == {"above"}
        await office.round(database, local(11, 26, 17, 31))
        assert ("mediator", "desk") in await told(database, "record.supervision.add")
        assert (await clocks(database, row))["supervision"].due_at == local(11, 30, 17, 30)
        assert (await tickets_row(database, row)).tier == "group"
        await sweep(database, office.desk, now=local(11, 30, 17, 31))
        after = await tickets_row(database, row)
        assert (after.tier, after.status) == ("village", "submitted")
        async with database.reading() as session:
            last = (await session.scalars(select(EventRow).order_by(EventRow.seq.desc()).limit(1))).one()
            assert (last.move, last.actor) == ("escalate", "tool:时限提醒")
            assert "到期没有办" in last.note
            assert await tickets.history_is_genuine(session, row.no, visible_to=TOOL)

    async def test_nothing_at_midnight(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        await open_one(database, desk)
        await sweep(database, office.desk, now=local(11, 25, 17, 31))
        before = len(await told(database, "clock_supervise"))
        assert await sweep(database, office.desk, now=local(11, 26, 8)) == 0
        assert len(await told(database, "clock_supervise")) == before

    async def test_never_into_court(self, database: Database, desk: RoutingDesk, office: Post) -> None:
        row = await open_one(database, desk, category="land_forest", subcategory="encroachment", facts=MASS)
        assert row.tier == "town"
        for day in range(20, 30):
            await sweep(database, office.desk, now=local(11, day, 17, 31))
        assert (await tickets_row(database, row)).tier == "town"
        assert await told(database, "clock_stuck") != []

    async def test_a_protective_ticket_calls_louder_and_stays(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        row = await open_one(database, desk, **CRISIS)
        night = FRIDAY + timedelta(minutes=50)
        await sweep(database, office.desk, now=night)
        await office.round(database, night)
        assert {audience for audience, _ in await told(database, "clock_danger")} >= {"mediator"}
        assert {audience for audience, _ in await told(database, "clock_danger_up")} >= {"told", "town"}
        assert (await tickets_row(database, row)).tier == row.tier
        assert office.sms.texts == []

    async def test_a_legal_limit_is_told_before_it_is_over(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        """Dismissed eleven months ago: the applicant hears of the arbitration year, thirty and seven days before."""
        facts = {"event_date": "2026-01-20"}
        row = await open_one(database, desk, category="labor", subcategory="termination", facts=facts)
        assert (await clocks(database, row))["legal"].due_at.astimezone(LOCAL).date().isoformat() == "2027-01-20"
        for at in (local(11, 23), local(12, 1), local(12, 22)):
            await sweep(database, office.desk, now=at)
            await office.round(database, at)
        assert len([text for text in office.sms.texts if "法定期限1月20日" in text]) == 2
        await move(database, desk, row.no, Move.ACCEPT)
        await move(database, desk, row.no, Move.START_MEDIATION)
        async with database.transaction() as session:
            await agreeing.settle(session, desk, row.no, "按法律规定补发工资", by=TOOL, at=FRIDAY)
        assert "legal" not in await clocks(database, row)

    async def test_a_labour_dispute_after_fifteen_days_hears_of_arbitration(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        row = await open_one(database, desk, category="labor", subcategory="termination")
        await move(database, desk, row.no, Move.ACCEPT)
        await move(database, desk, row.no, Move.START_MEDIATION)
        await sweep(database, office.desk, now=local(12, 8, 9))
        await office.round(database, local(12, 8, 9))
        assert [text for text in office.sms.texts if "劳动仲裁" in text]

    async def test_two_workers_take_every_step_once(
        self, database: Database, other: Database, desk: RoutingDesk, office: Post
    ) -> None:
        rows = [await open_one(database, desk, sender=f"v-{number}") for number in range(6)]
        colleague = post(RoutingDesk(desk.policy, desk.calendar))
        for at in (local(11, 25, 17, 31), local(11, 26, 17, 31), local(11, 30, 17, 31)):
            done = await asyncio.gather(
                *(sweep(one, desk.desk, now=at) for one, desk in ((database, office), (other, colleague)) * 2)
            )
            assert sum(done) > 0
        await sweep(database, office.desk, now=local(11, 30, 17, 31))
        assert [row.tier for row in [await tickets_row(database, row) for row in rows]] == ["village"] * 6
        async with database.reading() as session:
            moves = (await session.scalars(select(EventRow.move).where(EventRow.move == "escalate"))).all()
        assert len(moves) == 6
        assert (await told(database, "clock_supervise")).count(("above", "desk")) == 12

    async def test_a_step_that_fails_stops_nobody_else(
        self, database: Database, desk: RoutingDesk, office: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = [await open_one(database, desk, sender=f"v-{number}") for number in range(2)]
        real = tickets.move

        async def broken(session: Any, desk: Any, no: str, *rest: Any, **more: Any) -> TicketRow:
            if no == first.no:
                raise RuntimeError("broken")
            return await real(session, desk, no, *rest, **more)

        monkeypatch.setattr(tickets, "move", broken)
        for at in (local(11, 25, 17, 31), local(11, 26, 17, 31), local(11, 30, 17, 31)):
            await sweep(database, office.desk, now=at)
        assert (await tickets_row(database, first)).tier == "group"
        assert (await tickets_row(database, second)).tier == "village"
        assert await told(database, "clock_stuck") != []
        assert await sweep(database, office.desk, now=local(11, 30, 17, 31)) == 0


MASS = {"people_involved": 120}


async def tickets_row(database: Database, row: TicketRow) -> TicketRow:
    async with database.reading() as session:
        return await tickets.get(session, row.no, visible_to=TOOL)


CALL = {"department": "青石镇派出所", "deadline": "2026-11-23T10:00:00+08:00", "task": "看现场"}


class TestRecords:
    """Call-outs, pauses, agreements: each record brings its own clock."""

    async def test_a_department_that_does_not_come_is_reminded(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        life = await Life(database, desk).opened(Move.ACCEPT)
        call = await life.add("call_out", **CALL)
        row = await life.ticket()
        assert (await clocks(database, row))["call_out"].due_at == local(11, 23)
        await office.round(database, FRIDAY)
        assert await told(database, "record.call_out.add") == [("department", "desk")]
        await sweep(database, office.desk, now=local(11, 23, 10, 1))
        assert {audience for audience, _ in await told(database, "clock_call_out")} == {"organisation", "department"}
        await life.step(call.no, "acknowledge", days=4)
        assert "call_out" not in await clocks(database, row)
        async with database.reading() as session:
            board = await clock_view.call_outs(
                session, visible_to=TOOL, since=FRIDAY, now=local(11, 25), calendar=desk.calendar
            )
        (line,) = board.departments
        assert (line.department, line.calls, line.acknowledged, line.late) == ("青石镇派出所", 1, 1, 1)
        assert line.minutes_to_acknowledge == 4 * 24 * 60

    async def test_a_new_deadline_moves_its_clock(self, database: Database, desk: RoutingDesk) -> None:
        life = await Life(database, desk).opened(Move.ACCEPT)
        call = await life.add("call_out", **CALL)
        await life.correct(call.no, deadline="2026-11-24T10:00:00+08:00")
        assert (await clocks(database, await life.ticket()))["call_out"].due_at == local(11, 24)
        await life.step(call.no, "acknowledge")
        await life.correct(call.no, deadline="2026-11-25T10:00:00+08:00")
        assert "call_out" not in await clocks(database, await life.ticket())

    async def test_waiting_for_an_appraisal_does_not_count(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        life = await Life(database, desk).opened(Move.ACCEPT, Move.START_MEDIATION)
        before = (await clocks(database, await life.ticket()))["mediate"].due_at
        pause = await life.add("pause", since="2026-11-20", why="appraisal", until="2026-12-30")
        paused = (await clocks(database, await life.ticket()))["mediate"]
        assert (paused.paused_at, paused.next_at) == (FRIDAY, None)
        await sweep(database, office.desk, now=local(12, 28))
        assert await told(database, "clock_supervise") == []
        await life.step(pause.no, "resume", days=7)
        row = await life.ticket()
        resumed = (await clocks(database, row))["mediate"]
        assert resumed.due_at == row.mediate_due_at == before + timedelta(days=7)

    async def test_thirty_days_for_the_court_counted_down(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        """Days 1, 20 and 27 after the agreement took effect, each once; nothing more once both have applied."""
        life = await Life(database, desk).opened(Move.ACCEPT, Move.START_MEDIATION)
        agreement = await life.agreed()
        at = FRIDAY
        for day in range(1, 36):
            at = FRIDAY + timedelta(days=day, hours=1)
            await sweep(database, office.desk, now=at)
            if day in (1, 3, 19, 22, 26, 35):
                assert (day, len(await told(database, "clock_confirmation"))) == (day, 2 * REMINDED[day])
        assert len(await told(database, "clock_confirmation_last")) == 2
        assert "confirmation" not in await clocks(database, await life.ticket()), "not applied for is nobody's fault"
        other = await Life(database, desk).opened(Move.ACCEPT, Move.START_MEDIATION, sender="v-2")
        agreement = await other.agreed()
        await other.add(
            "confirmation",
            under=agreement.no,
            applied_on="2026-11-20",
            court="清和县人民法院",
            applicant_consents=True,
            respondent_consents=True,
        )
        assert "confirmation" not in await clocks(database, await other.ticket())

    async def test_the_agreed_day_passes_and_somebody_asks(
        self, database: Database, desk: RoutingDesk, office: Post
    ) -> None:
        life = await Life(database, desk).opened(Move.ACCEPT, Move.START_MEDIATION)
        await life.agreed()
        row = await life.ticket()
        async with database.reading() as session:
            found = [(one.key, one.due_at.astimezone(LOCAL).date().day) for one in await store.running(session, row.id)]
        assert [day for key, day in found if key == "performance"] == [25, 20]
        assert [day for key, day in found if key == "follow_up"] == [2, 27]
        await sweep(database, office.desk, now=local(11, 27, 9))
        assert {audience for audience, _ in await told(database, "clock_performance")} >= {"mediator"}
        await life.add("follow_up", day="2026-11-20", whom="both", way="phone", satisfaction="satisfied")
        assert "follow_up" not in await clocks(database, row)


REMINDED = {1: 0, 3: 1, 19: 1, 22: 2, 26: 2, 35: 2}


class TestBoard:
    async def test_lights_by_organisation_only_of_what_one_may_see(self, database: Database, desk: RoutingDesk) -> None:
        await open_one(database, desk)
        boss, stranger = await staff(database, "qingshi_leader"), await staff(database, "hewan1_grid")
        for viewer, lights in ((boss, {Light.RED: 2, Light.GREEN: 1}), (stranger, {})):
            async with database.reading() as session:
                board = await clock_view.supervision(
                    session,
                    visible_to=viewer,
                    wanted=clock_view.BoardFilter(),
                    now=local(11, 26, 9),
                    calendar=desk.calendar,
                    limit=50,
                )
            assert {light: count for light, count in board.lights.items() if count} == lights
            assert len(board.lines) == sum(lights.values())
        assert board.organisations == []
