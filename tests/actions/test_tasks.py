"""Sums and papers in the conversation: the actions against the real desk, the bot's reading given by hand."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import main
from tests.actions.fake_desk import FakeDesk, Talk
from tests.http.site import NEIGHBOUR, Site, one_library, running

FORM = "validate_task_form"
ABOUT = {**NEIGHBOUR, "category_zh": "邻里纠纷", "mediable": True}


class RealDesk(FakeDesk):
    """Everything goes to the real app, as the actions mounted in it would call it."""

    def __init__(self, site: Site) -> None:
        super().__init__(triage=dict(ABOUT))
        self.site = site

    async def __call__(self, request: httpx.Request) -> httpx.Response:  # type: ignore[override]
        url = f"{request.url.path}?{request.url.query.decode()}"
        headers = {**self.site.actions, "Content-Type": "application/json"}
        answer = await self.site.http.request(request.method, url, content=request.content, headers=headers)
        return httpx.Response(answer.status_code, json=answer.json())


@pytest.fixture
async def talk(tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    monkeypatch.setattr(main, "open_library", one_library)
    async with running(tmp_path, seeded_file) as site:
        yield Talk(RealDesk(site))


async def start(talk: Talk, text: str, intent: str = "calculate", **entities: Any) -> str:
    """As Rasa does it: the action, then the form it asks for."""
    said = await talk.say(text, action="action_start_task", intent=intent, **entities)
    return await talk.say(text, action=FORM, intent=intent) if talk.next_action == "task_form" else said


async def say(talk: Talk, text: str, intent: str = "inform", **more: Any) -> str:
    return await talk.say(text, action=FORM, intent=intent, **more)


async def test_three_years_and_two_months_need_no_question(talk: Talk) -> None:
    text = await start(talk, "干了3年零2个月,月4500,辞退补多少", duration={"months": 38})
    assert "3.5×4500＝15750元" in text
    assert talk.slots["task"] == {"ended": "done"}
    assert talk.slots["requested_slot"] is None
    await talk.say("", action="action_finish_task")
    assert talk.slots["task"] is None


async def test_one_question_at_a_time_and_never_more_than_three(talk: Talk) -> None:
    assert "一个月工资多少" in await start(talk, "帮我算加班费")
    assert "平日" in await say(talk, "四千五")
    assert "休息日" in await say(talk, "10")
    text = await say(talk, "0")
    assert "387.93元" in text
    assert "估算" in text


async def test_an_answer_not_understood_is_asked_again_once(talk: Talk) -> None:
    await start(talk, "抚养费怎么算")
    assert "没听明白" in await say(talk, "记不得了")
    assert "几个孩子" in await say(talk, "还是记不得")
    assert "算不出来" in await say(talk, "两个")


async def test_skip_cancel_and_human(talk: Talk) -> None:
    await start(talk, "帮我算辞退补偿")
    assert "平均一个月" in await say(talk, "/skip", "skip")
    assert "没有保存" in await say(talk, "算了", "cancel")
    assert talk.slots["task"] == {"ended": "cancelled"}
    await start(talk, "帮我算辞退补偿")
    await say(talk, "转人工", "handoff")
    assert talk.slots["task"] == {"ended": "handoff"}


async def test_a_wish_to_register_leaves_for_the_intake_form(talk: Talk) -> None:
    await start(talk, "帮我算辞退补偿")
    await say(talk, "我要登记", "start_intake")
    await talk.say("我要登记", action="action_finish_task", intent="start_intake")
    assert talk.next_action == "intake_form"


async def test_another_wish_takes_the_place_of_the_first(talk: Talk) -> None:
    await start(talk, "帮我算辞退补偿")
    assert "我来帮您写借条" in await say(talk, "帮我写个借条", "draft_paper")
    assert talk.slots["task"]["code"] == "iou"


async def test_a_law_question_in_the_middle_is_answered(talk: Talk) -> None:
    await start(talk, "帮我算辞退补偿")
    talk.desk.triage = {"category": "land_forest", "subcategory": "contract", "confidence": 0.9}
    text = await say(talk, "村里要收回我家的承包地，合法吗", "consultation")
    assert "《农村土地承包法》" in text
    assert text.endswith("您在这个单位一共干了几年几个月？")


async def test_a_crisis_ends_it(talk: Talk) -> None:
    await start(talk, "帮我算辞退补偿")
    await say(talk, "他打我", "dispute", crisis_at="2026-11-25T00:00:00+00:00")
    assert talk.slots["task"] == {"ended": "crisis"}


async def test_facts_that_contradict_each_other_are_told_and_asked_again(talk: Talk) -> None:
    await start(talk, "没签合同双倍工资怎么算")
    await say(talk, "2026年5月1日", date={"from": "2026-05-01", "to": "2026-05-01"})
    await say(talk, "2026年1月1日", date={"from": "2026-01-01", "to": "2026-01-01"})
    assert "不能早于" in await say(talk, "3000")


async def test_a_button_takes_its_facts_from_the_story(talk: Talk) -> None:
    talk.slots |= {
        "last_story": "干了3年零2个月,月4500,突然开除我",
        "last_entities": [{"entity": "duration", "value": {"months": 38}, "text": "3年零2个月"}],
    }
    text = await start(talk, '/calculate{"task": "severance"}', task="severance")
    assert "违法辞退的赔偿金（2N）：约31500元" in text


async def test_without_a_name_everything_is_offered(talk: Talk) -> None:
    assert "您要写哪一样" in await start(talk, "写文书", "draft_paper")
    assert {"借条", "民事起诉状", "证据清单"} <= set(talk.buttons)


async def test_a_paper_is_read_back_with_its_link_and_blanks(talk: Talk) -> None:
    await start(talk, "帮我写证据清单", "draft_paper")
    await say(talk, "提交人甲")
    assert "有哪些证据" in await say(talk, "/skip", "skip")
    text = await say(talk, "借条，证明借了三万元", "inform")
    assert "提交人甲" in text
    assert "还空着的：案件或纠纷名称" in text
    (link,) = talk.replies[-1]["custom"]["links"]
    assert link["url"].startswith("/papers/")
    fetched = await talk.desk.site.http.get(link["url"])  # type: ignore[attr-defined]
    assert fetched.content.startswith(b"PK")


async def test_a_protection_order_says_safety_first(talk: Talk) -> None:
    text = await start(talk, "帮我写保护令申请书", "draft_paper")
    assert text.startswith("先说要紧的：您现在安全吗？有危险请马上打110")


async def test_the_application_survives_a_sum_in_its_middle(talk: Talk) -> None:
    form = "validate_intake_form"
    await talk.say("我要登记", action=form, intent="start_intake")
    await talk.say("邻居砌墙占了我家的滴水檐", action=form, intent="dispute")
    assert "哪种案子" in await talk.say("帮我算诉讼费", action=form, intent="calculate")
    assert talk.slots["requested_slot"] == "intake_place"
    assert "涉及多少钱" in await talk.say("要钱要物的案子", action=form, intent="inform")
    text = await talk.say("五万", action=form, intent="inform")
    assert "1050元" in text
    assert "哪个村" in text
    assert talk.slots["task"] is None
    assert talk.slots["draft"]["story"] == "邻居砌墙占了我家的滴水檐"


async def test_cancelling_the_sum_keeps_the_application(talk: Talk) -> None:
    form = "validate_intake_form"
    await talk.say("我要登记", action=form, intent="start_intake")
    await talk.say("邻居砌墙占了我家的滴水檐", action=form, intent="dispute")
    await talk.say("帮我算诉讼费", action=form, intent="calculate")
    assert "哪个村" in await talk.say("不算了", action=form, intent="cancel")
    assert talk.slots["draft"]["outcome"] is None


async def test_a_consultation_that_asks_for_a_sum_starts_it_at_once(talk: Talk) -> None:
    await talk.say("抚养费一个月该给多少，我一个月挣6000", action="action_answer", intent="consultation")
    assert talk.next_action == "task_form"
    assert talk.slots["task"]["facts"] == {"monthly_income": 6000}


async def test_an_answer_offers_what_it_leads_to(talk: Talk) -> None:
    talk.desk.triage = {"category": "labor", "subcategory": "termination", "confidence": 0.9, "category_zh": "劳动"}
    await talk.say("被辞退赔多少钱", action="action_answer", intent="consultation")
    assert "算一算：被辞退的经济补偿" in talk.buttons
    payload = next(b["payload"] for reply in talk.replies for b in reply["buttons"] if b["title"].startswith("算一算"))
    assert json.loads(payload.removeprefix("/calculate")) == {"task": "severance"}


async def test_a_bare_question_in_the_application_is_answered_not_reckoned(talk: Talk) -> None:
    form = "validate_intake_form"
    await talk.say("我要登记", action=form, intent="start_intake")
    await talk.say("邻居砌墙占了我家的滴水檐", action=form, intent="dispute")
    talk.desk.triage = {"category": "marriage_family", "subcategory": "support", "confidence": 0.9}
    text = await talk.say("一般抚养费要给多少钱", action=form, intent="calculate")
    assert "依据" in text
    assert "哪个村" in text
    assert talk.slots["task"] is None
