"""Acts said plainly overrule the classifier; stories, buttons and look-alikes do not."""

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.shared.nlu.training_data.message import Message

from bot.components.act_cues import SURE, ActCues

CUES = ActCues()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我要补充一下情况", "supplement"),
        ("我拍了照片,要补充", "supplement"),
        ("换个调解员", "change_mediator"),
        ("调解员是他亲戚", "change_mediator"),
        ("我不服这个结果", "disagree"),
        ("往上一级反映", "disagree"),
        ("我要找上一级来调", "disagree"),
        ("T-20261122-0001 查询码 123456", "claim"),
        ("我是那个单子的对方", "claim"),
        ("我要评价", "rate"),
        ("我要调解,邻居砌墙占了我家的滴水檐", "start_intake"),
        ("我要登记纠纷", "start_intake"),
        ("转人工", "handoff"),
        ("网店说破损包赔,他叫我给差评随便", None),
        ("我的户口转到镇上了没有", None),
    ],
)
def test_heard(text: str, intent: str | None) -> None:
    assert CUES.heard(text) == intent


def test_a_long_story_is_not_taken_for_the_word_in_it() -> None:
    assert CUES.heard("我要补充" + "很长的一段话" * 10) is None


def message(text: str) -> Message:
    ranking = [{"name": "dispute", "confidence": 0.8}, {"name": "supplement", "confidence": 0.2}]
    return Message(data={"text": text, "intent": ranking[0], "intent_ranking": ranking})


def test_what_is_heard_stands_first_once_and_all_add_up_to_one() -> None:
    (read,) = CUES.process([message("我要补充")])
    ranking = read.get("intent_ranking")
    assert read.get("intent") == {"name": "supplement", "confidence": SURE}
    assert [one["name"] for one in ranking] == ["supplement", "dispute"]
    assert sum(one["confidence"] for one in ranking) <= 1


def test_a_button_and_an_unknown_sentence_stay_as_they_are() -> None:
    for text in ("/dispute", "邻居砌墙"):
        (read,) = CUES.process([message(text)])
        assert read.get("intent")["name"] == "dispute"


def test_made_by_the_graph() -> None:
    context = ExecutionContext(GraphSchema({}))
    assert isinstance(ActCues.create({}, None, None, context), ActCues)  # type: ignore[arg-type]
