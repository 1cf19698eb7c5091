"""Messages in and out of the web chat, and who may read what was said."""

import asyncio
from typing import Any

import pytest

from tests.http.site import WALL, Site, check_error
from tests.services.test_evidence_files import photo

SECRET_ID = "d7c1b6f09a354a3c8a3e0c9a3f5d2b11"
MESSAGES = "/api/v1/chat/messages"


class TestMessages:
    async def test_answer_has_the_promised_shape(self, site: Site) -> None:
        buttons = [{"title": "登记调解", "payload": "/start_intake"}]
        site.rasa.answers[WALL] = [{"text": "要登记吗", "buttons": buttons}, {"custom": {"ticket_no": "T-1"}}]
        answer = (await site.say(WALL)).json()
        assert answer.pop("message_ids")
        assert answer == {
            "replies": [{"text": "要登记吗", "buttons": buttons, "links": []}],
            "owner": "bot",
            "ticket_no": "T-1",
            "crisis": None,
        }

    async def test_the_bot_is_told_who_speaks(self, site: Site) -> None:
        await site.say(WALL)
        (turn,) = site.rasa.turns
        assert (turn["sender"], turn["text"], turn["message_id"]) == ("web:visitor-1", WALL, "m-1")
        assert turn["metadata"]["channel"] == "web"

    async def test_a_repeat_gets_the_same_answer_and_no_second_turn(self, site: Site) -> None:
        site.rasa.wait = 0.02
        answers = await asyncio.gather(*(site.say(WALL) for _ in range(5)))
        again = [await site.say(WALL), await site.say("别的话")]
        assert len({answer.text for answer in (*answers, *again)}) == 1
        assert [turn["text"] for turn in site.rasa.turns] == [WALL]

    async def test_a_message_id_of_somebody_else(self, site: Site) -> None:
        await site.say(WALL)
        check_error(await site.say(WALL, sender="visitor-2"), 409, "message_id_taken")

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty_message"),
            (" \n\t ", "empty_message"),
            ("\x00\x07\x1b", "empty_message"),
            ("😀😭👍", "unreadable_message"),
            ("地" * 10_000, "message_too_long"),
        ],
    )
    async def test_what_nobody_can_read(self, site: Site, text: str, code: str) -> None:
        check_error(await site.say(text), 422, code)
        assert site.rasa.turns == []

    @pytest.mark.parametrize(("sign", "words"), [("👍", "好的"), ("👍🏽👍🏽", "好的"), ("🙏", "谢谢")])
    async def test_a_sign_that_everybody_knows_is_read(self, site: Site, sign: str, words: str) -> None:
        assert (await site.say(sign)).status_code == 200
        assert [turn["text"] for turn in site.rasa.turns] == [words]

    async def test_the_limit_itself_is_taken(self, site: Site) -> None:
        assert (await site.say("地" * 2000)).status_code == 200
        check_error(await site.say("地" * 2001, message_id="m-2"), 422, "message_too_long")

    async def test_control_characters_do_not_reach_the_bot(self, site: Site) -> None:
        await site.say("邻居\x00砌墙\x1b[31m\u202e\r\n占地")
        (turn,) = site.rasa.turns
        assert not set("\x00\x1b\r") & set(turn["text"])
        assert "占地" in turn["text"]

    async def test_wrong_json(self, site: Site) -> None:
        headers = {"content-type": "application/json"}
        check_error(await site.http.post(MESSAGES, content=b"{", headers=headers), 400, "invalid_json")
        check_error(await site.http.post(MESSAGES, content=b"\xff\xfe", headers=headers), 400)

    @pytest.mark.parametrize("field", ["channel", "sender", "message_id", "text"])
    async def test_a_missing_field_is_named(self, site: Site, field: str) -> None:
        body = {"channel": "web", "sender": "a", "message_id": "m", "text": WALL}
        del body[field]
        answer = await site.http.post(MESSAGES, json=body)
        check_error(answer, 422, "invalid_request")
        assert answer.json()["field"] == field

    @pytest.mark.parametrize(
        "changed",
        [
            {"channel": "pigeon"},
            {"sender": "x" * 129},
            {"sender": ""},
            {"sender": "a\x00b"},
            {"sender": []},
            {"text": 5},
        ],
    )
    async def test_wrong_values(self, site: Site, changed: dict[str, Any]) -> None:
        body = {"channel": "web", "sender": "a", "message_id": "m", "text": WALL} | changed
        check_error(await site.http.post(MESSAGES, json=body), 422, "invalid_request")

    @pytest.mark.parametrize("channel", ["hotline", "wechat"])
    async def test_other_channels_need_a_token(self, site: Site, channel: str) -> None:
        body = {"channel": channel, "sender": "a", "message_id": "m", "text": WALL}
        check_error(await site.http.post(MESSAGES, json=body), 401)
        assert (await site.http.post(MESSAGES, json=body, headers=site.tool)).status_code == 200

    async def test_a_bot_that_is_down_gets_an_honest_answer(self, site: Site) -> None:
        site.rasa.down = True
        answer = await site.say(WALL)
        assert answer.status_code == 200
        assert "12348" in answer.json()["replies"][0]["text"]
        queue = await site.http.get("/console/talks", headers=site.staff("operator1"))
        assert "机器人没能回答" in queue.text

    async def test_a_crisis_is_answered_without_the_bot(self, site: Site) -> None:
        site.rasa.down = True
        answer = (await site.say("我不想活了，农药就在手边")).json()
        assert answer["crisis"] == "self_harm"
        assert "120" in answer["replies"][0]["text"]
        assert answer["ticket_no"].startswith("T-")
        assert (await site.say("我不想活了，农药就在手边")).json() == answer


class TestHistory:
    def url(self, sender: str, channel: str = "web") -> str:
        return f"/api/v1/conversations/{channel}/{sender}"

    async def test_shape_and_order(self, site: Site) -> None:
        site.rasa.answers[WALL] = [{"text": "要吗", "buttons": [{"title": "登记调解", "payload": "/start_intake"}]}]
        await site.say(WALL, sender=SECRET_ID)
        await site.say("/start_intake", sender=SECRET_ID, message_id="m-2")
        talk = (await site.http.get(self.url(SECRET_ID))).json()
        assert (talk["owner"], talk["tickets"], talk["crisis"]) == ("bot", [], [])
        said = [(one["role"], one["text"]) for one in talk["messages"]]
        assert said[:3] == [("user", WALL), ("bot", "要吗"), ("user", "登记调解")]
        assert talk["messages"][0]["at"].endswith(("Z", "+00:00"))

    async def test_a_guessable_id_needs_a_token(self, site: Site) -> None:
        await site.say(WALL, sender="13800000000")
        check_error(await site.http.get(self.url("13800000000")), 401)
        assert (await site.http.get(self.url("13800000000"), headers=site.tool)).status_code == 200

    async def test_an_unguessable_id_of_another_channel_needs_a_token(self, site: Site) -> None:
        check_error(await site.http.get(self.url(SECRET_ID, "wechat")), 401)

    async def test_nobody_spoke_under_this_id(self, site: Site) -> None:
        check_error(await site.http.get(self.url(SECRET_ID)), 404)
        check_error(await site.http.get(self.url("a", "pigeon"), headers=site.tool), 422)

    async def test_own_tickets_and_crisis_are_listed(self, site: Site) -> None:
        answer = (await site.say("他拿刀要砍我，快来人", sender=SECRET_ID)).json()
        talk = (await site.http.get(self.url(SECRET_ID))).json()
        assert talk["tickets"] == [answer["ticket_no"]]
        assert answer["crisis"] in talk["crisis"]


class TestHandoff:
    async def post(self, site: Site, step: str, **body: Any) -> dict[str, Any]:
        url = f"/api/v1/conversations/web/{SECRET_ID}/{step}"
        answer = await site.http.post(url, json=body, headers=site.tool)
        assert answer.status_code == 200, answer.text
        out: dict[str, Any] = answer.json()
        return out

    async def test_operators_speak_until_the_bot_is_given_the_talk_back(self, site: Site) -> None:
        await site.say(WALL, sender=SECRET_ID)
        answer = await self.post(site, "handoff", reason="要真人")
        assert (answer["owner"], answer["ahead"]) == ("human", 0)
        waits = (await site.say("在吗", sender=SECRET_ID, message_id="m-2")).json()
        assert ([one["buttons"][0]["title"] for one in waits["replies"]], waits["owner"]) == (["问机器人"], "human")
        assert [turn["text"] for turn in site.rasa.turns] == [WALL]
        line = await self.post(site, "reply", text="我是工作人员，请说")
        assert line["role"] == "staff"
        talk = (await site.http.get(f"/api/v1/conversations/web/{SECRET_ID}")).json()
        assert [one["role"] for one in talk["messages"]] == ["user", "bot", "user", "bot", "staff"]
        assert await self.post(site, "return") == {"owner": "bot"}
        assert (await site.say("好了", sender=SECRET_ID, message_id="m-3")).json()["replies"]

    async def test_how_many_are_waiting_before(self, site: Site) -> None:
        for number in range(3):
            url = f"/api/v1/conversations/web/waiting-{number}/handoff"
            answer = await site.http.post(url, json={}, headers=site.tool)
            assert answer.json()["ahead"] == number

    async def test_a_line_for_nobody(self, site: Site) -> None:
        for step, body in (("reply", {"text": "喂"}), ("return", {})):
            answer = await site.http.post(f"/api/v1/conversations/web/nobody/{step}", json=body, headers=site.tool)
            check_error(answer, 404)
        talks = "/api/v1/conversations"
        check_error(await site.http.post(f"{talks}/web/a/reply", json={"text": ""}, headers=site.tool), 422)
        check_error(await site.http.post(f"{talks}/pigeon/a/handoff", json={}, headers=site.tool), 422)


class TestPhotos:
    def url(self, sender: str = SECRET_ID) -> str:
        return f"/api/v1/conversations/web/{sender}/photos"

    async def test_it_goes_on_the_open_ticket_and_into_the_talk(self, site: Site) -> None:
        await site.say(WALL, sender=SECRET_ID)
        no = await site.open_ticket(sender=SECRET_ID)
        answer = await site.http.post(self.url(), files={"file": ("墙.jpg", photo())})
        assert (answer.status_code, answer.json()["ticket_no"]) == (201, no)
        talk = (await site.http.get(f"/api/v1/conversations/web/{SECRET_ID}")).json()
        assert [one["role"] for one in talk["messages"][-2:]] == ["user", "bot"]
        assert [one["no"] for one in talk["cards"]] == [no]

    async def test_a_ticket_taken_back_promises_nothing_any_more(self, site: Site) -> None:
        await site.say(WALL, sender=SECRET_ID)
        no, url = await site.open_ticket(sender=SECRET_ID), f"/api/v1/conversations/web/{SECRET_ID}"
        (before,) = (await site.http.get(url)).json()["cards"]
        await site.http.post(f"/api/v1/tickets/{no}/withdraw", headers=site.tool, json={})
        (after,) = (await site.http.get(url)).json()["cards"]
        assert "第一次联系" in before["due_text"]
        assert (after["status_zh"], after["due_text"]) == ("已撤回", "")

    async def test_nothing_is_kept_without_a_ticket(self, site: Site) -> None:
        await site.say(WALL, sender=SECRET_ID)
        check_error(await site.http.post(self.url(), files={"file": ("a.jpg", photo())}), 422, "no_ticket")

    async def test_not_for_strangers_and_not_of_any_size(self, site: Site) -> None:
        check_error(await site.http.post(self.url("short"), files={"file": ("a.jpg", photo())}), 401)
        await site.say(WALL, sender=SECRET_ID)
        await site.open_ticket(sender=SECRET_ID)
        check_error(await site.http.post(self.url(), files={"file": ("a.jpg", bytes(50_000_000))}), 422, "too_large")

    async def test_a_protective_ticket_shows_no_card(self, site: Site) -> None:
        await site.say("他拿刀要砍我，快来人", sender=SECRET_ID)
        talk = (await site.http.get(f"/api/v1/conversations/web/{SECRET_ID}")).json()
        assert (len(talk["tickets"]), talk["cards"]) == (1, [])
