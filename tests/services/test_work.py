"""Records beside tickets: made by those who keep them, seen by scope, counted by themselves, never about a person."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from api.db.session import Database
from api.db.tables.work import WorkEventRow, WorkRow
from api.db.work import WorkFilter
from api.domain.access import Viewer
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, TransitionNotAllowed
from api.domain.organisation import Place
from api.services import work
from api.services.work import WorkDraft
from tests.services.desk_fixtures import FRIDAY, staff

EAST = Place(town="青石镇", village="东沟村")
WEST = Place(town="青石镇", village="西沟村")
MONTHLY = {"period": "monthly", "focus": "land", "starts": "2026-11-01", "ends": "2026-11-18"}
FAIR = {"form": "fair", "title": "赶集普法", "held_on": "2026-11-19", "people": 120, "books": 14, "leaflets": 300}
CHECKS = ("register_kept", "on_time", "free_of_charge", "rights_told", "files_kept", "duty_kept")
INSPECTED = {"quarter": "q4", "visited_on": "2026-11-19"} | dict.fromkeys(CHECKS, True)
TODAY = date(2026, 11, 20)


async def made(database: Database, username: str, kind: str, place: Place, fields: dict[str, Any], **more: Any) -> str:
    async with database.transaction() as session:
        by = await who(session, database, username)
        key = more.pop("key", None)
        return (await work.make(session, kind, WorkDraft(place, fields, **more), by=by, at=FRIDAY, key=key)).no


async def who(session: Any, database: Database, username: str) -> Viewer:
    from api.services import accounts

    return await accounts.viewer_of(session, username)


async def step(database: Database, username: str, kind: str, no: str, move: str, **more: Any) -> WorkRow:
    async with database.transaction() as session:
        by = await who(session, database, username)
        given = {"fields": {}, "version": None, "note": ""} | more
        return await work.move(session, kind, no, move, given.pop("fields"), by=by, at=FRIDAY, **given)


async def test_a_sweep_goes_from_plan_to_done_with_its_figures(database: Database) -> None:
    no = await made(database, "donggou_director", "sweep", EAST, MONTHLY)
    with pytest.raises(InvalidInput, match="走访户数"):
        await step(database, "donggou_director", "sweep", no, "finish")
    found = {"households": 86, "found": 3, "settled": 2, "handed_up": 1}
    done = await step(database, "donggou_director", "sweep", no, "finish", fields=found)
    assert (done.status, done.facts["found"], [one.move for one in done.events]) == ("done", 3, ["make", "finish"])
    with pytest.raises(TransitionNotAllowed, match="现在能办的：没有"):
        await step(database, "donggou_director", "sweep", no, "begin")


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("sweep", MONTHLY | {"starts": "2026-11-30", "ends": "2026-11-01"}, "ends"),
        ("sweep", MONTHLY | {"found": 3, "settled": 2, "handed_up": 2}, "settled"),
        ("course", {"form": "lecture", "title": "课", "held_on": "2026-11-19", "hours": 40000}, "hours"),
        (
            "judicial_suggestion",
            {"sort": "court", "issuer": "法院", "problem": "问题", "sent_on": "2026-11-19", "reply_due": "2026-11-18"},
            "reply_due",
        ),
        ("point", {"sort": "library", "name": "书屋", "address": "村部", "checked_on": "2030-01-01"}, "checked_on"),
        (
            "point",
            {"sort": "library", "name": "书屋", "address": "村部", "checked_on": "2026-11-19", "longitude": 999},
            "longitude",
        ),
        ("covenant", {"sort": "village", "title": "约", "text": "约", "present": 30, "in_favour": 90}, "in_favour"),
        ("inspection", INSPECTED | {"visited_on": "2027-11-29"}, "visited_on"),
        ("inspection", INSPECTED | {"fix_by": "2026-11-01"}, "fix_by"),
    ],
)
async def test_what_cannot_be_true_is_refused(
    database: Database, kind: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await made(database, "admin", kind, EAST, fields)
    assert (refused.value.code, refused.value.more["field"]) == ("bad_field", field)


async def test_what_is_still_to_come_is_not_recorded_as_done(database: Database) -> None:
    no = await made(database, "donggou_director", "outreach", EAST, FAIR | {"held_on": "2026-11-21"})
    with pytest.raises(InvalidInput, match="将来"):
        await step(database, "donggou_director", "outreach", no, "hold")
    done = await step(database, "donggou_director", "outreach", no, "hold", fields={"held_on": "2026-11-20"})
    async with database.transaction() as session:
        by = await who(session, database, "donggou_director")
        with pytest.raises(InvalidInput, match="将来"):
            await work.correct(
                session, "outreach", no, {"held_on": "2026-12-20"}, version=done.version, note="改期", by=by, at=FRIDAY
            )


async def test_nothing_wrong_is_said_only_where_every_check_was_met(database: Database) -> None:
    no = await made(
        database, "admin", "inspection", EAST, INSPECTED | {"duty_kept": False}, owner="东沟村人民调解委员会"
    )
    with pytest.raises(InvalidInput, match="值班到位"):
        await step(database, "admin", "inspection", no, "clear")
    no = await made(database, "admin", "inspection", EAST, INSPECTED, owner="东沟村人民调解委员会")
    assert (await step(database, "admin", "inspection", no, "clear")).status == "clear"


async def test_a_decision_is_not_due_before_its_meeting(database: Database) -> None:
    town = Place(town="青石镇")
    meeting = {"form": "joint", "held_on": "2026-11-10", "agenda": "灌溉用水分配"}
    parent = await made(database, "qingshi_leader", "joint_meeting", town, meeting)
    decided = {"text": "修渠", "due_on": "2020-01-01"}
    with pytest.raises(InvalidInput, match="2026年11月10日") as refused:
        await made(database, "qingshi_leader", "decision", town, decided, owner="青石镇司法所", parent=parent)
    assert refused.value.more["field"] == "due_on"


async def test_a_sweep_cannot_name_a_person(database: Database) -> None:
    """There is no field for one, and a text that labels people or carries a number of theirs is refused."""
    for wrong in ({"person": "某某"}, {"name": "某某"}, {"id_card": "110101199001011234"}):
        with pytest.raises(InvalidInput, match="不认识的项目"):
            await made(database, "donggou_director", "sweep", EAST, MONTHLY | wrong)
    for text in ("逐个排查重点 人员", "走访信访老户三户", "联系13800138000"):
        with pytest.raises(InvalidInput) as refused:
            await made(database, "donggou_director", "sweep", EAST, MONTHLY | {"summary": text})
        assert refused.value.code == "person_refused"
    no = await made(database, "donggou_director", "sweep", EAST, MONTHLY)
    with pytest.raises(InvalidInput, match="按地点和时段"):
        await step(database, "donggou_director", "sweep", no, "cancel", note="改为盯住上访人员")


async def test_a_record_is_seen_by_its_keeper_and_those_above_it(database: Database) -> None:
    no = await made(database, "donggou_director", "sweep", EAST, MONTHLY)
    async with database.reading() as session:
        for username, seen in (
            ("donggou_women", True),
            ("qingshi_sifa1", True),
            ("qingshi_leader", True),
            ("supervisor", True),
            ("xigou_director", False),
            ("baihua_leader", False),
            ("qingshi_police", False),
        ):
            viewer = await who(session, database, username)
            listed = await work.listed(session, "sweep", WorkFilter(), visible_to=viewer)
            assert [row.no for row in listed] == ([no] if seen else []), username
            if not seen:
                with pytest.raises(NotFound):
                    await work.get(session, "sweep", no, visible_to=viewer)
        with pytest.raises(NotFound):
            await work.get(session, "sweep", no, visible_to=Viewer.applicant("web", "visitor-1"))


async def test_nobody_writes_for_a_place_that_is_not_theirs(database: Database) -> None:
    with pytest.raises(InvalidInput) as outside:
        await made(database, "donggou_director", "sweep", WEST, MONTHLY)
    assert outside.value.code == "outside"
    with pytest.raises(Forbidden):
        await made(database, "donggou_director", "sweep", WEST, MONTHLY, organisation="西沟村人民调解委员会")
    assert await made(database, "qingshi_leader", "sweep", WEST, MONTHLY, organisation="西沟村人民调解委员会")
    with pytest.raises(InvalidInput, match="没有这个地方"):
        await made(database, "donggou_director", "sweep", Place(town="青石镇", village="无此村"), MONTHLY)
    with pytest.raises(InvalidInput, match="写到村"):
        await made(database, "qingshi_leader", "sweep", Place(town="青石镇"), MONTHLY)


async def test_the_outreach_log_counts_itself(database: Database) -> None:
    for place, username in ((EAST, "donggou_director"), (EAST, "donggou_director"), (WEST, "xigou_director")):
        await made(database, username, "outreach", place, FAIR)
    off = await made(database, "xigou_director", "outreach", WEST, FAIR)
    await step(database, "xigou_director", "outreach", off, "cancel", note="下雨")
    async with database.reading() as session:
        viewer = await who(session, database, "qingshi_leader")
        found = await work.counted(session, "outreach", WorkFilter(town="青石镇"), visible_to=viewer)
        none = await work.counted(session, "outreach", WorkFilter(since=TODAY), visible_to=viewer)
    assert {one.village: (one.records, one.sums["people"], one.sums["leaflets"]) for one in found} == {
        "东沟村": (2, 240, 600),
        "西沟村": (1, 120, 300),
    }
    assert [one.sums["consultations"] for one in found] == [0, 0]
    assert none == []


async def test_a_decision_is_tracked_by_the_organisation_it_is_up_to(database: Database) -> None:
    meeting = {"form": "joint", "held_on": "2026-11-10", "agenda": "灌溉用水分配"}
    town = Place(town="青石镇")
    parent = await made(database, "qingshi_leader", "joint_meeting", town, meeting)
    decided = {"text": "先修二组水渠", "due_on": "2026-11-17"}
    with pytest.raises(InvalidInput, match="由哪个单位负责"):
        await made(database, "qingshi_leader", "decision", town, decided, parent=parent)
    with pytest.raises(InvalidInput, match="挂在"):
        await made(database, "qingshi_leader", "decision", town, decided, owner="青石镇司法所")
    owner = "东沟村人民调解委员会"
    no = await made(database, "qingshi_leader", "decision", town, decided, owner=owner, parent=parent)
    async with database.reading() as session:
        village = await who(session, database, "donggou_director")
        assert [row.no for row in await work.late(session, TODAY, visible_to=village)] == [no]
        assert await work.late(session, date(2026, 11, 17), visible_to=village) == []
    with pytest.raises(Forbidden):
        await step(database, "donggou_director", "decision", no, "drop", note="不想办")
    await step(database, "donggou_director", "decision", no, "finish", fields={"result": "已修好"})
    with pytest.raises(Forbidden):
        await step(database, "donggou_director", "decision", no, "confirm")
    assert (await step(database, "qingshi_leader", "decision", no, "confirm")).status == "confirmed"


async def test_a_judicial_suggestion_has_its_reply_due(database: Database) -> None:
    letter = {"sort": "court", "issuer": "青石镇人民法庭", "problem": "工程发包没有核对资质，建议建立台账"}
    sent = {"sent_on": "2026-09-01", "reply_due": "2026-10-31"}
    town, owner = Place(town="青石镇"), "东沟村人民调解委员会"
    no = await made(database, "qingshi_court", "judicial_suggestion", town, letter, owner=owner)
    with pytest.raises(InvalidInput, match="送达日期"):
        await step(database, "qingshi_court", "judicial_suggestion", no, "send")
    await step(database, "qingshi_court", "judicial_suggestion", no, "send", fields=sent)
    async with database.reading() as session:
        late = await work.late(session, TODAY, visible_to=await who(session, database, "donggou_director"))
        assert [row.no for row in late] == [no]
    await step(database, "donggou_director", "judicial_suggestion", no, "reply", fields={"reply": "已建台账"})
    closed = await step(database, "qingshi_court", "judicial_suggestion", no, "close", fields={"result": "accepted"})
    assert closed.status == "closed"


async def test_an_edit_keeps_the_old_text_and_a_forged_one_shows(database: Database) -> None:
    no = await made(database, "donggou_director", "outreach", EAST, FAIR)
    viewer = await staff(database, "donggou_director")
    async with database.transaction() as session:
        row = await work.correct(
            session,
            "outreach",
            no,
            {"title": "冬季赶集普法", "people": 90},
            version=1,
            note="写错",
            by=viewer,
            at=FRIDAY,
        )
        assert (work.filled(row)["title"], row.facts["people"], row.version) == ("冬季赶集普法", 90, 2)
        assert [json.loads(event.note)["words"]["title"] for event in row.events] == ["赶集普法", "冬季赶集普法"]
    async with database.transaction() as session:
        with pytest.raises(Conflict) as stale:
            await work.correct(session, "outreach", no, {"people": 1}, version=1, note="", by=viewer, at=FRIDAY)
        assert stale.value.code == "stale_version"
    async with database.transaction() as session:
        assert await work.is_genuine(session, "outreach", no, visible_to=viewer)
        first = select(WorkEventRow.id).order_by(WorkEventRow.id).limit(1).scalar_subquery()
        forged = update(WorkEventRow).where(WorkEventRow.id == first).values(changes={"people": "999"})
        await session.execute(forged.execution_options(synchronize_session=False))
        assert not await work.is_genuine(session, "outreach", no, visible_to=viewer)


async def test_the_same_key_makes_one_record(database: Database) -> None:
    first = await made(database, "donggou_director", "outreach", EAST, FAIR, key="k-1")
    assert await made(database, "donggou_director", "outreach", EAST, FAIR, key="k-1") == first
    with pytest.raises(Conflict):
        await made(database, "donggou_director", "outreach", EAST, FAIR | {"people": 7}, key="k-1")


async def test_words_are_unreadable_in_the_database(database: Database) -> None:
    from sqlalchemy import text

    helper = {"sort": "worthy", "called": "东沟村乡贤一", "phone": "13800138000", "agrees": True}
    await made(database, "donggou_director", "helper", EAST, helper)
    async with database.reading() as session:
        raw = (await session.execute(text("select facts, words from work_records"))).one()
    assert "13800138000" not in str(raw)
    assert "乡贤一" not in str(raw)


async def test_tickets_named_in_a_record_are_ones_the_writer_may_see(database: Database, desk: Any) -> None:
    from api.services import tickets
    from tests.services.desk_fixtures import application

    async with database.transaction() as session:
        no = (
            await tickets.open_ticket(
                session, desk, application(), by=Viewer.tool(), at=FRIDAY - timedelta(days=1), key=None
            )
        ).no
    meeting = {"form": "conference", "held_on": "2026-11-19", "agenda": "滴水檐纠纷会商"}
    assert await made(database, "qingshi_leader", "joint_meeting", Place(town="青石镇"), meeting, tickets=(no,))
    with pytest.raises(InvalidInput, match="没有这张工单"):
        await made(database, "baihua_leader", "joint_meeting", Place(town="白桦镇"), meeting, tickets=(no,))
