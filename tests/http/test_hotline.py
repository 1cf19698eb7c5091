"""The hotline: who rings, what the operator sees while listening, what comes of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.http.routes.hotline import desk_events
from api.services import accounts
from tests.http.site import WALL, WEDNESDAY, Site, check_error, one_library, parsed, running

URL = "/api/v1/hotline"
PHONE = "13800000001"
WAGES = {"category": "labour", "subcategory": "wages", "confidence": 0.95, "alternatives": []}


@pytest.fixture
async def site(tmp_path: Path, seeded_file: Path, monkeypatch: Any) -> Any:
    monkeypatch.setattr("api.main.open_library", one_library)
    async with running(tmp_path, seeded_file, clock=WEDNESDAY) as opened:
        yield opened


async def event(
    site: Site, kind: str, *, call: str = "c-1", phone: str = PHONE, at: str | None = None
) -> dict[str, Any]:
    body = {"call_id": call, "event": kind, "phone": phone, "at": at}
    answer = await site.http.post(f"{URL}/events", json=body, headers=site.tool)
    assert answer.status_code == 200, answer.text
    out: dict[str, Any] = answer.json()
    return out


async def say(site: Site, call: int, text: str, number: int = 1, who: str = "operator1") -> Any:
    body = {"message_id": str(number), "text": text}
    return await site.http.post(f"{URL}/calls/{call}/lines", json=body, headers=site.staff(who))


async def post(site: Site, path: str, who: str = "operator1", **body: Any) -> Any:
    return await site.http.post(f"{URL}/{path}", json=body, headers=site.staff(who))


class TestCalls:
    async def test_who_rings_is_known_from_any_channel(self, site: Site) -> None:
        no = await site.open_ticket(applicant={"phone": "138-0000-0001"})
        rings = await event(site, "ringing", phone="+86 138 0000 0001")
        assert [one["no"] for one in rings["tickets"]] == [no]
        assert PHONE not in rings["call"]["sender"]

    @pytest.mark.parametrize("hidden", ["anonymous", "未知号码", "隐藏", "12345", ""])
    async def test_a_withheld_number_is_nobodys(self, site: Site, hidden: str) -> None:
        """Not that of others who gave no number, and not that of the one who called just before."""
        await site.open_ticket(applicant={"name": "申请人甲"})
        first = (await post(site, "calls", phone=hidden)).json()
        await say(site, first["call"]["id"], f"东沟村一组，{WALL}")
        await post(site, f"calls/{first['call']['id']}/ticket")
        again = (await post(site, "calls", phone=hidden)).json()
        assert (again["tickets"], again["calls"], again["lines"]) == ([], [], [])
        assert again["call"]["sender"] != first["call"]["sender"]
        assert again["call"]["phone"] is None

    async def test_events_twice_and_late_change_nothing(self, site: Site) -> None:
        await event(site, "ringing", at="2026-12-02T10:00:00+08:00")
        await event(site, "answered", at="2026-12-02T10:00:08+08:00")
        await event(site, "ended", at="2026-12-02T10:05:00+08:00")
        late = await event(site, "ringing")
        again = await event(site, "answered", at="2026-12-02T11:00:00+08:00")
        assert late["call"] == again["call"]
        assert (late["call"]["status"], late["call"]["answered_at"]) == ("ended", "2026-12-02T02:00:08Z")

    async def test_a_call_nobody_took_is_missed(self, site: Site) -> None:
        await event(site, "ringing")
        assert (await event(site, "ended"))["call"]["status"] == "missed"

    async def test_one_operator_speaks(self, site: Site) -> None:
        call = (await event(site, "ringing"))["call"]["id"]
        assert (await post(site, f"calls/{call}/answer")).json()["call"]["operator"]
        check_error(await post(site, f"calls/{call}/answer", "operator2"), 409, "already_taken")

    async def test_callers_are_not_for_everybody(self, site: Site) -> None:
        call = (await event(site, "ringing"))["call"]["id"]
        for path in ("desk", f"calls/{call}"):
            check_error(await site.http.get(f"{URL}/{path}", headers=site.staff("donggou1_grid")), 403)
        check_error(await site.http.get(f"{URL}/desk"), 401)
        check_error(await site.http.get(f"{URL}/calls/999", headers=site.tool), 404)

    async def test_clocks_count_the_desk_not_the_operator(self, site: Site) -> None:
        for number, second in enumerate((5, 20)):
            await event(site, "ringing", call=f"c-{number}", at="2026-12-02T09:00:00+08:00")
            await event(site, "answered", call=f"c-{number}", at=f"2026-12-02T09:00:{second:02}+08:00")
        await event(site, "ringing", call="c-9")
        clocks = (await site.http.get(f"{URL}/desk", headers=site.tool)).json()["clocks"]
        assert (clocks["calls"], clocks["answered"], clocks["in_time"], clocks["mean_seconds"]) == (3, 2, 1, 12.5)


class TestHints:
    async def call(self, site: Site) -> int:
        return int((await post(site, "calls", phone=PHONE)).json()["call"]["id"])

    async def test_a_line_brings_category_questions_and_place(self, site: Site) -> None:
        call = await self.call(site)
        text = f"东沟村一组，{WALL}"
        answer = (await say(site, call, text)).json()["hints"]
        assert (answer["category"], answer["place"]["village"]) == ("neighbor", "东沟村")
        assert answer["questions"]
        assert answer["card"]["citations"]
        assert site.rasa.turns == []

    async def test_lines_are_kept_once_and_read_together(self, site: Site) -> None:
        call = await self.call(site)
        await say(site, call, "我是东沟村的", 1)
        for _ in range(2):
            hints = (await say(site, call, WALL, 2)).json()["hints"]
        assert hints["text"] == f"我是东沟村的\n{WALL}"

    async def test_the_law_can_be_read_out(self, site: Site) -> None:
        call = await self.call(site)
        cited = (await say(site, call, WALL)).json()["hints"]["card"]["citations"]
        assert all(re.match("《[^》#]+》第.+条", line) for line in cited)
        assert len(cited) == len({line.partition("》")[0] for line in cited})

    async def test_a_later_line_does_not_take_the_card_away(self, site: Site) -> None:
        call = await self.call(site)
        card = (await say(site, call, WALL, 1)).json()["hints"]["card"]
        vague = "他说他爷爷那辈就是这样，我们也说不清，反正大家都这么说，别的没有了"
        kept = [(await say(site, call, vague, number)).json()["hints"]["card"] for number in (2, 3, 4)]
        assert kept == [card] * 3

    async def test_the_other_party_is_named(self, site: Site) -> None:
        call = await self.call(site)
        text = "隔壁张老三家砌墙占了我家滴水檐"
        heard = [{"entity": "party_role", "value": "neighbour", "text": "隔壁"}]
        site.rasa.parses[text] = parsed(text) | {"entities": heard}
        assert (await say(site, call, text)).json()["hints"]["respondent"] == "张老三"

    async def test_what_was_noted_is_there_again(self, site: Site) -> None:
        before = await self.call(site)
        await say(site, before, "上个月的事", 1)
        await post(site, f"calls/{before}/close", outcome="answered")
        call = await self.call(site)
        for number, text in enumerate(("我是东沟村的", WALL), 1):
            await say(site, call, text, number)
        again = (await post(site, f"calls/{call}/answer")).json()
        assert [line["text"] for line in again["noted"]] == ["我是东沟村的", WALL]
        assert "上个月的事" in [line["text"] for line in again["lines"]]
        assert WALL not in [line["text"] for line in again["lines"]]

    async def test_danger_comes_before_everything_and_opens_its_ticket(self, site: Site) -> None:
        call = await self.call(site)
        answer = (await say(site, call, "他说不想活了，我不想活了，农药就在手边")).json()
        assert answer["ticket_no"]
        assert "120" in answer["help"][0]
        assert (answer["hints"]["crisis"], answer["hints"]["questions"]) == ("self_harm", [])

    async def test_what_is_open_already_is_offered(self, site: Site) -> None:
        no = await site.open_ticket(applicant={"name": "申请人甲", "phone": PHONE})
        call = await self.call(site)
        hints = (await say(site, call, f"东沟村一组，{WALL}")).json()["hints"]
        assert no in [one["no"] for one in hints["similar"]]

    async def test_without_the_bot_lines_are_still_kept(self, site: Site) -> None:
        call = await self.call(site)
        site.rasa.down = True
        answer = await say(site, call, WALL)
        assert (answer.status_code, answer.json()["hints"]) == (200, None)
        site.rasa.down = False
        assert WALL in (await say(site, call, "说完了", 2)).json()["hints"]["text"]

    async def test_out_of_scope_is_no_category(self, site: Site) -> None:
        call = await self.call(site)
        idle = {"category": "out_of_scope", "subcategory": "other_service", "confidence": 0.99, "alternatives": []}
        site.rasa.parses["青蛙太吵"] = parsed("青蛙太吵", "other_service", idle)
        hints = (await say(site, call, "青蛙太吵")).json()["hints"]
        assert (hints["category"], hints["card"]) == ("out_of_scope", None)


class TestDesk:
    async def test_who_waits_with_danger_first_and_the_last_words(self, site: Site) -> None:
        for number, text in enumerate((WALL, "活着没意思，农药都买好了，今晚就喝下去"), 1):
            await site.say(text, sender=f"visitor-{number}", message_id=f"m-{number}")
        await site.say("转人工", sender="visitor-1", message_id="m-4")
        talk, kept = "/api/v1/conversations/web/visitor-1", {"phone": PHONE, "wish": "下午"}
        await site.http.post(f"{talk}/handoff", json={"reason": "要真人"}, headers=site.tool)
        await site.say("/handoff", sender="visitor-1", message_id="m-3")
        await site.http.post(f"{talk}/take", json={}, headers=site.staff("operator1"))
        await site.http.post(f"{talk}/callback", json=kept, headers=site.tool)
        desk = (await site.http.get(f"{URL}/desk", headers=site.staff("operator2"))).json()
        danger, wall = desk["talks"]
        assert (danger["attention"], danger["operator"], danger["last"][:5]) == ("crisis", None, "活着没意思")
        assert (wall["reason"], wall["last"], wall["sender"]) == ("要真人", f"{WALL} / 转人工", "visitor-1")
        assert wall["operator"]
        assert [(one["phone"], one["wish"]) for one in desk["wanted"]] == [(PHONE, "下午")]
        assert desk["callbacks"] == 1

    async def test_a_new_hand_over_is_pushed(self, site: Site) -> None:
        runtime = site.app.state.runtime
        async with runtime.database.reading() as session:
            viewer = await accounts.viewer_of(session, "operator1")
        events = desk_events(runtime, viewer, 0)
        assert json.loads(str((await anext(events)).data))["talks"] == []
        await site.say(WALL, sender="visitor-1")
        await site.http.post("/api/v1/conversations/web/visitor-1/handoff", json={}, headers=site.tool)
        assert json.loads(str((await anext(events)).data))["talks"][0]["last"] == WALL
        await events.aclose()


class TestOutcome:
    async def test_one_key_makes_the_ticket_once(self, site: Site) -> None:
        call = (await post(site, "calls", phone=PHONE)).json()["call"]["id"]
        await say(site, call, f"东沟村一组，{WALL}")
        made = [(await post(site, f"calls/{call}/ticket")).json() for _ in range(2)]
        assert made[0]["no"] == made[1]["no"]
        assert made[0]["organisation"]["name"] == "东沟村一组网格工作站"
        assert made[0]["parties"][0]["phone"] == PHONE
        known = (await event(site, "ringing", call="c-2"))["tickets"]
        assert [one["no"] for one in known] == [made[0]["no"]]

    async def test_what_was_heard_stays_when_the_operator_confirms_the_category(self, site: Site) -> None:
        call = (await post(site, "calls", phone=PHONE)).json()["call"]["id"]
        heard = (await say(site, call, f"东沟村一组，{WALL}")).json()["hints"]
        made = (await post(site, f"calls/{call}/ticket", category=heard["category"])).json()
        assert (made["category"], made["subcategory"]) == (heard["category"], heard["subcategory"])
        assert made["subcategory"]
        other = (await post(site, "calls", phone=PHONE)).json()["call"]["id"]
        await say(site, other, f"东沟村一组，{WALL}", 2)
        assert (await post(site, f"calls/{other}/ticket", category="contract")).json()["subcategory"] == ""

    async def test_nothing_said_is_no_ticket(self, site: Site) -> None:
        call = (await post(site, "calls")).json()["call"]["id"]
        check_error(await post(site, f"calls/{call}/ticket"), 422, "empty_message")

    async def test_the_note_is_written_and_the_bot_gets_the_conversation_back(self, site: Site) -> None:
        call = (await post(site, "calls", phone=PHONE)).json()["call"]["id"]
        await say(site, call, f"东沟村一组，{WALL}")
        no = (await post(site, f"calls/{call}/ticket")).json()["no"]
        note = (await site.http.get(f"{URL}/calls/{call}/summary", headers=site.tool)).json()["summary"]
        assert no in note
        closed = (await post(site, f"calls/{call}/close", outcome="ticket")).json()
        assert (closed["status"], closed["outcome"], closed["summary"]) == ("ended", "ticket", note)
        before = (await event(site, "ringing", call="c-2"))["calls"]
        assert [one["summary"] for one in before] == [note]

    async def test_the_operators_stream(self, site: Site) -> None:
        call = (await post(site, "calls", phone=PHONE)).json()["call"]["id"]
        runtime = site.app.state.runtime
        async with runtime.database.reading() as session:
            viewer = await accounts.viewer_of(session, "operator1")
        events = desk_events(runtime, viewer, call)
        assert (await anext(events)).event == "desk"
        await say(site, call, WALL)
        kinds = [(await anext(events)).event]
        if kinds == ["desk"]:
            kinds.append((await anext(events)).event)
        assert kinds[-1] == "hints"
        await events.aclose()
