"""The bridge behind a fake WeChat that signs, encrypts, hangs up after five seconds and tries three times."""

import asyncio
import logging
from datetime import timedelta

import pytest

from api.channels.wechat.rendering import PUSHED_PARTS
from api.channels.wechat.texts import load_texts
from api.clients.wechat import WeChatSender
from api.domain.errors import Unavailable
from api.services.outbox import Undeliverable
from tests.fakes.wechat import LONGEST_BYTES, OUT_OF_SERVICE
from tests.http.site import WALL

from .bridge import KEY, OPENID, Bridge

TEXTS = load_texts()


class TestTalking:
    async def test_a_question_and_its_answer(self, bridge: Bridge) -> None:
        assert await bridge.wechat.say(OPENID, WALL) == f"答：{WALL}"

    async def test_replies_lost_on_the_way_are_one_turn(self, bridge: Bridge) -> None:
        bridge.wechat.lose_replies = 2
        assert await bridge.wechat.say(OPENID, WALL) == f"答：{WALL}"
        assert len(bridge.wechat.attempts) == 3
        assert [turn["text"] for turn in bridge.site.rasa.turns] == [WALL]
        assert len({attempt.content for attempt in bridge.wechat.attempts}) == 1

    async def test_one_message_at_once_three_times_is_one_turn(self, bridge: Bridge) -> None:
        bridge.site.rasa.wait = 0.1
        said = await asyncio.gather(*(bridge.wechat.say(OPENID, WALL, message_id="77") for _ in range(3)))
        assert set(said) == {f"答：{WALL}"}
        assert len(bridge.site.rasa.turns) == 1

    async def test_a_slow_bot_is_waited_for_in_the_background(self, bridge: Bridge) -> None:
        bridge.site.rasa.wait = 4.2
        first = await bridge.wechat.say(OPENID, WALL)
        assert [attempt.status for attempt in bridge.wechat.attempts] == [200], "WeChat hung up"
        await bridge.site.app.state.wechat.drain()
        bridge.site.rasa.wait = 0
        await bridge.work()
        if bridge.wechat.verified:
            assert (first, bridge.wechat.seen[OPENID]) == (None, [f"答：{WALL}"])
        else:
            assert first == TEXTS.waiting
            assert await bridge.wechat.say(OPENID, "1") == f"{TEXTS.pulled}\n答：{WALL}"

    async def test_the_bot_is_down(self, bridge: Bridge) -> None:
        bridge.site.rasa.down = True
        said = await bridge.wechat.say(OPENID, WALL)
        assert said
        assert "12348" in said
        bridge.site.rasa.down = False
        assert await bridge.wechat.say(OPENID, "在吗") == "答：在吗"

    async def test_what_stands_on_a_button_can_be_typed(self, bridge: Bridge) -> None:
        buttons = [{"title": "登记调解", "payload": "/start_intake"}]
        bridge.site.rasa.answers[WALL] = [{"text": "要登记吗", "buttons": buttons}]
        said = await bridge.wechat.say(OPENID, WALL)
        assert said
        assert "登记调解" in said
        await bridge.wechat.say(OPENID, "登记调解")
        await bridge.wechat.say(OPENID, "登记调解")
        assert [turn["text"] for turn in bridge.site.rasa.turns] == [WALL, "/start_intake", "登记调解"]

    async def test_thirty_messages_in_a_second(self, bridge: Bridge) -> None:
        texts = [f"第{n}句话" for n in range(30)]
        said = await asyncio.gather(*(bridge.wechat.say(OPENID, text) for text in texts))
        assert sorted(str(one) for one in said) == sorted(f"答：{text}" for text in texts)
        assert OUT_OF_SERVICE not in said

    async def test_a_crisis_is_answered_at_once_and_first(self, bridge: Bridge) -> None:
        bridge.site.rasa.wait = 4.2
        waiting = asyncio.create_task(bridge.wechat.say(OPENID, WALL))
        await asyncio.sleep(0.1)
        said = await bridge.wechat.say(OPENID, "我不想活了，农药就在手边")
        assert said
        assert "120" in said
        await waiting

    async def test_an_answer_longer_than_wechat_takes(self, bridge: Bridge) -> None:
        bridge.site.rasa.answers[WALL] = [{"text": "有危险打 110。" + "先把合同找出来看期限。" * 450}]
        first = await bridge.wechat.say(OPENID, WALL)
        parts = [str(first)]
        while "继续" in parts[-1] and len(parts) < 12:
            parts.append(str(await bridge.wechat.say(OPENID, f"继续{len(parts) + 1}")))
        assert all(len(part.encode()) <= LONGEST_BYTES for part in parts)
        assert "110" in parts[0]
        assert sum(part.count("先把合同找出来看期限。") for part in parts) >= 440


class TestHumans:
    async def test_an_operator_answers_on_wechat_and_gives_back(self, bridge: Bridge) -> None:
        site, wechat = bridge.site, bridge.wechat
        await wechat.say(OPENID, WALL)
        sender = site.rasa.turns[0]["metadata"]["sender"]
        url = f"/api/v1/conversations/wechat/{sender}"
        await site.http.post(f"{url}/take", headers=site.staff("operator1"))
        assert await wechat.say(OPENID, "有人吗") is None
        await site.http.post(f"{url}/reply", json={"text": "我是司法所的"}, headers=site.staff("operator1"))
        await bridge.work()
        if not wechat.verified:
            assert await wechat.say(OPENID, "1") == f"{TEXTS.from_staff}\n我是司法所的"
        assert "我是司法所的" in wechat.seen[OPENID][-1]
        await site.http.post(f"{url}/return", headers=site.staff("operator1"))
        await bridge.work()
        assert (await wechat.say(OPENID, "谢谢") or "").endswith("答：谢谢")

    async def write(self, bridge: Bridge, *texts: str) -> str:
        """An operator writes, the worker tries to send; the address of the conversation."""
        await bridge.wechat.say(OPENID, WALL)
        url = f"/api/v1/conversations/wechat/{bridge.site.rasa.turns[0]['metadata']['sender']}"
        staff = bridge.site.staff("operator1")
        await bridge.site.http.post(f"{url}/take", headers=staff)
        for text in texts:
            await bridge.site.http.post(f"{url}/reply", json={"text": text}, headers=staff)
            await bridge.work()
        return url

    async def test_what_wechat_did_not_take_comes_with_any_message(self, bridge: Bridge) -> None:
        await self.write(bridge, *(f"第{number}条" for number in range(1, 8)))
        late = ["第6条", "第7条"] if bridge.wechat.verified else [f"第{number}条" for number in range(1, 8)]
        assert ("请打电话" in await bridge.talk()) is bridge.wechat.verified
        bridge.site.pass_time(timedelta(hours=3))
        said = [await bridge.wechat.say(OPENID, "在吗", message_id="77") for _ in range(2)]
        assert said == [f"{TEXTS.from_staff}\n" + "\n\n".join(late)] * 2
        assert "请打电话" not in await bridge.talk()
        assert await bridge.wechat.say(OPENID, "好的") is None

    async def test_it_is_not_lost_when_the_bot_answers_again(self, bridge: Bridge) -> None:
        url = await self.write(bridge, *(f"第{number}条" for number in range(1, 7)))
        await bridge.site.http.post(f"{url}/return", headers=bridge.site.staff("operator1"))
        await bridge.work()
        said = await bridge.wechat.say(OPENID, "谢谢")
        assert said
        assert said.startswith(f"{TEXTS.from_staff}\n第")
        assert "第6条" in said
        assert said.endswith("答：谢谢")

    async def test_a_long_word_handed_out_is_read_on(self, bridge: Bridge) -> None:
        text = "".join(f"第{number}项，请带上身份证明和合同来所里。" for number in range(60))
        bridge.wechat.fail_next = [48001]
        await self.write(bridge, text)
        first = await bridge.wechat.say(OPENID, "在吗") or ""
        second = await bridge.wechat.say(OPENID, "继续2") or ""
        third = await bridge.wechat.say(OPENID, "继续3")
        assert first.startswith(TEXTS.from_staff)
        assert (second.count("请带上") + first.count("请带上"), third) == (60, TEXTS.all_said)

    async def test_a_danger_stands_alone(self, bridge: Bridge) -> None:
        bridge.wechat.fail_next = [48001]
        await self.write(bridge, "明天来所里")
        said = await bridge.wechat.say(OPENID, "我不想活了，农药就在手边")
        assert said
        assert "明天来所里" not in said
        assert "明天来所里" in (await bridge.wechat.say(OPENID, "嗯") or "")

    @pytest.mark.parametrize("bridge", ["verified"], indirect=True)
    async def test_a_long_reply_is_sent_in_parts_within_the_quota(self, bridge: Bridge) -> None:
        await bridge.wechat.say(OPENID, WALL)
        sender = bridge.site.rasa.turns[0]["metadata"]["sender"]
        text = "请带上身份证明和合同来所里。" * 140
        url = f"/api/v1/conversations/wechat/{sender}/reply"
        await bridge.site.http.post(url, json={"text": text}, headers=bridge.site.staff("operator1"))
        await bridge.work()
        sent = bridge.wechat.seen[OPENID][1:]
        assert 2 <= len(sent) <= PUSHED_PARTS
        assert "".join(sent).count("请带上") == 140


class TestEvents:
    async def test_the_place_of_a_scanned_code_goes_with_the_conversation(self, bridge: Bridge) -> None:
        welcome = await bridge.wechat.event(OPENID, "subscribe", "qrscene_东沟村一组")
        assert welcome
        assert "青石镇东沟村一组" in welcome
        await bridge.wechat.say(OPENID, WALL)
        assert bridge.site.rasa.turns[0]["metadata"]["place_hint"] == "青石镇东沟村一组"

    async def test_a_code_of_nowhere_is_no_place(self, bridge: Bridge) -> None:
        assert await bridge.wechat.event(OPENID, "subscribe", "qrscene_campaign7") == TEXTS.welcome
        assert await bridge.wechat.event(OPENID, "SCAN", "campaign7") is None

    async def test_one_event_three_times_and_two_in_one_second(self, bridge: Bridge) -> None:
        bridge.wechat.lose_replies = 2
        assert await bridge.wechat.event(OPENID, "subscribe") == TEXTS.welcome
        said = [await bridge.wechat.event(OPENID, "CLICK", key) for key in ("MENU_MEDIATE", "MENU_PROGRESS")]
        assert said == [f"答：{TEXTS.menu['MENU_MEDIATE']}", f"答：{TEXTS.menu['MENU_PROGRESS']}"]

    async def test_who_leaves_leaves_nothing_behind(self, bridge: Bridge) -> None:
        await bridge.wechat.say(OPENID, WALL)
        sender = bridge.site.rasa.turns[0]["metadata"]["sender"]
        await bridge.wechat.event(OPENID, "unsubscribe")
        talk = await bridge.site.http.get(f"/api/v1/conversations/wechat/{sender}", headers=bridge.site.tool)
        assert talk.json()["messages"] == []

    async def test_with_a_ticket_the_transcript_stays_with_its_file(self, bridge: Bridge) -> None:
        await bridge.wechat.say(OPENID, WALL)
        sender = bridge.site.rasa.turns[0]["metadata"]["sender"]
        no = await bridge.site.open_ticket(channel="wechat", sender=sender)
        await bridge.wechat.event(OPENID, "unsubscribe")
        talk = (await bridge.site.http.get(f"/api/v1/conversations/wechat/{sender}", headers=bridge.site.tool)).json()
        assert (talk["tickets"], len(talk["messages"])) == ([no], 2)


@pytest.mark.parametrize("bridge", ["verified"], indirect=True)
class TestApi:
    def sender(self, bridge: Bridge) -> WeChatSender:
        assert bridge.sender
        return bridge.sender

    async def test_twenty_at_once_fetch_one_token(self, bridge: Bridge) -> None:
        for _ in range(5):
            await bridge.wechat.say(OPENID, WALL)
        await asyncio.gather(*(self.sender(bridge).send(OPENID, f"第{n}条") for n in range(20)))
        assert bridge.wechat.token_calls == 1

    async def test_a_token_that_ended_is_fetched_once_more(self, bridge: Bridge) -> None:
        await bridge.wechat.say(OPENID, WALL)
        await self.sender(bridge).send(OPENID, "一")
        bridge.wechat.tokens.clear()
        await asyncio.gather(*(self.sender(bridge).send(OPENID, f"第{n}条") for n in range(4)))
        assert bridge.wechat.token_calls == 2

    @pytest.mark.parametrize(
        ("code", "raised"),
        [
            (45015, Undeliverable),
            (45047, Undeliverable),
            (48001, Undeliverable),
            (40164, Unavailable),
            (-1, Unavailable),
        ],
    )
    async def test_refusals(self, bridge: Bridge, code: int, raised: type[Exception]) -> None:
        await bridge.wechat.say(OPENID, WALL)
        bridge.wechat.fail_next = [code]
        with pytest.raises(raised):
            await self.sender(bridge).send(OPENID, "一")

    async def test_the_quota_of_five_ends_and_a_person_is_told_to_ring(self, bridge: Bridge) -> None:
        await bridge.wechat.say(OPENID, WALL)
        sender = bridge.site.rasa.turns[0]["metadata"]["sender"]
        url = f"/api/v1/conversations/wechat/{sender}/reply"
        for number in range(6):
            await bridge.site.http.post(url, json={"text": f"第{number}条"}, headers=bridge.site.staff("operator1"))
            await bridge.work()
        assert len(bridge.wechat.seen[OPENID]) == 6
        assert "请打电话" in await bridge.talk()
        assert await bridge.wechat.say(OPENID, "1") == f"{TEXTS.from_staff}\n第5条"

    async def test_the_menu_goes_up(self, bridge: Bridge) -> None:
        await self.sender(bridge).set_menu(TEXTS.menu_buttons)
        assert [button["name"] for button in bridge.wechat.menu] == ["我要问", "找人调解", "紧急求助"]


def test_the_menu_is_one_wechat_takes() -> None:
    """At most three buttons with five below each; every key leads somewhere."""
    assert len(TEXTS.menu_buttons) <= 3
    flat = [one for button in TEXTS.menu_buttons for one in button.get("sub_button", [button])]
    assert all(len(button.get("sub_button", ())) <= 5 for button in TEXTS.menu_buttons)
    assert {one["key"] for one in flat} == {*TEXTS.topics, *TEXTS.menu, TEXTS.emergency_key}


@pytest.mark.parametrize("bridge", ["verified"], indirect=True)
async def test_logs_tell_nothing_of_anybody(bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await bridge.wechat.say(OPENID, WALL)
    bridge.site.rasa.down = True
    await bridge.wechat.say(OPENID, "我的电话 13800000001")
    await bridge.wechat.event(OPENID, "unsubscribe")
    bridge.wechat.fail_next = [45015]
    assert bridge.sender
    with pytest.raises(Undeliverable):
        await bridge.sender.send(OPENID, "一")
    ours = "\n".join(line.getMessage() for line in caplog.records if line.name.startswith("api."))
    for secret in (OPENID, "tried-app-secret", "13800000001", WALL, KEY, "triedtoken"):
        assert secret not in ours
