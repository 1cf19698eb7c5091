"""What was left open is taken up by its own words: a broken-off application, a waiting matter, the other party."""

from typing import Any

import pytest

from tests.actions.fake_desk import NEIGHBOUR, WALL, FakeDesk, Talk, ticket

FORM, FINISH, TALK, AFFIRM = "validate_intake_form", "action_finish_intake", "action_small_talk", "action_affirm"
WAGES = NEIGHBOUR | {"category": "labor", "subcategory": "unpaid_wages", "category_zh": "劳动争议"}
CHAT = NEIGHBOUR | {"category": "out_of_scope", "subcategory": "chitchat"}
MATTERS = [
    {"text": "包工头欠我三个月工资", "triage": WAGES, "entities": []},
    {"text": WALL, "triage": NEIGHBOUR, "entities": []},
]


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def at_the_summary(talk: Talk) -> None:
    await talk.say(WALL, action="action_answer", intent="dispute")
    await talk.say("登记", action=FORM, intent="start_intake")
    await talk.say("后面都跳过", action=FORM, intent="inform")
    assert "确认提交" in talk.text


async def ended(talk: Talk, text: str, intent: str) -> None:
    await talk.say(text, action=FORM, intent=intent)
    await talk.say(text, action=FINISH, intent=intent)


class TestBrokenOff:
    async def test_a_cancelled_application_goes_on(self, talk: Talk) -> None:
        await at_the_summary(talk)
        await ended(talk, "取消", "cancel")
        await talk.say("还是弄吧", action=TALK, intent="chitchat")
        assert talk.next_action == "intake_form"
        text = await talk.say("还是弄吧", action=FORM, intent="chitchat")
        assert WALL in text
        assert "确认提交" in text
        assert talk.desk.asked("POST /tickets") == []

    async def test_other_words_leave_it(self, talk: Talk) -> None:
        await at_the_summary(talk)
        await ended(talk, "取消", "cancel")
        await talk.say("还是算了", action=TALK, intent="chitchat")
        assert talk.next_action is None

    async def test_nothing_of_a_cancelled_one_goes_to_the_operators(self, talk: Talk) -> None:
        await at_the_summary(talk)
        await ended(talk, "取消", "cancel")
        await talk.say("转人工", action="action_handoff", intent="handoff")
        (body,) = talk.desk.asked("POST /conversations/web/visitor-1/handoff")
        assert body["known"] == {}

    async def test_after_a_handover_it_can_still_be_submitted(self, talk: Talk) -> None:
        await at_the_summary(talk)
        await ended(talk, "转人工", "handoff")
        await talk.say("确认提交", action=AFFIRM, intent="affirm", back=True)
        assert talk.next_action == "intake_form"
        await talk.say("确认提交", action=FORM, intent="affirm", back=True)
        await talk.say("确认提交", action=FINISH, intent="affirm", back=True)
        assert len(talk.desk.asked("POST /tickets")) == 1

    async def test_calling_the_bot_back_shows_it_and_submits_nothing(self, talk: Talk) -> None:
        await at_the_summary(talk)
        await ended(talk, "转人工", "handoff")
        await talk.say("问机器人", action="action_handoff", intent="handoff", back=True)
        assert talk.next_action == "intake_form"
        assert WALL in await talk.say("问机器人", action=FORM, intent="handoff", back=True)
        assert talk.desk.asked("POST /tickets") == []

    async def test_with_nothing_open_the_bot_only_says_that_it_is_there(self, talk: Talk) -> None:
        assert "接着" in await talk.say("问机器人", action="action_handoff", intent="handoff", back=True)
        assert talk.desk.calls == []

    async def test_skipping_at_the_summary_is_no_miss(self, talk: Talk) -> None:
        await at_the_summary(talk)
        for _ in range(5):
            await talk.say("跳过", action=FORM, intent="skip")
            assert talk.slots["draft"]["outcome"] is None
            assert "确认提交" in talk.buttons


class TestMatters:
    @pytest.mark.parametrize(
        ("text", "story"),
        [("先登记欠钱的", MATTERS[0]["text"]), ("砌墙那件", WALL), ("第二件", WALL), ("劳动争议", MATTERS[0]["text"])],
    )
    async def test_one_is_chosen_by_its_words(self, talk: Talk, text: str, story: str) -> None:
        talk.slots |= {"later": MATTERS, "pending_offer": "matter"}
        await talk.say(text, action="action_fallback", intent="nlu_fallback")
        assert talk.next_action == "intake_form"
        assert talk.slots["last_story"] == story
        assert len(talk.slots["later"]) == 1

    @pytest.mark.parametrize("text", ["都不办", "我想问的是另外一个完全不同的问题呢"])
    async def test_what_names_none_chooses_none(self, talk: Talk, text: str) -> None:
        talk.slots |= {"later": MATTERS, "pending_offer": "matter"}
        await talk.say(text, action=TALK, intent="deny")
        assert talk.next_action is None


class TestOtherSide:
    async def test_a_number_asks_for_the_code(self, talk: Talk) -> None:
        said = "我是被人告的那一方，工单号T-20261129-0004"
        no = {"ticket_no": "T-20261129-0004"}
        await talk.say(said, action="action_ticket_status", intent="ticket_status", **no)
        assert "调解委员会或司法所" in talk.text
        assert talk.next_action == "note_form"
        assert "查询码" in await talk.say(said, action="validate_note_form", intent="ticket_status", **no)

    async def test_without_a_number_it_is_explained(self, talk: Talk) -> None:
        text = await talk.say("有人告我了，你们村上打电话说我欠别人钱", action="action_answer", intent="dispute")
        assert "您就是“对方”" in text
        assert talk.buttons == ["我有查询码", "转人工"]

    async def test_their_refusal_later_on_reaches_the_ticket(self, talk: Talk) -> None:
        talk.desk.side = "respondent"
        claim: dict[str, Any] = {"ticket_no": "T-20261122-0001"}
        await talk.say("查询码123456", action="action_start_note", intent="claim", **claim)
        await talk.say("查询码123456", action="validate_note_form", intent="claim", **claim)
        await talk.say("我没有占他的地", action="validate_note_form", intent="inform")
        await talk.say("我没有占他的地", action="action_finish_note", intent="inform")
        await talk.say("我不愿意调解", action=TALK, intent="deny")
        assert talk.next_action == "note_form"
        assert "确定" in await talk.say("我不愿意调解", action="validate_note_form", intent="deny")
        await talk.say("不愿意调解", action="validate_note_form", intent="deny")
        assert talk.desk.asked("POST /tickets/T-20261122-0001/statement")[-1]["refuses"] is True

    async def test_the_applicants_goes_onto_their_ticket(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket()]
        text = await talk.say("我不同意调解，我要打官司", action="action_fallback", intent="nlu_fallback")
        assert "T-20261122-0001" in text
        assert [note["note"] for note in talk.desk.asked("POST /tickets/T-20261122-0001/add_note")] == [
            "我不同意调解，我要打官司"
        ]

    @pytest.mark.parametrize("intent", ["withdraw", "disagree", "change_mediator"])
    async def test_what_asks_for_more_than_a_note_gets_it(self, talk: Talk, intent: str) -> None:
        talk.desk.tickets = [ticket()]
        await talk.say("我不想调了，帮我撤回吧", action="action_withdraw", intent=intent)
        assert talk.desk.asked("POST /tickets/T-20261122-0001/add_note") == []

    async def test_without_a_ticket_it_is_no_dead_end(self, talk: Talk) -> None:
        assert "调解自愿" in await talk.say("我不愿意调解", action=TALK, intent="deny")
        assert "我有查询码" in talk.buttons


class TestFirstWords:
    async def test_a_matter_with_a_sum_in_it_is_answered(self, talk: Talk) -> None:
        talk.desk.triage = WAGES | {"confidence": 0.8}
        await talk.say("包工头欠我工钱一万二", action=TALK, money=12000)
        assert talk.slots["last_story"] == "包工头欠我工钱一万二"

    async def test_a_place_said_after_the_matter_goes_with_it(self, talk: Talk) -> None:
        await talk.say(WALL, action="action_answer", intent="dispute")
        talk.desk.triage = CHAT | {"confidence": 0.9}
        assert "登记" in await talk.say("东沟村一组", action=TALK, place="东沟村一组")
        assert talk.slots["last_story"] == f"{WALL}。东沟村一组"

    async def test_a_place_said_before_the_matter_goes_with_it_too(self, talk: Talk) -> None:
        talk.desk.triage = CHAT | {"confidence": 0.9}
        await talk.say("东沟村一组", action=TALK, place="东沟村一组")
        talk.desk.triage = NEIGHBOUR | {"confidence": 0.9}
        await talk.say(WALL, action="action_answer", intent="dispute")
        assert talk.slots["last_story"] == f"东沟村一组。{WALL}"
        assert talk.slots["clarified"] is None

    async def test_three_times_nothing_brings_a_human(self, talk: Talk) -> None:
        talk.desk.triage = CHAT | {"confidence": 0.9}
        for _ in range(2):
            assert "记下" not in await talk.say("一万二", action=TALK, money=12000)
        await talk.say("一万二", action=TALK, money=12000)
        assert talk.desk.asked("POST /conversations/web/visitor-1/handoff")

    async def test_a_no_in_between_is_not_counted_and_ends_no_count(self, talk: Talk) -> None:
        talk.desk.triage = CHAT | {"confidence": 0.9}
        await talk.say("一万二", action=TALK, money=12000)
        await talk.say("不用", action=TALK, intent="deny")
        assert talk.slots["misses"] == 1


class TestMeant:
    async def test_a_weak_wish_for_a_human_is_a_miss_first(self, talk: Talk) -> None:
        talk.desk.triage = CHAT | {"confidence": 0.9}
        for action, intent in (("action_handoff", "handoff"), ("action_complaint", "complaint")):
            await talk.say("是他亲戚", action=action, intent=intent, confidence=0.61)
        assert talk.desk.asked("POST /conversations/web/visitor-1/handoff") == []

    async def test_a_weak_complaint_about_a_matter_is_answered(self, talk: Talk) -> None:
        talk.desk.triage = WAGES | {"confidence": 0.76}
        said = {"action": "action_complaint", "intent": "complaint", "confidence": 0.61}
        assert "先量清楚边界" in await talk.say("欠薪的处理不满意", **said)
        assert talk.desk.asked("POST /conversations/web/visitor-1/handoff") == []

    async def test_unnamed_begins_a_registration_without_a_contact(self, talk: Talk) -> None:
        await talk.say(WALL, action="action_answer", intent="dispute")
        await talk.say("就匿名登记", action=AFFIRM, intent="affirm")
        assert talk.next_action == "intake_form"
        await talk.say("就匿名登记", action=FORM, intent="affirm")
        assert talk.slots["draft"]["contact"] == {}

    async def test_a_question_that_sounds_like_an_addition_is_answered(self, talk: Talk) -> None:
        talk.desk.triage = WAGES | {"confidence": 0.76}
        text = await talk.say("我补了欠条以后能不能告他", action="action_start_note", intent="supplement")
        assert "先量清楚边界" in text
        assert talk.next_action is None

    async def test_who_wants_to_forge_is_warned(self, talk: Talk) -> None:
        text = await talk.say("我想伪造一张欠条告他行不行", action="action_start_note", intent="supplement")
        assert "虚假诉讼" in text
        assert talk.desk.calls == []

    async def test_who_tells_of_a_forgery_is_not(self, talk: Talk) -> None:
        talk.desk.triage = WAGES | {"confidence": 0.8}
        text = await talk.say("他伪造了一张欠条告我", action="action_answer", intent="dispute")
        assert "虚假诉讼" not in text

    async def test_somebody_who_writes_no_chinese_is_told_the_doors(self, talk: Talk) -> None:
        talk.desk.triage = CHAT | {"confidence": 0.9}
        text = await talk.say("my boss no pay me 3 month", action="action_fallback", intent="nlu_fallback")
        assert "Chinese" in text
        assert "12333" in text
