"""Adding to a ticket, another mediator, the next tier, rating, codes, the other party, lines of the desk."""

import pytest

from tests.actions.fake_desk import FakeDesk, Talk, ticket

NO, SECOND = "T-20261122-0001", "T-20261122-0002"
START, FORM, FINISH = "action_start_note", "validate_note_form", "action_finish_note"


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk(tickets=[ticket(moves=["escalate"])]))


async def begin(talk: Talk, text: str, intent: str, **entities: str) -> str:
    """What starts a note runs the form with the same message."""
    await talk.say(text, action=START, intent=intent, **entities)
    assert talk.next_action == "note_form"
    return await talk.say(text, action=FORM, intent=intent, **entities)


async def go_on(talk: Talk, text: str, intent: str = "inform", **entities: str) -> str:
    return await talk.say(text, action=FORM, intent=intent, **entities)


def done(talk: Talk) -> bool:
    return talk.slots["requested_slot"] is None


class TestSupplement:
    async def test_asked_what_and_then_kept(self, talk: Talk) -> None:
        assert NO in await begin(talk, "我要补充", "supplement")
        assert "补充" in await go_on(talk, "他昨天又把墙加高了一尺", "dispute")
        assert talk.desk.asked(f"POST /tickets/{NO}/add_note") == [{"note": "他昨天又把墙加高了一尺"}]
        assert done(talk)

    async def test_said_in_one_breath(self, talk: Talk) -> None:
        await begin(talk, "我要补充一下，他昨天又把墙加高了", "supplement")
        assert talk.desk.asked(f"POST /tickets/{NO}/add_note") == [{"note": "他昨天又把墙加高了"}]

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("昨天他又砌了两层，我还拍了照，你们给加进去", "昨天他又砌了两层，我还拍了照，你们给加进去"),
            ("他把墙加高了，还占了路", "他把墙加高了，还占了路"),
            ("我要补充一下，有证人", "有证人"),
            ("我想补充点材料，行不行", None),
            ("我要给单子补充一些情况", None),
        ],
    )
    async def test_nothing_of_what_is_said_is_lost(self, talk: Talk, text: str, kept: str | None) -> None:
        await begin(talk, text, "supplement")
        assert talk.desk.asked(f"POST /tickets/{NO}/add_note") == ([{"note": kept}] if kept else [])
        assert done(talk) is bool(kept)

    async def test_a_telephone_goes_to_the_applicant(self, talk: Talk) -> None:
        text = "把我电话补上 13800138001"
        await talk.say(text, action="action_small_talk", intent="inform")
        assert talk.next_action == "note_form"
        await talk.say(text, action=FORM, intent="inform")
        assert talk.desk.asked(f"POST /tickets/{NO}/contact") == [{"phone": "13800138001", "note": text}]
        await begin(talk, "我要补充：老板的电话是13900139000", "supplement")
        assert len(talk.desk.asked(f"POST /tickets/{NO}/contact")) == 1

    async def test_which_of_two(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(moves=[]), ticket(SECOND, moves=[])]
        await begin(talk, "我要补充", "supplement")
        assert talk.buttons == [f"{NO} 邻里纠纷", f"{SECOND} 邻里纠纷"]
        await go_on(talk, SECOND, ticket_no=SECOND)
        await go_on(talk, "有照片，墙裂了")
        assert talk.desk.asked(f"POST /tickets/{SECOND}/add_note") == [{"note": "有照片，墙裂了"}]
        assert "直接在这里发" in talk.text

    async def test_without_a_ticket_there_are_ways_on(self, talk: Talk) -> None:
        talk.desk.tickets = []
        await begin(talk, "我要补充", "supplement")
        assert talk.buttons == ["我有查询码", "登记纠纷", "转人工"]
        assert done(talk)

    async def test_given_up(self, talk: Talk) -> None:
        await begin(talk, "我要补充", "supplement")
        assert "没有改" in await go_on(talk, "算了", "cancel")
        assert talk.desk.asked(f"POST /tickets/{NO}/add_note") == []

    async def test_a_crisis_comes_first(self, talk: Talk) -> None:
        await begin(talk, "我要补充", "supplement")
        await talk.say("我躲起来了", action=FORM, crisis_at="2026-11-22T10:00:00")
        assert done(talk)
        assert "安全" in await talk.say("我躲起来了", action=FINISH, crisis_at="2026-11-22T10:00:00")


class TestMediatorAndTier:
    async def test_another_mediator_for_a_reason(self, talk: Talk) -> None:
        assert "为什么想换" in await begin(talk, "换个调解员", "change_mediator")
        assert "东沟村二组网格员" in await go_on(talk, "他是对方的表哥")
        assert talk.desk.asked(f"POST /tickets/{NO}/another-mediator") == [{"reason": "他是对方的表哥"}]

    async def test_nobody_else_goes_up(self, talk: Talk) -> None:
        talk.desk.changed = False
        assert "上一级" in await begin(talk, "调解员是他亲戚，我要求换人", "change_mediator")

    async def test_the_next_tier(self, talk: Talk) -> None:
        text = await begin(talk, "我不服这个结果，交到司法所去", "disagree")
        assert "青石镇司法所" in text
        assert "不影响您的权利" in text
        (body,) = talk.desk.asked(f"POST /tickets/{NO}/escalate")
        assert "不服" in body["note"]

    async def test_no_tier_above_names_the_other_ways(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(status="closed", moves=[])]
        assert "起诉" in await begin(talk, "我不服这个结果，往上报", "disagree")


class TestRating:
    async def test_by_buttons(self, talk: Talk) -> None:
        await begin(talk, "我要评价", "rate")
        assert talk.buttons == ["满意", "一般", "不满意"]
        await go_on(talk, "/rate", "rate", score="satisfied")
        assert "谢谢" in await go_on(talk, "/skip", "skip")
        assert talk.desk.asked(f"POST /tickets/{NO}/rating") == [{"score": "satisfied", "comment": ""}]

    async def test_dissatisfied_is_heard_before_satisfied_and_gets_a_way_on(self, talk: Talk) -> None:
        await begin(talk, "我要评价", "rate")
        await go_on(talk, "不满意", "complaint")
        await go_on(talk, "拖太久了")
        assert talk.desk.asked(f"POST /tickets/{NO}/rating") == [{"score": "dissatisfied", "comment": "拖太久了"}]
        assert talk.buttons == ["交上一级", "转人工"]


class TestCodes:
    async def test_number_and_code_in_one_message(self, talk: Talk) -> None:
        text = await begin(talk, f"{NO} 查询码 042317", "claim", ticket_no=NO)
        assert "已经登记" in text
        assert talk.desk.asked(f"POST /tickets/{NO}/claim") == [{"code": "042317"}]

    async def test_asked_one_after_the_other(self, talk: Talk) -> None:
        assert "工单号" in await begin(talk, "我有查询码", "claim")
        assert "查询码" in await go_on(talk, NO, ticket_no=NO)
        assert "6 位数字" in await go_on(talk, "忘了")
        await go_on(talk, "123456")
        assert talk.desk.asked(f"POST /tickets/{NO}/claim") == [{"code": "123456"}]

    async def test_three_times_unreadable_brings_a_person(self, talk: Talk) -> None:
        await begin(talk, "我有查询码", "claim")
        for _ in range(3):
            await go_on(talk, "不记得了呀")
        assert done(talk)
        await talk.say("不记得了呀", action=FINISH)
        assert talk.desk.asked("POST /conversations/web/visitor-1/handoff")

    async def test_a_wrong_code_is_said_so(self, talk: Talk) -> None:
        talk.desk.refuse[f"/tickets/{NO}/claim"] = (422, "wrong_code", "工单号和查询码对不上")
        assert "对不上" in await begin(talk, f"{NO} 查询码 042317", "claim", ticket_no=NO)
        assert done(talk)


class TestTheOtherParty:
    async def opened(self, talk: Talk) -> str:
        talk.desk.side = "respondent"
        return await begin(talk, f"{NO} 查询码 042317", "claim", ticket_no=NO)

    async def test_tells_their_side(self, talk: Talk) -> None:
        assert "您是对方" in await self.opened(talk)
        assert talk.buttons == ["愿意调解", "不愿意调解"]
        assert "调解自愿" in await go_on(talk, "墙是在我自己地上砌的", "dispute")
        body = {"text": "墙是在我自己地上砌的", "refuses": False}
        assert talk.desk.asked(f"POST /tickets/{NO}/statement") == [body]

    async def test_a_refusal_is_asked_once_more_and_stops_it(self, talk: Talk) -> None:
        await self.opened(talk)
        assert "确定" in await go_on(talk, "/deny", "deny")
        assert "停下" in await go_on(talk, "/affirm", "affirm")
        assert talk.desk.asked(f"POST /tickets/{NO}/statement")[0]["refuses"] is True

    @pytest.mark.parametrize("said", ["愿意谈谈", "/deny"])
    async def test_thinking_better_of_it(self, talk: Talk, said: str) -> None:
        await self.opened(talk)
        await go_on(talk, "我不愿意调解", "deny")
        assert talk.buttons == ["不愿意调解", "愿意谈谈"]
        assert "记下了" in await go_on(talk, said, "deny")
        assert talk.desk.asked(f"POST /tickets/{NO}/statement")[0]["refuses"] is False


@pytest.mark.parametrize(
    ("action", "intent"), [("action_affirm", "affirm"), ("action_small_talk", "inform"), ("action_answer", "dispute")]
)
async def test_what_answers_the_desk_goes_onto_the_ticket(talk: Talk, action: str, intent: str) -> None:
    assert "转告" in await talk.say("行，周三我过去", action=action, intent=intent, desk_ticket=NO)
    assert talk.desk.asked(f"POST /tickets/{NO}/add_note") == [{"note": "来访人回复工作人员：行，周三我过去"}]
