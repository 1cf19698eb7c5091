"""The application step by step: asked, corrected, interrupted, broken off, submitted."""

from typing import Any

import pytest

from actions.parties import other_party
from actions.quantities import facts_told
from tests.actions.fake_desk import NEIGHBOUR, WALL, FakeDesk, Talk, ticket

FORM, FINISH = "validate_intake_form", "action_finish_intake"


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def form(talk: Talk, text: str, **more: Any) -> str:
    return await talk.say(text, action=FORM, **more)


async def begin(talk: Talk) -> str:
    return await form(talk, "/start_intake", intent="start_intake")


async def until(talk: Talk, step: str) -> None:
    """The shortest way to a step, everything before it answered."""
    answers = [
        ("story", WALL, "dispute"),
        ("place", "东沟村一组", "inform"),
        ("respondent", "邻居", "inform"),
        ("details", "是一个组", "affirm"),
        ("details", "/skip", "skip"),
        ("contact", "/skip", "skip"),
    ]
    await begin(talk)
    for at, text, intent in answers:
        if at == step:
            return
        await form(talk, text, intent=intent)


def asked_next(talk: Talk) -> str | None:
    step = talk.slots["requested_slot"]
    return step.removeprefix("intake_") if step else None


async def confirm(talk: Talk) -> str:
    """The form ends, then Rasa calls the action after it with the same message."""
    await form(talk, "确认提交", intent="affirm")
    assert talk.slots["requested_slot"] is None
    return await talk.say("确认提交", action=FINISH, intent="affirm")


class TestStepByStep:
    async def test_from_the_first_word_to_the_ticket(self, talk: Talk) -> None:
        assert "说说是什么事" in await begin(talk)
        assert "哪个村" in await form(talk, WALL, intent="dispute")
        assert "记下了：青石镇东沟村一组" in await form(talk, "东沟村一组")
        assert "对方是谁" in talk.text
        assert "一个组的吗" in await form(talk, "邻居")
        assert talk.buttons == ["是一个组", "不是一个组", "跳过"]
        assert "多少钱" in await form(talk, "是一个组", intent="affirm")
        assert "电话" in await form(talk, "大概两千", money=2000)
        text = await form(talk, "我姓陈，电话13800000000")
        for piece in (WALL, "青石镇东沟村一组", "邻居", "2000", "13800000000", "东沟村一组网格工作站"):
            assert piece in text
        assert talk.buttons == ["确认提交", "要修改", "取消"]
        assert "T-20261122-0001" in await confirm(talk)
        assert talk.replies[0]["custom"] == {"ticket_no": "T-20261122-0001"}
        assert "不影响您的权利" in talk.text

    async def test_a_surname_stays_beside_a_spoken_number(self, talk: Talk) -> None:
        await until(talk, "contact")
        text = await form(talk, "我姓张，电话一三八零零一三八零零零")
        assert "联系：13800138000 张" in text

    async def test_what_is_sent_to_the_desk(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        await confirm(talk)
        (body,) = talk.desk.asked("POST /tickets")
        assert body["place"] == {"town": "青石镇", "village": "东沟村", "group": "一组"}
        assert body["facts"] == {"parties_same_group": True, "respondent_org": "邻居"}
        assert (body["applicant"], body["respondent"]) == (None, {"name": "邻居"})
        assert body["text"] == f"{WALL}\n您和对方是一个组的吗：是一个组"
        key = next(headers for call, _, headers in talk.desk.calls if call == "POST /tickets")["idempotency-key"]
        assert key.startswith("intake:web:visitor-1:m-")

    async def test_nothing_is_left_for_the_next_application(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        await confirm(talk)
        assert not [name for name, value in talk.slots.items() if value and name not in ("misses", "spoken")]

    async def test_a_story_told_before_is_not_asked_again(self, talk: Talk) -> None:
        await talk.say(f"{WALL}，在东沟村", action="action_answer", intent="dispute", party_role="邻居")
        text = await begin(talk)
        assert "按您刚才说的" in text
        assert asked_next(talk) == "details"

    async def test_everything_may_be_skipped(self, talk: Talk) -> None:
        await until(talk, "place")
        for _ in range(5):
            await form(talk, "/skip", intent="skip")
        assert asked_next(talk) == "confirmation"
        assert talk.text.count("没有说") == 2
        await confirm(talk)
        (body,) = talk.desk.asked("POST /tickets")
        assert body["facts"] == {}

    @pytest.mark.parametrize(
        ("text", "intent"), [("调解", "start_intake"), ("/skip", "skip"), ("好的好的好的", "affirm")]
    )
    async def test_a_word_is_no_story(self, talk: Talk, text: str, intent: str) -> None:
        await begin(talk)
        await form(talk, text, intent=intent)
        assert len(talk.replies) == 1
        assert "一两句话" in talk.text
        assert asked_next(talk) == "story"


class TestPlace:
    async def test_unknown_twice_is_left_to_a_person(self, talk: Talk) -> None:
        await until(talk, "place")
        assert "没找到这个地方" in await form(talk, "大湾子")
        assert len(talk.replies) == 1
        assert "地点先空着" in await form(talk, "就是大湾子嘛")
        assert asked_next(talk) == "respondent"
        for _ in range(4):
            await form(talk, "/skip", intent="skip")
        assert "就是大湾子嘛" in talk.text

    async def test_two_places_of_one_name_are_offered(self, talk: Talk) -> None:
        await until(talk, "place")
        talk.desk.candidates["一组"] = ["东沟村一组", "西沟村二组"]
        assert "不止一个" in await form(talk, "一组")
        assert talk.buttons == ["青石镇东沟村一组", "青石镇西沟村二组", "跳过"]
        assert len(talk.replies) == 1
        assert "记下了" in await form(talk, "青石镇西沟村二组")


class TestContact:
    @pytest.mark.parametrize("text", ["电话1380000000", "138000000001", "12800000000"])
    async def test_a_bad_phone_is_asked_again(self, talk: Talk, text: str) -> None:
        await until(talk, "contact")
        assert "好像不对" in await form(talk, text)
        assert (len(talk.replies), asked_next(talk)) == (1, "contact")
        assert "13800000000" in await form(talk, "13800000000")
        assert asked_next(talk) == "confirmation"

    @pytest.mark.parametrize("text", ["李大姐，电话138-0000-0000", "我叫李大姐，幺三八零零零零零零零零"])
    async def test_a_phone_as_it_is_spoken(self, talk: Talk, text: str) -> None:
        await until(talk, "contact")
        assert "联系：13800000000 李大姐" in await form(talk, text)

    @pytest.mark.parametrize("text", ["好的", "记错了，是一组", "你打我儿子那个号"])
    async def test_no_name_is_made_of_other_words(self, talk: Talk, text: str) -> None:
        await until(talk, "contact")
        await form(talk, text)
        assert not (talk.slots["draft"]["contact"] or {}).get("name")

    async def test_a_name_alone_is_enough(self, talk: Talk) -> None:
        await until(talk, "contact")
        assert "联系：老陈" in await form(talk, "叫我老陈就行")


class TestCorrections:
    @pytest.mark.parametrize(
        ("text", "shown", "entities"),
        [
            ("不对，是西沟村二组", "地点：青石镇西沟村二组", {}),
            ("电话改成13900000000", "联系：13900000000", {}),
            ("对方不是邻居，是村委会", "对方：村委会", {}),
            ("不对，是三万", "金额（元）：30000", {"money": 30000}),
            ("等等，是30000，不是50000", "金额（元）：30000", {"money": 30000, "money_": 50000}),
            ("一共十二个人", "人数：12", {"head_count": {"at_least": 12}}),
        ],
    )
    @pytest.mark.parametrize("intent", ["correct", "inform"])
    async def test_the_right_value_at_the_end(
        self, talk: Talk, text: str, shown: str, entities: dict[str, Any], intent: str
    ) -> None:
        await until(talk, "confirmation")
        answer = await form(talk, text, intent=intent, **entities)
        assert "改好了" in answer
        assert shown in answer
        assert asked_next(talk) == "confirmation"

    async def test_in_the_middle(self, talk: Talk) -> None:
        await until(talk, "respondent")
        assert "改好了" in await form(talk, "不对，是西沟村二组", intent="correct")
        assert asked_next(talk) == "respondent"
        assert talk.slots["draft"]["place"]["label"] == "青石镇西沟村二组"

    async def test_a_corrected_sum_is_told_once(self, talk: Talk) -> None:
        await until(talk, "details")
        await form(talk, "是一个组", intent="affirm")
        await form(talk, "两千", money=2000)
        await form(talk, "/skip", intent="skip")
        text = await form(talk, "不对，是三千", money=3000)
        assert "3000" in text
        assert "两千" not in text
        await confirm(talk)
        (body,) = talk.desk.asked("POST /tickets")
        assert body["facts"]["amount_yuan"] == 3000
        assert "两千" not in body["text"]

    @pytest.mark.parametrize("intent", ["deny", "correct"])
    async def test_wrong_without_saying_what(self, talk: Talk, intent: str) -> None:
        await until(talk, "confirmation")
        assert "哪一项不对" in await form(talk, f"/{intent}", intent=intent)

    async def test_anything_else_submits_nothing(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        assert "现在还没有提交" in await form(talk, "随便吧", intent="chitchat")
        assert talk.desk.asked("POST /tickets") == []


class TestInterruptions:
    async def test_a_question_is_answered_and_the_form_goes_on(self, talk: Talk) -> None:
        await until(talk, "place")
        text = await form(talk, "调解要花钱吗", intent="consultation")
        assert "先量清楚边界。" in text
        assert "接着登记" in text
        assert "哪个村" in text
        assert asked_next(talk) == "place"

    async def test_small_talk_is_no_answer(self, talk: Talk) -> None:
        await until(talk, "respondent")
        assert "不是律师" in await form(talk, "你是谁", intent="bot_identity")
        assert asked_next(talk) == "respondent"

    async def test_where_is_my_other_case(self, talk: Talk) -> None:
        await until(talk, "place")
        assert "没有查到您在这里登记过" in await form(talk, "我上次的事呢", intent="ticket_status")
        assert asked_next(talk) == "place"

    @pytest.mark.parametrize("step", ["place", "respondent", "details", "contact"])
    async def test_a_button_of_an_old_message_is_no_answer(self, talk: Talk, step: str) -> None:
        await until(talk, step)
        await form(talk, '/show_entry{"entry": "a.b"}', intent="show_entry")
        assert asked_next(talk) == step
        assert "/" not in str(talk.slots["draft"]["respondent"] or "")

    async def test_yes_as_a_button_is_kept_in_words(self, talk: Talk) -> None:
        await until(talk, "details")
        await form(talk, "/affirm", intent="affirm")
        assert talk.slots["draft"]["details"] == {"same_group": "是"}
        assert talk.slots["draft"]["facts"] == {"parties_same_group": True}


class TestOtherAnswers:
    """Words that answer another question go there; what was asked is asked again."""

    @pytest.mark.parametrize("step", ["place", "respondent", "details", "contact"])
    async def test_a_sum_is_a_sum_whatever_was_asked(self, talk: Talk, step: str) -> None:
        await until(talk, step)
        assert "金额 7200 元" in await form(talk, "欠了我7200", money=7200)
        assert asked_next(talk) == step
        assert talk.slots["draft"]["facts"]["amount_yuan"] == 7200

    @pytest.mark.parametrize("step", ["respondent", "details", "contact"])
    async def test_a_place_is_a_place(self, talk: Talk, step: str) -> None:
        await until(talk, step)
        assert "西沟村二组" in await form(talk, "在西沟村二组")
        assert asked_next(talk) == step
        assert talk.slots["draft"]["place"]["village"] == "西沟村"

    @pytest.mark.parametrize(("text", "key"), [("同组", "same_group"), ("同村", "same_village")])
    async def test_an_answer_of_another_question(self, talk: Talk, text: str, key: str) -> None:
        await until(talk, "respondent")
        assert "记下了" in await form(talk, text)
        assert asked_next(talk) == "respondent"
        assert talk.slots["draft"]["details"][key]

    async def test_somebody_named_is_no_answer_to_buttons(self, talk: Talk) -> None:
        await until(talk, "details")
        assert "对方是邻居张家" in await form(talk, "邻居张家", party_role="邻居")
        assert asked_next(talk) == "details"
        assert talk.slots["draft"]["respondent"] == "邻居张家"

    async def test_somebody_named_is_no_place(self, talk: Talk) -> None:
        await until(talk, "place")
        assert "对方是邻居张家" in await form(talk, "邻居张家", party_role="邻居")
        assert asked_next(talk) == "place"

    async def test_a_time_nobody_asked_for_stays_in_the_story(self, talk: Talk) -> None:
        await until(talk, "contact")
        await form(talk, "两三个月了", duration="两三个月")
        assert asked_next(talk) == "contact"
        assert talk.slots["draft"]["story"] == f"{WALL}。两三个月了"

    async def test_ones_own_name_waits_for_the_telephone(self, talk: Talk) -> None:
        await until(talk, "details")
        await form(talk, "我姓王")
        assert asked_next(talk) == "details"
        await form(talk, "都跳过", intent="skip")
        talk.slots["draft"]["contact"] = None
        await form(talk, "13800000000")
        assert talk.slots["draft"]["contact"] == {"name": "王", "phone": "13800000000"}

    async def test_a_head_count_is_no_sum(self, talk: Talk) -> None:
        await until(talk, "details")
        await form(talk, "是一个组", intent="affirm")
        await form(talk, "十二个人", head_count=12)
        assert talk.slots["draft"]["facts"]["people_involved"] == 12
        assert "amount_yuan" not in talk.slots["draft"]["facts"]
        assert asked_next(talk) == "details"

    async def test_yes_or_no_is_asked_for_once_more(self, talk: Talk) -> None:
        await until(talk, "details")
        assert "没对上" in await form(talk, "这个怎么说呢")
        assert talk.buttons == ["是一个组", "不是一个组", "跳过"]
        await form(talk, "这个怎么说呢")
        assert "多少钱" in talk.text
        assert talk.slots["draft"]["details"]["same_group"] == "这个怎么说呢"


class TestSaidBefore:
    @pytest.mark.parametrize("text", ["不对，是二组", "记错了，是一组", "等等，不是四组，是五组"])
    async def test_a_correction_is_no_story(self, talk: Talk, text: str) -> None:
        await begin(talk)
        await form(talk, text, intent="correct")
        assert asked_next(talk) == "story"

    @pytest.mark.parametrize("text", ["等等，不是一组，是二组", "哎呀记错了，是二组"])
    async def test_another_group_of_the_same_village(self, talk: Talk, text: str) -> None:
        await until(talk, "place")
        await form(talk, "西沟村二组")
        talk.slots["draft"]["place"] |= {"group": "一组"}
        assert "改好了" in await form(talk, text)
        assert talk.slots["draft"]["place"]["group"] == "二组"
        assert asked_next(talk) == "respondent"

    async def test_a_group_without_a_village_is_asked_about(self, talk: Talk) -> None:
        await until(talk, "place")
        await form(talk, "都跳过", intent="skip")
        assert "哪个村的一组" in await form(talk, "不对，是一组", intent="correct")
        assert not talk.slots["draft"]["contact"]

    @pytest.mark.parametrize("step", ["respondent", "details", "contact", "confirmation"])
    async def test_not_him_but_his_son(self, talk: Talk, step: str) -> None:
        await until(talk, step)
        await form(talk, "不对，不是老李，是老李他儿子", intent="correct", party_role="儿子")
        assert talk.slots["draft"]["respondent"] == "老李他儿子"
        assert not (talk.slots["draft"]["contact"] or {}).get("name")


class TestWhoseDoing:
    @pytest.mark.parametrize(
        ("text", "category", "named", "who"),
        [
            ("我和老伴把地租给刘老板种药材，欠租金不给", "land_forest", ["老伴", "老板"], "刘老板"),
            ("我跟我哥在工地干活，包工头不给钱", "labor", ["我哥", "包工头"], "包工头"),
            ("家里老屋被我哥占了", "housing_homestead", ["我哥"], "我哥"),
            ("我爸的地让邻居占了", "land_forest", ["我爸", "邻居"], "邻居"),
            ("我和老公要离婚", "marriage_family", ["老公"], "老公"),
            ("找到家里他媳妇说不在", "contract", ["媳妇"], None),
        ],
    )
    def test_the_other_side(self, text: str, category: str, named: list[str], who: str | None) -> None:
        codes = {"老伴": "spouse", "老公": "spouse", "媳妇": "spouse", "我哥": "sibling", "我爸": "father"}
        entities = [{"entity": "party_role", "value": codes.get(one, "x"), "text": one} for one in named]
        assert other_party(text, entities, category) == who

    @pytest.mark.parametrize(
        ("text", "sums", "yuan"),
        [
            ("三十亩地租给他，一亩八百块钱一年，欠了七千二", {"八百块钱": 800, "七千二": 7200}, 7200),
            ("一天三百，干了两个月没给", {"三百": 300}, None),
            ("给了两千，还欠我一万二", {"两千": 2000, "一万二": 12000}, 12000),
            ("欠了一年三万", {"三万": 30000}, 30000),
        ],
    )
    def test_what_is_at_stake(self, text: str, sums: dict[str, int], yuan: int | None) -> None:
        entities = [{"entity": "money", "value": value, "text": words} for words, value in sums.items()]
        assert facts_told(text, entities).get("amount_yuan") == yuan


class TestConsent:
    @pytest.mark.parametrize("text", ["对，就是刘老板", "对，不过墙是前年砌的", "好的，钱要还给我妈"])
    async def test_new_words_are_no_consent(self, talk: Talk, text: str) -> None:
        await until(talk, "confirmation")
        await form(talk, text, intent="affirm")
        assert asked_next(talk) == "confirmation"
        assert talk.slots["draft"]["outcome"] is None

    @pytest.mark.parametrize("text", ["确认提交", "对的，提交吧", "嗯", "可以，提交", "没错", "/affirm"])
    async def test_a_bare_yes_submits(self, talk: Talk, text: str) -> None:
        await until(talk, "confirmation")
        await form(talk, text, intent="affirm")
        assert talk.slots["draft"]["outcome"] == "submitted"

    async def test_what_is_told_at_the_end_is_kept(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        assert "写进去了" in await form(talk, "对了，占的是七十公分不是半米")
        assert "七十公分" in talk.slots["draft"]["story"]
        await form(talk, "对了，饭钱也一直没有结", intent="chitchat")
        assert "饭钱" in talk.slots["draft"]["story"]
        assert "联系：13800138001 张三" in await form(talk, "张三，电话一三八零零一三八零零一")

    async def test_a_long_story_is_cut_where_one_sees_it(self, talk: Talk) -> None:
        long = WALL + "，他砌了一层又一层" * 40
        await begin(talk)
        await form(talk, long, intent="dispute")
        assert "看全文" in await form(talk, "都跳过", intent="skip")
        assert long not in talk.text
        assert long in await form(talk, "看全文")
        assert asked_next(talk) == "confirmation"


class TestEnds:
    async def test_cancel(self, talk: Talk) -> None:
        await until(talk, "contact")
        await form(talk, "不办了", intent="cancel")
        assert "什么都没有保存" in await talk.say("不办了", action=FINISH, intent="cancel")
        assert talk.slots["draft"]["outcome"] == "cancelled"
        assert talk.desk.asked("POST /tickets") == []

    async def test_an_unsure_cancel_is_no_cancel(self, talk: Talk) -> None:
        await until(talk, "respondent")
        await form(talk, "算了吧那个谁", intent="cancel", confidence=0.3)
        assert talk.slots["draft"]["outcome"] is None

    @pytest.mark.parametrize("intent", ["handoff", "complaint"])
    async def test_a_person_takes_over(self, talk: Talk, intent: str) -> None:
        await until(talk, "place")
        await form(talk, "转人工", intent=intent)
        assert "前面还有 2 位" in await talk.say("转人工", action=FINISH, intent=intent)
        (told,) = talk.desk.asked("POST /conversations/web/visitor-1/handoff")
        assert told["known"]["事情"]

    async def test_the_place_of_a_scanned_code_is_not_asked_for(self, talk: Talk) -> None:
        talk.place_hint = "东沟村一组"
        await until(talk, "respondent")
        assert talk.slots["draft"]["place"]["village"] == "东沟村"
        assert not any("哪个村" in reply["text"] for reply in talk.replies)

    async def test_a_crisis_breaks_it_off(self, talk: Talk) -> None:
        await until(talk, "respondent")
        moment = "2026-11-22T03:00:00+00:00"
        assert await form(talk, "我跑出来了", crisis_at=moment) == ""
        assert "您现在安全吗" in await talk.say("我跑出来了", action=FINISH, crisis_at=moment)
        assert talk.slots["draft"]["outcome"] == "crisis"

    async def test_what_may_not_be_mediated_gets_its_door(self, talk: Talk) -> None:
        talk.desk.triage = NEIGHBOUR | {
            "mediable": False,
            "referral": {"text": "先申请行政复议", "deadline": "六十日内"},
        }
        await begin(talk)
        await form(talk, "交警罚款我不服气", intent="dispute")
        text = await talk.say("交警罚款我不服气", action=FINISH, intent="dispute")
        assert "先申请行政复议" in text
        assert "六十日内" in text
        assert talk.desk.asked("POST /tickets") == []

    async def test_a_protective_ticket_says_so(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        talk.desk.opened = ticket(flags=["crisis"])
        assert "不会安排您和对方当面调解" in await confirm(talk)


class TestRefusedByTheDesk:
    async def test_nothing_is_lost_and_it_can_be_sent_again(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        talk.desk.refuse["/tickets"] = (429, "too_many", "今天登记太多了。")
        text = await confirm(talk)
        assert "今天登记太多了。" in text
        assert "您写的还在" in text
        talk.desk.refuse.clear()
        await talk.say("确认提交", action="action_affirm", intent="affirm")
        assert talk.next_action == "intake_form"
        assert "T-20261122-0001" in await confirm(talk)
        first, second = talk.desk.asked("POST /tickets")
        assert first == second

    async def test_a_draft_left_behind_does_not_come_back_with_another_matter(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        talk.desk.refuse["/tickets"] = (429, "too_many", "今天登记太多了。")
        await confirm(talk)
        other = "租客半年没交房租"
        await talk.say(other, action="action_answer", intent="dispute")
        await begin(talk)
        assert talk.slots["draft"]["story"] == other

    async def test_a_refusal_for_good_names_the_door(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        talk.desk.refuse["/tickets"] = (422, "not_mediable", "请申请行政复议。")
        text = await confirm(talk)
        assert "请申请行政复议。" in text
        assert "再说一次" not in text
        assert talk.slots["draft"] is None


class TestSteering:
    async def test_one_step_back_opens_what_was_answered_last(self, talk: Talk) -> None:
        await until(talk, "contact")
        await form(talk, "上一步")
        assert asked_next(talk) == "details"
        assert "多少钱" in talk.text
        await form(talk, "返回上一步")
        assert "一个组的吗" in talk.text
        await form(talk, "上一步")
        assert asked_next(talk) == "respondent"

    async def test_what_was_never_asked_is_no_step(self, talk: Talk) -> None:
        await begin(talk)
        await form(talk, WALL, intent="dispute", party_role="邻居")
        await form(talk, "上一步", intent="cancel")
        assert asked_next(talk) == "story"
        assert "第一步" in await form(talk, "上一步")

    async def test_the_rest_left_open_is_shown_and_not_submitted(self, talk: Talk) -> None:
        await until(talk, "place")
        assert "请您看看" in await form(talk, "后面都跳过", intent="skip")
        assert asked_next(talk) == "confirmation"
        assert talk.desk.asked("POST /tickets") == []

    async def test_without_a_name(self, talk: Talk) -> None:
        await until(talk, "details")
        assert "不留姓名" in await form(talk, "我不想留名字")
        assert asked_next(talk) == "details"
        await form(talk, "是一个组", intent="affirm")
        await form(talk, "/skip", intent="skip")
        assert asked_next(talk) == "confirmation"

    async def test_for_somebody_else(self, talk: Talk) -> None:
        assert "我妈" in await form(talk, "我要替我妈登记个事", intent="start_intake")
        await form(talk, WALL, intent="dispute")
        assert "替谁：我妈" in await form(talk, "都跳过", intent="skip")
        await confirm(talk)
        (body,) = talk.desk.asked("POST /tickets")
        assert "先问本人" in body["text"]

    async def test_a_number_is_asked_for_once_more(self, talk: Talk) -> None:
        await until(talk, "details")
        await form(talk, "是一个组", intent="affirm")
        assert "大概的数" in await form(talk, "说不好")
        await form(talk, "真说不好")
        assert asked_next(talk) == "contact"

    async def test_a_bare_number_confirms_nothing(self, talk: Talk) -> None:
        await until(talk, "confirmation")
        await form(talk, "1", intent="affirm")
        assert asked_next(talk) == "confirmation"

    async def test_three_answers_of_no_use_bring_a_person(self, talk: Talk) -> None:
        await begin(talk)
        for _ in range(3):
            await form(talk, "嗯", intent="affirm")
        assert talk.slots["requested_slot"] is None
        await talk.say("嗯", action=FINISH, intent="affirm")
        assert talk.desk.asked("POST /conversations/web/visitor-1/handoff")


ASKED = {
    "question": "工钱还是工程款？",
    "options": [
        {"category": "labor", "subcategory": "unpaid_wages", "title": "干活的工钱"},
        {"category": "contract", "subcategory": "project_payment", "title": "工程款或货款"},
    ],
}


class TestUnclear:
    async def test_asked_once_and_settled_by_the_button(self, talk: Talk) -> None:
        talk.desk.triage = NEIGHBOUR | {"clarify": ASKED}
        await begin(talk)
        assert "工钱还是工程款" in await form(talk, "他不给我结钱", intent="dispute")
        assert talk.buttons == ["干活的工钱", "工程款或货款", "都不是"]
        assert "哪个村" in await form(talk, "干活的工钱")
        last = talk.desk.asked("POST /triage")[-1]
        assert last["parse"]["triage"]["category"] == "labor"

    async def test_a_place_settles_nothing_and_is_kept(self, talk: Talk) -> None:
        talk.desk.triage = NEIGHBOUR | {"clarify": ASKED}
        await begin(talk)
        await form(talk, "他不给我结钱", intent="dispute")
        assert "工钱还是工程款" in await form(talk, "西沟村二组")
        assert asked_next(talk) == "kind"
        assert talk.slots["draft"]["place"]["village"] == "西沟村"

    @pytest.mark.parametrize(("text", "intent"), [("/skip", "skip"), ("我也说不清楚是哪样", "inform")])
    async def test_only_a_choice_leads_away_from_mediation(self, talk: Talk, text: str, intent: str) -> None:
        away = {"mediable": False, "referral": {"text": "先申请行政复议"}}
        talk.desk.triage = NEIGHBOUR | {"clarify": ASKED}
        await begin(talk)
        await form(talk, "他不给我结钱", intent="dispute")
        talk.desk.triage = NEIGHBOUR | away | {"confidence": 0.2}
        talk.slots["draft"]["triage"] |= away
        await form(talk, text, intent=intent)
        assert talk.slots["draft"]["outcome"] is None

    @pytest.mark.parametrize("text", ["都不是", "我也说不清楚是哪样"])
    async def test_anything_else_goes_on_too(self, talk: Talk, text: str) -> None:
        talk.desk.triage = NEIGHBOUR | {"clarify": ASKED}
        await begin(talk)
        await form(talk, "他不给我结钱", intent="dispute")
        assert "哪个村" in await form(talk, text, intent="deny" if text == "都不是" else "inform")


async def test_two_matters_one_after_the_other(talk: Talk) -> None:
    talk.desk.matters = [{"text": WALL, "triage": NEIGHBOUR}, {"text": "老板欠我工资", "triage": NEIGHBOUR}]
    await begin(talk)
    assert "不止一件" in await form(talk, f"{WALL}，还有老板欠我工资", intent="dispute")
    await form(talk, "都跳过", intent="skip")
    text = await confirm(talk)
    assert "T-20261122-0001" in text
    assert "老板欠我工资" in text
    await talk.say("好", action="action_affirm", intent="affirm")
    assert talk.next_action == "intake_form"
    assert talk.slots["last_story"] == "老板欠我工资"
