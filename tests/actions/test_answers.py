"""Answers with their basis, honest refusals, and what is offered after them."""

import httpx
import pytest

from tests.actions.fake_desk import ENTRY, NEIGHBOUR, WALL, FakeDesk, Talk


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def answer(talk: Talk, text: str = WALL, **more: str | None) -> str:
    return await talk.say(text, action="action_answer", intent="dispute", **more)


async def test_an_answer_names_steps_basis_and_limit_and_offers_to_register(talk: Talk) -> None:
    text = await answer(talk)
    for piece in ("先量清楚边界。", "1. 找村里核对", "《民法典》第二百八十八条（2021-01-01起施行）", "以当地规定"):
        assert piece in text
    assert talk.buttons == ["登记调解", "先不用"]
    assert talk.slots["pending_offer"] == "intake"
    assert talk.slots["last_story"] == WALL


async def test_the_desk_need_not_parse_again(talk: Talk) -> None:
    await answer(talk)
    (asked,) = talk.desk.asked("POST /ask")
    assert asked["parse"]["intent"]["name"] == "dispute"
    assert asked["parse"]["triage"]["category"] == "neighbor"


async def test_a_law_without_a_date_is_cited_without_one(talk: Talk) -> None:
    talk.desk.answer = {**ENTRY, "citations": [{"id": "劳动保障监察条例#第九条", "effective": None}]}
    text = await answer(talk)
    assert "《劳动保障监察条例》第九条" in text
    assert "None" not in text


async def test_two_near_questions_are_offered(talk: Talk) -> None:
    talk.desk.choices = [
        {"entry": "a.b", "title": "一个很长很长很长很长很长很长很长的题目"},
        {"entry": "c.d", "title": "另一个"},
    ]
    await answer(talk)
    (reply,) = talk.replies
    assert reply["buttons"][1] == {"title": "另一个", "payload": '/show_entry{"entry": "c.d"}'}
    assert len(reply["buttons"][0]["title"]) <= 20


async def test_without_an_entry_the_statutes_and_the_door_are_told(talk: Talk) -> None:
    talk.desk.answer = None
    talk.desk.statutes = [{"id": "民法典#第一条", "effective": "2021-01-01"}]
    text = await answer(talk)
    assert "不敢乱说" in text
    assert "没有经过人工整理" in text
    assert "12348" in text


async def test_what_may_not_be_mediated_is_not_offered(talk: Talk) -> None:
    talk.desk.triage = NEIGHBOUR | {"mediable": False, "referral": {"door": "行政复议机关"}}
    talk.desk.answer = None
    assert "行政复议机关" in await answer(talk)
    assert talk.buttons == ["转人工"]
    assert talk.slots["pending_offer"] is None


async def test_no_legal_matter(talk: Talk) -> None:
    talk.desk.answer, talk.desk.triage = None, NEIGHBOUR | {"category": "out_of_scope"}
    assert "12345" in await answer(talk, "明天下雨吗")
    assert "last_story" not in talk.slots


async def test_after_a_crisis_safety_is_asked_once(talk: Talk) -> None:
    assert "您现在安全吗" in await answer(talk, crisis_at="2026-11-22T03:00:00+00:00")
    assert "您现在安全吗" not in await answer(talk, crisis_at="2026-11-22T03:00:00+00:00")


async def test_a_desk_that_is_down_fails_the_turn(talk: Talk) -> None:
    """No half answer: the gateway sees a failed turn, tries again, and tells the villager honestly."""
    talk.desk.refuse["/ask"] = (503, "unavailable", "没有应答")
    with pytest.raises(httpx.HTTPStatusError):
        await answer(talk)


class TestShowEntry:
    async def show(self, talk: Talk, entry: str) -> str:
        payload = f'/show_entry{{"entry": "{entry}"}}'
        return await talk.say(payload, action="action_show_entry", intent="show_entry", entry=entry)

    async def test_the_chosen_one(self, talk: Talk) -> None:
        assert "先量清楚边界。" in await self.show(talk, ENTRY["entry"])
        assert talk.buttons == ["登记调解", "先不用"]
        assert talk.slots["last_entry"] == ENTRY["entry"]

    async def test_without_offer(self, talk: Talk) -> None:
        talk.desk.mediable_entry = False
        await self.show(talk, ENTRY["entry"])
        assert (talk.buttons, talk.slots["pending_offer"]) == ([], None)

    async def test_one_that_is_gone(self, talk: Talk) -> None:
        assert await self.show(talk, "old.entry") == "没有找到。"


class TestFollowUp:
    async def ask(self, talk: Talk) -> str:
        return await talk.say("要花钱吗", action="action_follow_up", intent="follow_up")

    async def test_without_a_story_it_asks_for_one(self, talk: Talk) -> None:
        assert "什么事" in await self.ask(talk)
        assert talk.desk.calls == []

    async def test_leans_on_the_story(self, talk: Talk) -> None:
        await answer(talk)
        assert "先量清楚边界。" in await self.ask(talk)
        (asked,) = talk.desk.asked("POST /follow-up")
        assert asked == {"text": "要花钱吗", "story": WALL, "entry": ENTRY["entry"]}

    async def test_what_the_entry_itself_says(self, talk: Talk) -> None:
        await answer(talk)
        talk.desk.told = {"title": "钱上", "lines": ["调解不收费。"], "about": "院墙占了我家的地"}
        assert await self.ask(talk) == "关于“院墙占了我家的地”：\n钱上：\n1. 调解不收费。"
        assert talk.slots["last_entry"] == ENTRY["entry"]

    async def test_unsure_tells_the_doors(self, talk: Talk) -> None:
        await answer(talk)
        talk.desk.answer, talk.desk.where = None, ["青石镇司法所"]
        assert "青石镇司法所" in await self.ask(talk)
        assert talk.buttons == ["转人工"]


class TestAffirm:
    async def yes(self, talk: Talk) -> str:
        return await talk.say("好的", action="action_affirm", intent="affirm")

    async def test_takes_up_the_offer(self, talk: Talk) -> None:
        await answer(talk)
        assert await self.yes(talk) == ""
        assert talk.next_action == "intake_form"

    @pytest.mark.parametrize("said", ["继续", "接着说", "继续吧"])
    async def test_read_on_is_no_yes_to_an_application(self, talk: Talk, said: str) -> None:
        await answer(talk)
        assert "已经说完了" in await talk.say(said, action="action_affirm", intent="affirm")
        assert (talk.next_action, talk.buttons) == (None, ["登记调解", "先不用"])
        await self.yes(talk)
        assert talk.next_action == "intake_form"

    async def test_nothing_was_offered(self, talk: Talk) -> None:
        assert "想登记什么事" in await self.yes(talk)
        assert talk.next_action is None

    async def test_an_offer_that_was_passed_over_is_gone(self, talk: Talk) -> None:
        await answer(talk)
        await talk.say("先不用", action="action_small_talk", intent="deny")
        await self.yes(talk)
        assert talk.next_action is None
