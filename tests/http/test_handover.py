"""To a human and back: one operator at a time, what is known goes along, nobody waits without being told."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.domain.deadline import LOCAL
from api.http.talk_stream import TalkStream
from api.services import conversations, handover
from api.services.watching import Watcher
from knowledge_base.operators import load_operator_rules
from tests.http.site import WALL, WEDNESDAY, Site, check_error, one_library, running

TALK = "d7c1b6f09a354a3c8a3e0c9a3f5d2b11"
URL = f"/api/v1/conversations/web/{TALK}"
SAY = load_operator_rules().say
SUNDAY = "2026-11-29T10:00:00+08:00"


async def post(site: Site, step: str, who: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return await site.http.post(f"{URL}/{step}", json=body, headers=site.staff("operator1") if who is None else who)


@pytest.fixture(params=[WEDNESDAY])
async def site(request: pytest.FixtureRequest, tmp_path: Path, seeded_file: Path, monkeypatch: Any) -> Any:
    monkeypatch.setattr("api.main.open_library", one_library)
    async with running(tmp_path, seeded_file, clock=request.param) as opened:
        yield opened


class TestTaking:
    async def test_one_operator_at_a_time(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        assert (await post(site, "take")).json()["owner"] == "human"
        check_error(await post(site, "take", site.staff("operator2")), 409, "already_taken")
        check_error(await post(site, "reply", site.staff("operator2"), text="我来"), 409, "already_taken")
        assert (await post(site, "reply", text="您请说")).status_code == 200
        assert (await post(site, "return")).json() == {"owner": "bot"}
        assert (await post(site, "take", site.staff("operator2"))).status_code == 200

    async def test_the_bot_is_silent_and_then_says_that_it_is_back(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        await post(site, "take")
        assert (await site.say("在吗", sender=TALK, message_id="m-2")).json()["replies"] == []
        assert [turn["text"] for turn in site.rasa.turns] == [WALL]
        await post(site, "return")
        await post(site, "return")
        lines = (await site.http.get(URL)).json()["messages"]
        assert [line["text"] for line in lines[-2:]] == ["在吗", SAY["returned"]]

    async def test_a_mediator_of_elsewhere_cannot_take_it(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        check_error(await post(site, "take", site.staff("donggou1_grid")), 404)


class TestWaiting:
    async def test_the_place_in_the_queue_moves_up(self, site: Site) -> None:
        for number in range(3):
            url = f"/api/v1/conversations/web/{TALK[:-1]}{number}"
            assert (await site.http.post(f"{url}/handoff", json={}, headers=site.tool)).json()["ahead"] == number
        last = f"/api/v1/conversations/web/{TALK[:-1]}2"
        assert (await site.http.get(last)).json()["waiting"]["text"] == SAY["ahead"].format(ahead=2)
        first = f"/api/v1/conversations/web/{TALK[:-1]}0"
        await site.http.post(f"{first}/take", headers=site.staff("operator1"))
        assert (await site.http.get(last)).json()["waiting"]["ahead"] == 1
        assert (await site.http.get(first)).json()["waiting"] == {"ahead": None, "open_now": True, "text": SAY["taken"]}

    @pytest.mark.parametrize("site", [SUNDAY], indirect=True)
    async def test_outside_hours_it_says_so(self, site: Site) -> None:
        answer = (await site.http.post(f"{URL}/handoff", json={}, headers=site.tool)).json()
        assert answer["open_now"] is False
        assert "08:30" in answer["text"]
        assert "12月2日" in answer["text"]

    @pytest.mark.parametrize(
        ("at", "there"),
        [
            ("2026-12-02T08:29:00", False),
            ("2026-12-02T08:30:00", True),
            ("2026-12-02T17:31:00", False),
            ("2026-10-01T10:00:00", False),
            ("2026-10-10T10:00:00", True),
        ],
    )
    def test_hours_know_holidays_and_make_up_days(self, at: str, there: bool) -> None:
        assert handover.open_at(datetime.fromisoformat(at).replace(tzinfo=LOCAL)) is there


class TestCallbacks:
    async def test_a_number_left_while_nobody_is_there_is_a_call_back(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        await post(site, "handoff", site.tool)
        said = (await site.say("打我电话 138 0000 0001，下午", sender=TALK, message_id="m-2")).json()
        assert "给您打电话" in said["replies"][0]["text"]
        (wanted,) = (await site.http.get("/api/v1/callbacks", headers=site.staff("operator1"))).json()
        assert (wanted["phone"], wanted["operator"]) == ("13800000001", None)
        await site.http.post(f"/api/v1/callbacks/{wanted['id']}/done", json={}, headers=site.staff("operator1"))
        assert (await site.http.get("/api/v1/callbacks", headers=site.staff("operator1"))).json() == []

    async def test_while_an_operator_answers_a_number_is_just_said(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        await post(site, "take")
        assert (await site.say("13800000001", sender=TALK, message_id="m-2")).json()["replies"] == []

    async def test_the_same_person_is_to_ring_or_it_is_noted(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        await post(site, "take")
        kept = await site.http.post(f"{URL}/callback", json={"phone": "0571-88880000", "wish": "周五"})
        assert kept.status_code == 201
        (wanted,) = (await site.http.get("/api/v1/callbacks", headers=site.staff("operator2"))).json()
        assert wanted["operator"]
        url = f"/api/v1/callbacks/{wanted['id']}/done"
        await site.http.post(url, json={"note": "说清楚了"}, headers=site.staff("operator2"))
        async with site.app.state.runtime.database.reading() as session:
            talk = await conversations.get(session, "web", TALK)
            assert talk.operator_name == wanted["operator"]

    @pytest.mark.parametrize("phone", ["1234567", "一三八", "12345678901234"])
    async def test_what_is_no_number(self, site: Site, phone: str) -> None:
        check_error(await site.http.post(f"{URL}/callback", json={"phone": phone}), 422, "bad_phone")

    async def test_numbers_are_not_for_everybody(self, site: Site) -> None:
        check_error(await site.http.get("/api/v1/callbacks", headers=site.staff("donggou1_grid")), 403)
        check_error(
            await site.http.post("/api/v1/conversations/web/short/callback", json={"phone": "13800000001"}), 401
        )


class TestMarks:
    async def test_abuse_is_warned_of_with_rights_kept_and_brings_the_supervisor(self, site: Site) -> None:
        await site.say(WALL, sender=TALK)
        answer = await post(site, "marks", kind="abuse", note="骂人")
        assert answer.json()["rest_until"]
        line = (await site.http.get(URL)).json()["messages"][-1]
        assert (line["role"], "12345" in line["text"], "照样受理" in line["text"]) == ("staff", True, True)
        assert "辱骂" in (await site.http.get("/console/talks", headers=site.staff("operator1"))).text

    async def test_out_of_scope_names_the_other_door(self, site: Site) -> None:
        await site.say("青蛙太吵", sender=TALK)
        assert (await post(site, "marks", kind="out_of_scope")).json()["rest_until"] is None
        assert "12345" in (await site.http.get(URL)).json()["messages"][-1]["text"]


async def test_what_is_known_goes_along(site: Site) -> None:
    sender = {"channel": "web", "sender": TALK}
    await site.say(WALL, sender=TALK)
    no = await site.open_ticket(**sender)
    await post(site, "handoff", site.tool, reason="要真人", known={"地点": "东沟村一组"})
    lines = {one["label"]: one["text"] for one in (await site.http.get(f"{URL}/summary", headers=site.tool)).json()}
    assert (lines["为什么转来"], lines["地点"], lines["最近说的"]) == ("要真人", "东沟村一组", WALL)
    assert no in lines["工单"]


class TestFollowing:
    async def test_lines_and_state_as_they_come(self, site: Site) -> None:
        runtime = site.app.state.runtime
        await site.say(WALL, sender=TALK)
        async with runtime.database.reading() as session:
            talk = await conversations.get(session, "web", TALK)
        stream = TalkStream(runtime.database, Watcher(runtime.database, seconds=0.02), runtime.settings.now)
        events = stream.events(talk.id, after=0)
        first = [await anext(events) for _ in range(3)]
        assert [one.event for one in first] == ["message", "message", "state"]
        await post(site, "take")
        await post(site, "reply", text="您请说")
        told = [await anext(events) for _ in range(2)]
        assert json.loads(str(told[0].data))["text"] == "您请说"
        assert json.loads(str(told[1].data))["owner"] == "human"
        await events.aclose()

    async def test_only_what_is_new_is_told(self, site: Site) -> None:
        runtime = site.app.state.runtime
        await site.say(WALL, sender=TALK)
        last = (await site.http.get(URL)).json()["messages"][-1]["id"]
        async with runtime.database.reading() as session:
            talk = await conversations.get(session, "web", TALK)
        events = TalkStream(runtime.database, runtime.watcher, runtime.settings.now).events(talk.id, after=last)
        assert (await anext(events)).event == "state"
        await events.aclose()
        assert (await site.http.get(URL, params={"after": last})).json()["messages"] == []

    async def test_a_stranger_may_not_follow(self, site: Site) -> None:
        check_error(await site.http.get("/api/v1/conversations/hotline/a/events"), 401)
        check_error(await site.http.get(f"{URL}/events"), 404)
