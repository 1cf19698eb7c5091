"""Voice: questions are answered at once, but recognised words get into a ticket only when they are confirmed."""

from typing import Any

import pytest

from actions.cues import heard, without
from actions.wording import say
from api.channels.wechat.texts import load_texts
from tests.actions.fake_desk import NEIGHBOUR, WALL, FakeDesk, Talk, ticket

FORM, NOTE = "validate_intake_form", "validate_note_form"
CONFIRM = ["对，没听错", "不对"]


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def form(talk: Talk, text: str, **more: Any) -> str:
    return await talk.say(text, action=FORM, **more)


async def at_place(talk: Talk) -> None:
    """In an application whose story was typed."""
    await form(talk, "/start_intake", intent="start_intake")
    await form(talk, WALL, intent="dispute")


class TestApplication:
    async def test_a_spoken_story_is_read_back_first(self, talk: Talk) -> None:
        await form(talk, "/start_intake", intent="start_intake")
        assert WALL in await form(talk, WALL, intent="dispute", voice=True)
        assert talk.buttons == CONFIRM
        assert talk.slots["draft"]["story"] is None
        assert "哪个村" in await form(talk, "/affirm", intent="affirm")
        assert talk.slots["draft"]["story"] == WALL

    @pytest.mark.parametrize(
        ("said", "intent", "voice"),
        [
            ("登记调解", "start_intake", True),
            ("登记调解", "start_intake", False),
            ("/start_intake", "start_intake", False),
            ("跳过", "skip", True),
            ("喂，你好", "greet", True),
        ],
    )
    async def test_a_command_does_not_replace_the_story_that_waits(
        self, talk: Talk, said: str, intent: str, voice: bool
    ) -> None:
        await form(talk, "/start_intake", intent="start_intake")
        await form(talk, WALL, intent="dispute", voice=True)
        assert f"“{WALL}”" in await form(talk, said, intent=intent, voice=voice)
        assert "哪个村" in await form(talk, "对", intent="affirm", voice=True)
        assert talk.slots["draft"]["story"] == WALL

    @pytest.mark.parametrize("yes", ["/affirm", "对", "是的"])
    async def test_a_spoken_place(self, talk: Talk, yes: str) -> None:
        await at_place(talk)
        assert "东沟村一组" in await form(talk, "东沟村一组", voice=True)
        assert talk.slots["draft"]["place"] is None
        assert talk.slots["requested_slot"] == "intake_place"
        assert "记下了：青石镇东沟村一组" in await form(talk, yes, intent="affirm", voice=yes != "/affirm")

    async def test_said_again_until_it_is_right(self, talk: Talk) -> None:
        await at_place(talk)
        await form(talk, "东钩村一组", voice=True)
        assert "再说一遍" in await form(talk, "/deny", intent="deny")
        assert "哪个村" in talk.text
        assert "西沟村二组" in await form(talk, "西沟村二组", voice=True)
        assert talk.buttons == CONFIRM
        assert "西沟村二组" in await form(talk, "对", intent="affirm", voice=True)
        assert talk.slots["draft"]["place"]["village"] == "西沟村"

    async def test_put_right_by_typing(self, talk: Talk) -> None:
        await at_place(talk)
        await form(talk, "东钩村一组", voice=True)
        assert "记下了：青石镇西沟村二组" in await form(talk, "不对，是西沟村二组", intent="correct")
        assert talk.slots["draft"]["unsure"] is None

    async def test_put_right_by_voice_is_read_back_too(self, talk: Talk) -> None:
        await at_place(talk)
        await form(talk, "东钩村一组", voice=True)
        assert "“西沟村二组”" in await form(talk, "不对，是西沟村二组", intent="correct", voice=True)
        assert talk.slots["draft"]["place"] is None

    async def test_a_question_in_between_is_answered_and_the_words_still_wait(self, talk: Talk) -> None:
        await at_place(talk)
        await form(talk, "东沟村一组", voice=True)
        text = await form(talk, "宅基地边界怎么认", intent="consultation")
        assert "先量清楚边界" in text
        assert "“东沟村一组”" in text
        assert "记下了" in await form(talk, "对", intent="affirm")

    async def test_a_spoken_question_is_answered_at_once(self, talk: Talk) -> None:
        await at_place(talk)
        assert "先量清楚边界" in await form(talk, "宅基地边界怎么认", intent="consultation", voice=True)
        assert talk.slots["draft"]["unsure"] is None

    async def test_spoken_ways_on_are_taken_at_once(self, talk: Talk) -> None:
        await at_place(talk)
        assert "由工作人员跟您核对" in await form(talk, "跳过。", intent="skip", voice=True)
        await form(talk, "取消", intent="cancel", voice=True)
        assert talk.slots["draft"]["outcome"] == "cancelled"

    async def test_a_danger_does_not_wait(self, talk: Talk) -> None:
        await at_place(talk)
        await form(talk, "他拿刀来了", voice=True, crisis_at="2026-11-29T08:00:00Z")
        assert talk.slots["draft"]["outcome"] == "crisis"

    async def test_a_spoken_change_at_the_end(self, talk: Talk) -> None:
        await at_place(talk)
        for text, intent in [("东沟村一组", "inform"), ("后面都跳过", "skip")]:
            await form(talk, text, intent=intent)
        assert "请您看看" in talk.text
        await form(talk, "地点是西沟村二组", intent="correct", voice=True)
        assert talk.slots["draft"]["place"]["village"] == "东沟村"
        assert "西沟村二组" in await form(talk, "对", intent="affirm")
        assert (talk.slots["draft"]["place"]["village"], talk.slots["draft"]["outcome"]) == ("西沟村", None)

    async def test_what_was_told_by_voice_before_the_application(self, talk: Talk) -> None:
        await talk.say(WALL, action="action_answer", intent="dispute", voice=True)
        assert "先量清楚边界" in talk.text
        assert WALL in await form(talk, "/start_intake", intent="start_intake")
        assert (talk.buttons, talk.slots["draft"]["story"]) == (CONFIRM, None)
        assert "哪个村" in await form(talk, "对", intent="affirm")
        assert talk.slots["draft"]["triage"]["category"] == NEIGHBOUR["category"]

    async def test_the_wish_and_the_story_in_one_voice_message(self, talk: Talk) -> None:
        await form(talk, f"我要调解，{WALL}", intent="start_intake", voice=True)
        assert (talk.buttons, talk.slots["draft"]["story"]) == (CONFIRM, None)
        assert f"“{WALL}”" in talk.text


class TestTicket:
    """Words that go onto a ticket that stands."""

    async def start(self, talk: Talk, text: str) -> str:
        talk.desk.tickets = [ticket()]
        await talk.say(text, action="action_start_note", intent="supplement", voice=True)
        return await talk.say(text, action=NOTE, intent="supplement", voice=True)

    def added(self, talk: Talk) -> list[str]:
        return [one["note"] for one in talk.desk.asked("POST /tickets/T-20261122-0001/add_note")]

    async def test_a_spoken_supplement_waits_for_its_yes(self, talk: Talk) -> None:
        assert "“他昨晚又来砸门”" in await self.start(talk, "我要补充，他昨晚又来砸门")
        assert (talk.buttons, self.added(talk)) == (CONFIRM, [])
        await talk.say("对", action=NOTE, intent="affirm", voice=True)
        assert self.added(talk) == ["他昨晚又来砸门"]

    async def test_a_command_does_not_replace_it(self, talk: Talk) -> None:
        await self.start(talk, "我要补充，他昨晚又来砸门")
        assert "“他昨晚又来砸门”" in await talk.say("跳过", action=NOTE, intent="skip", voice=True)
        await talk.say("对", action=NOTE, intent="affirm", voice=True)
        assert self.added(talk) == ["他昨晚又来砸门"]

    async def test_or_is_said_again(self, talk: Talk) -> None:
        await self.start(talk, "我要补充，他昨晚又来杂门")
        assert "再说一遍" in await talk.say("不对", action=NOTE, intent="deny")
        await talk.say("他昨晚又来砸门", action=NOTE, intent="inform")
        assert self.added(talk) == ["他昨晚又来砸门"]


@pytest.mark.parametrize(
    ("said", "rest"), [("不对，是西沟村", "西沟村"), ("不对", ""), ("听错了，我说的是西沟村", "西沟村"), ("/deny", "")]
)
def test_what_is_put_right(said: str, rest: str) -> None:
    assert without("misheard", said) == rest


@pytest.mark.parametrize("said", ["不是东沟村，是西沟村", "错了一百块", "对方不对"])
def test_what_only_begins_like_it(said: str) -> None:
    assert heard("misheard", said) is None


def test_wechat_knows_when_the_answer_reads_back_by_itself() -> None:
    assert say("heard.ask", text="x").startswith(load_texts().heard.partition("{")[0])
