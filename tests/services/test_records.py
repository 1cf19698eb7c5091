"""Records on tickets: typed, sealed, versioned, each with its event in the history; on both databases."""

import json

import pytest
from sqlalchemy import select, text

from api.db.records import content_of
from api.db.session import Database
from api.db.tables.desk import PartyRow
from api.db.tables.records import RecordVersionRow
from api.domain.access import Viewer
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, TransitionNotAllowed
from api.domain.lifecycle import Move
from api.domain.records import salted_digest
from api.services import records
from api.services.routing import RoutingDesk
from tests.services.desk_fixtures import staff
from tests.services.life import TOOL, Life

START = (Move.ACCEPT, Move.START_MEDIATION)
HELD = {"day": "2026-11-20", "came": ["申请人", "邻居"], "minutes": "双方愿意商量"}
SECRET = "他其实愿意让三百块"


@pytest.fixture
async def life(database: Database, desk: RoutingDesk) -> Life:
    return await Life(database, desk).opened(*START)


class TestOneRecord:
    async def test_a_meeting_is_planned_and_held(self, life: Life) -> None:
        meeting = await life.add("meeting", at="2026-11-23T09:00", way="offline", place="村委会", invited=["申请人"])
        assert (meeting.no, meeting.state, meeting.code) == (1, "planned", "offline")
        held = await life.step(meeting.no, "hold", **HELD)
        assert (held.state, held.revision, str(held.day)) == ("held", 2, "2026-11-20")
        assert content_of(held)["place"] == "村委会"

    async def test_every_version_has_its_event_with_a_digest_and_no_content(self, life: Life) -> None:
        meeting = await life.add("meeting", at="2026-11-23T09:00", way="offline")
        await life.step(meeting.no, "hold", **HELD)
        ticket = await life.ticket()
        events = [event for event in ticket.events if event.move == "record"]
        async with life.database.reading() as session:
            versions = (await session.scalars(select(RecordVersionRow).order_by(RecordVersionRow.revision))).all()
        for event, version in zip(events, versions, strict=True):
            assert event.seq == version.event_seq
            assert event.changes["record.digest"] == salted_digest(version.salt, content_of(version))
            assert "双方愿意商量" not in json.dumps(event.changes, ensure_ascii=False) + event.note
        assert await life.genuine()

    async def test_a_correction_keeps_the_old_text(self, life: Life) -> None:
        first = await life.add("investigation", day="2026-11-20", asked=["邻居"], text="墙是去年砌的")
        await life.correct(first.no, text="墙是前年砌的")
        async with life.database.reading() as session:
            row = await records.get(session, life.no, first.no, visible_to=TOOL)
        assert [content_of(one)["text"] for one in row.versions] == ["墙是去年砌的", "墙是前年砌的"]
        assert content_of(row)["asked"] == ["邻居"]

    async def test_what_was_written_is_not_readable_in_the_file(self, life: Life) -> None:
        await life.add("caucus", day="2026-11-20", **{"with": "邻居", "text": SECRET})
        async with life.database.reading() as session:
            tables = ("ticket_records", "ticket_record_versions", "ticket_events")
            stored = [(await session.execute(text(f"select * from {name}"))).all() for name in tables]
        assert SECRET not in repr(stored)

    async def test_the_same_key_records_once(self, life: Life) -> None:
        given = {"day": "2026-11-20", "kind": "travel", "amount": "35.5"}
        rows = [await life.add("cost", key="c1", **given) for _ in range(2)]
        assert rows[0].no == rows[1].no
        assert rows[0].amount_fen == 3550
        with pytest.raises(Conflict):
            await life.add("tag", key="c1", tag="old_file")

    async def test_a_stale_version_is_refused_with_the_present_one(self, life: Life) -> None:
        seen = (await life.ticket()).version
        await life.add("tag", tag="old_file", version=seen)
        with pytest.raises(Conflict) as refusal:
            await life.add("tag", tag="busy_season", version=seen)
        assert (refusal.value.code, refusal.value.more["version"]) == ("changed_meanwhile", seen + 1)


class TestBadValues:
    @pytest.mark.parametrize(
        ("kind", "values", "field"),
        [
            ("meeting", {"way": "offline"}, "at"),
            ("meeting", {"at": "2026-02-30T09:00", "way": "offline"}, "at"),
            ("meeting", {"at": "2026-11-23T09:00", "way": "telepathy"}, "way"),
            ("meeting", {"at": "2026-11-23T09:00", "way": "offline", "extra": 1}, "extra"),
            ("meeting", {"at": "1990-11-30T09:00", "way": "offline"}, "at"),
            ("pause", {"since": "2026-11-19", "why": "party", "until": "2026-11-30"}, "since"),
            ("pause", {"since": "2026-11-20", "why": "party", "until": "2026-11-20"}, "until"),
            ("pause", {"since": "2026-11-20", "why": "party", "until": "2026-12-21"}, "until"),
            ("pause", {"since": "2026-11-20", "why": "other_case", "until": "2099-12-31"}, "until"),
            ("cost", {"day": "2026-11-20", "kind": "travel", "amount": -1}, "amount"),
            ("cost", {"day": "2026-11-21", "kind": "travel", "amount": 1}, "day"),
            ("call_out", {"department": "没有的局", "deadline": "2026-11-23T09:00", "task": "来看现场"}, "department"),
            ("call_out", {"department": "青石镇派出所", "deadline": "2026-11-19T09:00", "task": "来看"}, "deadline"),
            ("investigation", {"day": "2026-11-20", "asked": [], "text": "x"}, "asked"),
        ],
    )
    async def test_is_refused_with_the_field(
        self, life: Life, kind: str, values: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await life.add(kind, **values)
        assert refusal.value.more["field"] == field
        assert await life.listed(kind) == []

    async def test_days_of_a_docking_come_one_after_another(self, life: Life) -> None:
        sent = {"sent_on": "2026-11-20", "receiver": "青石镇人民法庭诉调对接点", "kind": "docking", "papers": ["卷宗"]}
        with pytest.raises(InvalidInput, match="不能早于“送出日期”（2026年11月20日）") as refusal:
            await life.add("docking", **sent, answer_by="2020-01-01T09:00")
        assert refusal.value.more["field"] == "answer_by"
        docking = await life.add("docking", **sent)
        for step, values, field in (
            ("receive", {"day": "2026-11-19", "receipt": "收 1"}, "day"),
            ("file", {"filed_on": "2026-11-19"}, "filed_on"),
        ):
            with pytest.raises(InvalidInput, match="送出日期") as refusal:
                await life.step(docking.no, step, days=9, **values)
            assert refusal.value.more["field"] == field
        assert (await life.step(docking.no, "file", days=9, filed_on="2026-11-20")).state == "filed"
        with pytest.raises(InvalidInput, match="送出日期"):
            await life.correct(docking.no, days=9, filed_on="2026-11-01")

    async def test_unknown_kinds_and_numbers(self, life: Life) -> None:
        with pytest.raises(NotFound):
            await life.add("score")
        with pytest.raises(NotFound):
            await life.step(9, "hold")

    async def test_a_step_that_is_not_possible_names_those_that_are(self, life: Life) -> None:
        meeting = await life.add("meeting", at="2026-11-23T09:00", way="offline")
        await life.step(meeting.no, "cancel", why="下大雨")
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.step(meeting.no, "hold", **HELD)
        assert refusal.value.more == {"allowed": []}

    async def test_not_in_every_status(self, database: Database, desk: RoutingDesk) -> None:
        life = await Life(database, desk).open()
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.add("meeting", at="2026-11-23T09:00", way="offline")
        assert refusal.value.more["allowed_in"] == ["accepted", "mediating"]

    async def test_no_meeting_where_somebody_is_in_danger(self, database: Database, desk: RoutingDesk) -> None:
        life = await Life(database, desk).opened(Move.ACCEPT, crisis="domestic_violence")
        with pytest.raises(TransitionNotAllowed, match="保护性"):
            await life.add("meeting", at="2026-11-23T09:00", way="offline")


class TestWhoSees:
    async def test_private_notes_are_their_authors_alone(self, life: Life) -> None:
        grid = await staff(life.database, "donggou1_grid")
        note = await life.add("caucus", by=grid, day="2026-11-20", **{"with": "邻居", "text": SECRET})
        assert [row.no for row in await life.listed(by=grid)] == [note.no]
        others = [await staff(life.database, name) for name in ("admin", "donggou1_leader", "qingshi_leader")]
        for viewer in (*others, TOOL, Viewer.applicant("web", "visitor-1")):
            assert await life.listed(by=viewer) == []
            with pytest.raises(NotFound):
                async with life.database.reading() as session:
                    await records.get(session, life.no, note.no, visible_to=viewer)
            with pytest.raises(NotFound):
                await life.correct(note.no, by=viewer, text="改")

    async def test_applicants_read_what_is_for_parties(self, life: Life) -> None:
        own = Viewer.applicant("web", "visitor-1")
        await life.add("investigation", day="2026-11-20", asked=["邻居"], text="内部")
        await life.add("rights_notice", day="2026-11-20", reason="start", to="双方", text="调解自愿")
        assert [row.kind for row in await life.listed(by=own)] == ["rights_notice"]
        with pytest.raises(Forbidden):
            await life.add("tag", by=own, tag="old_file")

    async def test_another_village_finds_nothing(self, life: Life) -> None:
        with pytest.raises(NotFound):
            await life.add("tag", by=await staff(life.database, "xigou_director"), tag="old_file")

    async def test_a_called_department_may_look_and_report(self, life: Life) -> None:
        police = await staff(life.database, "qingshi_police")
        with pytest.raises(NotFound):
            await life.ticket(by=police)
        call = await life.add("call_out", department="青石镇派出所", deadline="2026-11-21T09:00", task="来看现场")
        assert (await life.step(call.no, "acknowledge", by=police, who_comes="值班民警")).state == "acknowledged"
        done = await life.step(call.no, "finish", by=police, days=1, result="已到场")
        assert (done.state, done.organisation_id) == ("done", int(police.organisation))
        with pytest.raises(Forbidden):
            await life.add("investigation", by=police, day="2026-11-20", asked=["邻居"], text="x")

    async def test_only_the_tier_above_supervises(self, life: Life) -> None:
        given = {"deadline": "2026-11-25T09:00", "reason": "超期未办"}
        with pytest.raises(Forbidden):
            await life.add("supervision", by=await staff(life.database, "donggou1_grid"), **given)
        above = await staff(life.database, "qingshi_sifa1")
        issued = await life.add("supervision", by=above, **given)
        await life.step(issued.no, "answer", by=await staff(life.database, "donggou1_grid"), answer="明天上门")
        assert (await life.step(issued.no, "close", by=above)).state == "closed"


class TestParties:
    async def test_added_and_corrected_with_the_old_values_kept(self, life: Life) -> None:
        ticket = await life.ticket()
        applicant = next(one for one in ticket.parties if one.role == "applicant")
        await life.add("party", role="representative", name="代理人", represents=applicant.id, authority="general")
        fix = await life.add("party", party=applicant.id, role="applicant", name="申请人本人", phone="13900000000")
        assert content_of(fix)["before"]["name"] == "申请人"
        async with life.database.reading() as session:
            rows = (await session.scalars(select(PartyRow).order_by(PartyRow.id))).all()
        assert [(row.role, row.name) for row in rows] == [
            ("applicant", "申请人本人"),
            ("respondent", "邻居"),
            ("representative", "代理人"),
        ]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"role": "representative", "name": "代理人"}, "represents"),
            ({"role": "respondent"}, "name"),
            ({"role": "respondent", "party": 999, "name": "x"}, "party"),
        ],
    )
    async def test_nonsense_is_refused(self, life: Life, values: dict[str, object], field: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await life.add("party", **values)
        assert refusal.value.more["field"] == field


class TestObjection:
    async def test_the_next_mediator_takes_over_then_the_next_tier(self, life: Life) -> None:
        own = Viewer.applicant("web", "visitor-1")
        before = await life.ticket()
        await life.add("objection", by=own, who="applicant", reason="调解员是他亲戚")
        after = await life.ticket()
        assert after.organisation_id == before.organisation_id
        assert after.mediator_id not in (None, before.mediator_id)
        await life.add("objection", by=own, who="applicant", reason="这一位也是")
        last = await life.ticket()
        assert (last.tier, last.status) == ("village", "submitted")
        assert "这一位也是" in last.events[-1].note
        assert await life.genuine()
