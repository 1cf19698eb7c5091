"""删除我的记录: told first, done on a yes, at any point of a talk, and never on a yes to something else."""

import pytest

from actions.cues import heard
from tests.actions.fake_desk import WALL, FakeDesk, Talk, ticket

ASKS, ERASE = "GET /conversations/web/visitor-1/data", "DELETE /conversations/web/visitor-1"
OWN = {"channel": "web", "sender": "visitor-1"}


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def wish(talk: Talk, action: str = "action_small_talk") -> str:
    return await talk.say("删除我的记录", action=action, intent="privacy")


def erased(talk: Talk) -> int:
    return len(talk.desk.asked(ERASE))


async def test_what_goes_and_what_stays_is_said_before_anything_is_done(talk: Talk) -> None:
    talk.desk.tickets = [ticket()]
    text = await wish(talk)
    for piece in ("2条", "找不回来", "已经登记的工单：法律要求留存", "T-20261122-0001", "90天"):
        assert piece in text
    assert (talk.buttons, erased(talk)) == (["确认删除", "先不删"], 0)


@pytest.mark.parametrize("yes", ["/affirm", "确认删除", "删吧", "对，删了", "确认", "我确定", "是的，确认"])
async def test_done_on_a_yes_in_the_name_of_this_conversation(talk: Talk, yes: str) -> None:
    await wish(talk)
    assert "马上删除" in await talk.say(yes, action="action_affirm", intent="affirm")
    assert talk.desk.asked(ERASE) == [OWN | {"when": "after_turn"}]
    assert talk.slots["pending_offer"] is None


@pytest.mark.parametrize(
    ("no", "intent"), [("/deny", "deny"), ("先不删", "deny"), ("算了", "cancel"), ("不用了", "inform")]
)
async def test_left_on_a_no(talk: Talk, no: str, intent: str) -> None:
    await wish(talk)
    assert "什么都没有删" in await talk.say(no, action="action_small_talk", intent=intent)
    await talk.say("/affirm", action="action_affirm", intent="affirm")
    assert erased(talk) == 0


async def test_a_yes_is_only_good_for_the_next_message(talk: Talk) -> None:
    await wish(talk)
    await talk.say("我的事办到哪了", action="action_ticket_status", intent="ticket_status")
    await talk.say("/affirm", action="action_affirm", intent="affirm")
    assert erased(talk) == 0


async def test_a_bare_yes_in_words_is_too_little(talk: Talk) -> None:
    await wish(talk)
    assert "还没有删" in await talk.say("好的", action="action_affirm", intent="affirm")
    assert (talk.buttons, erased(talk)) == (["确认删除", "先不删"], 0)
    await talk.say("确认", action="action_affirm", intent="affirm")
    assert erased(talk) == 1


async def test_a_yes_to_it_begins_no_application(talk: Talk) -> None:
    await talk.say(WALL, action="action_answer", intent="dispute")
    await wish(talk)
    await talk.say("好的", action="action_affirm", intent="affirm")
    assert talk.next_action is None


async def test_an_offer_made_before_is_still_open_after_a_no(talk: Talk) -> None:
    await talk.say(WALL, action="action_answer", intent="dispute")
    await wish(talk)
    await talk.say("/deny", action="action_small_talk", intent="deny")
    await talk.say("好的", action="action_affirm", intent="affirm")
    assert talk.next_action == "intake_form"


async def test_in_the_middle_of_an_application_which_then_goes_on(talk: Talk) -> None:
    form = "validate_intake_form"
    await talk.say("/start_intake", action=form, intent="start_intake")
    await talk.say(WALL, action=form, intent="dispute")
    before = dict(talk.slots)
    assert "依法要留" in await wish(talk, action=form)
    await talk.say("/deny", action=form, intent="deny")
    assert {name: talk.slots[name] for name in ("draft", "requested_slot")} == {
        name: before[name] for name in ("draft", "requested_slot")
    }
    assert "记下了" in await talk.say("东沟村一组", action=form)


async def test_a_desk_that_refuses_is_told(talk: Talk) -> None:
    talk.desk.refuse["/conversations/web/visitor-1"] = (404, "not_found", "没有这个会话。")
    await wish(talk)
    assert await talk.say("/affirm", action="action_affirm", intent="affirm") == "没有这个会话。"
    assert talk.buttons == ["转人工"]


@pytest.mark.parametrize(
    "said",
    [
        "删除我的记录", "把我的信息删了", "注销", "删除我的信息", "我要注销账号", "把我的聊天记录删了", "清除我的数据",
        "请删除我昨天的所有聊天", "可以注销我的资料吗", "怎么清掉聊天记录", "帮我把这里的聊天记录都删掉吧",
        "我的聊天记录能删吗", "忘了我说的话吧", "不要保存我的个人信息", "我要撤回同意", "能不能把我说过的话都删了？",
        "删掉我在你们这的所有信息",
    ],
)  # fmt: skip
def test_how_it_is_said(said: str) -> None:
    assert heard("erase", said)


@pytest.mark.parametrize(
    "said",
    [
        "聊天记录被他删了怎么办", "他把我的聊天记录删了", "公司要注销怎么讨工资", "营业执照怎么注销", "撤回我的工单",
        "老板删除了考勤记录，我怎么证明加班", "户口注销了还能分地吗", "网上有人发我的照片，怎么让他删除", "银行卡注销",
        "把欠条删了一个字还有效吗", "删除微信好友算侵权吗", "你们会保存我的信息吗",
    ],
)  # fmt: skip
def test_what_is_something_else(said: str) -> None:
    assert not heard("erase", said)
