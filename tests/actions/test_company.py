"""After a crisis: no menu, no law nobody asked for, no offer; company, safety, and the words on the ticket."""

from typing import Any

import pytest

from actions.wording import wordings
from tests.actions.fake_desk import FakeDesk, Talk

AT = "2026-11-22T03:00:00+00:00"
NO = "T-20261122-0009"
MENUS = ("登记", "调解", "还是想", "法律上的事", "不办就不办", "没有在登记")


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def after(
    talk: Talk, kind: str, text: str, *, action: str = "action_small_talk", side: str = "victim", **more: Any
) -> str:
    said = more.pop("said", "出事了")
    crisis = {"kind": kind, "side": side, "said": said, "ticket": NO}
    return await talk.say(text, action=action, crisis_at=AT, crisis=crisis, **more)


@pytest.mark.parametrize(
    ("kind", "text", "action", "intent", "says"),
    [
        ("self_harm", "嗯", "action_small_talk", "chitchat", "身边"),
        ("self_harm", "没喝", "action_small_talk", "deny", "放下"),
        ("self_harm", "我一个人在屋里", "action_small_talk", "inform", "别一个人待着"),
        ("self_harm", "药在手上", "action_answer", "dispute", "放下"),
        ("self_harm", "我怕疼", "action_fallback", "nlu_fallback", "身边"),
        ("self_harm", "算了没用的", "action_small_talk", "cancel", "您很重要"),
        ("self_harm", "没人陪我", "action_small_talk", "deny", "别一个人待着"),
        ("self_harm", "我不打电话", "action_handoff", "handoff", "打字"),
        ("self_harm", "我妈过来了", "action_small_talk", "inform", "有人在就好"),
        ("self_harm", "我该怎么办", "action_small_talk", "help", "身边"),
        ("self_harm", "那我咋办", "action_follow_up", "follow_up", "身边"),
        ("weapon_threat", "怎么办", "action_answer", "consultation", "打110"),
        ("self_harm", "没事了", "action_affirm", "affirm", "12356"),
        ("domestic_violence", "不能打电话，他听得见", "action_small_talk", "deny", "别让他看见"),
        ("domestic_violence", "我现在安全了，在我妹家", "action_small_talk", "inform", "先别一个人回去"),
        ("weapon_threat", "他在门口", "action_small_talk", "inform", "110"),
        ("child_harm", "我怕", "action_small_talk", "greet", "在"),
        ("child_harm", "我在学校外面", "action_answer", "dispute", "孩子"),
        ("sexual_assault", "我10岁", "action_small_talk", "inform", "您"),
    ],
)
async def test_it_stays_with_the_person(talk: Talk, kind: str, text: str, action: str, intent: str, says: str) -> None:
    said = await after(talk, kind, text, action=action, intent=intent)
    assert says in said
    assert [menu for menu in MENUS if menu in said] == []
    assert talk.buttons == []
    assert talk.desk.asked("POST /ask") == []
    (note,) = talk.desk.asked(f"POST /tickets/{NO}/add_note")
    assert text in note["note"]
    assert talk.slots["misses"] == 0


async def test_a_place_is_taken_for_whoever_goes_there(talk: Talk) -> None:
    text = await after(talk, "domestic_violence", "我在东沟村一组")
    assert "记下了：青石镇东沟村一组" in text
    (note,) = talk.desk.asked(f"POST /tickets/{NO}/add_note")
    assert "青石镇东沟村一组" in note["note"]


async def test_a_closed_ticket_stops_nothing(talk: Talk) -> None:
    talk.desk.refuse[f"/tickets/{NO}/add_note"] = (409, "transition_not_allowed", "已经结案。")
    assert "身边" in await after(talk, "self_harm", "嗯")


async def test_a_question_of_law_is_answered_without_an_offer(talk: Talk) -> None:
    text = await after(
        talk, "domestic_violence", "我想离婚，房子怎么分？", action="action_answer", intent="consultation"
    )
    assert "先量清楚边界" in text
    assert "登记调解" not in talk.buttons
    assert talk.slots["pending_offer"] is None


async def test_a_matter_of_its_own_is_answered_again(talk: Talk) -> None:
    talk.desk.triage["confidence"] = 0.9
    text = await after(talk, "self_harm", "邻居占我地怎么办", action="action_answer", intent="consultation")
    assert "先量清楚边界" in text


async def test_a_human_asked_for_in_words_comes(talk: Talk) -> None:
    assert "前面还有" in await after(talk, "self_harm", "转人工", action="action_handoff", intent="handoff")


async def test_a_mother_nobody_hurts_is_a_matter_of_support(talk: Talk) -> None:
    said = "我妈78了，三个儿子没一个管，她在东沟村一组住"
    text = await after(talk, "elder_abuse", "没人打她，就是不给钱", intent="deny", said=said)
    assert "赡养" in text
    assert "登记调解" in talk.buttons
    assert talk.slots["last_story"] == said
    await after(talk, "elder_abuse", "我要登记", action="validate_intake_form", intent="start_intake", said=said)
    assert talk.slots["draft"]["story"] == said


async def test_who_did_it_hears_no_victims_line(talk: Talk) -> None:
    text = await after(talk, "domestic_violence", "嗯", side="offender")
    assert "您现在安全吗" not in text
    assert "先" in text


async def test_without_a_crisis_small_talk_is_small_talk(talk: Talk) -> None:
    await talk.say("嗯", action="action_small_talk", intent="deny")
    assert talk.buttons


def test_every_line_is_short_enough_and_names_approved_numbers() -> None:
    for kind, lines in wordings()["care"].items():
        for key, given in lines.items() if isinstance(lines, dict) else ():
            for one in given if isinstance(given, list) else [given]:
                assert len(one) <= 120, (kind, key)
