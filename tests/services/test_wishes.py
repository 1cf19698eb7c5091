"""Which messages ask for a sum or a paper, and which only tell of one."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.services.calculating import open_calculators
from api.services.papers import open_papers
from api.services.wishes import Wisher
from knowledge_base.statutes.catalogue import load_catalogue

CATALOGUE = load_catalogue()
WISHER = Wisher(
    open_calculators(CATALOGUE, Path("no-home")),
    open_papers(CATALOGUE, secret="test", hours=1, today=date(2026, 11, 25)),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("干了三年，月4500，辞退补多少", "severance"),
        ("加班费怎么算", "overtime"),
        ("帮我算一下没签合同的双倍工资", "double_wage"),
        ("标的8万，打官司要交多少钱", "litigation_fee"),
        ("抚养费一个月该给多少，我一个月挣6000", "child_support"),
        ("帮我写个借条", "iou"),
        ("替我起草一份调解申请书", "mediation_application"),
        ("我要写起诉状", "civil_complaint"),
        ("我想写一份劳动仲裁申请书", "labour_arbitration"),
    ],
)
def test_a_plain_wish_is_known_without_the_bot(text: str, code: str) -> None:
    wish = WISHER.find(text, [])
    assert wish is not None
    assert wish["code"] == code


@pytest.mark.parametrize(
    "text",
    [
        "他给我写了借条，到现在不还",
        "借条怎么写才稳当",
        "我写过调解申请书没人理",
        "辞退赔多少钱",
        "邻居占了我家的地",
        "工资拖了三个月",
        "",
    ],
)
def test_a_story_or_a_question_is_no_wish(text: str) -> None:
    assert WISHER.find(text, []) is None


SPOKEN = yaml.safe_load((Path(__file__).parents[1] / "bot" / "data" / "spoken_sums.yml").read_text("utf-8"))["told"]


@pytest.mark.parametrize("case", SPOKEN, ids=lambda case: case["text"])
def test_a_spoken_sum_finds_its_calculator_and_no_wrong_number(case: dict[str, Any]) -> None:
    """Also where no entities are given: a value may be missing then, but never wrong."""
    wish = WISHER.find(case["text"], [], "calculate")
    assert wish is not None
    assert wish["code"] == case["code"]
    assert wish["facts"].items() <= case["facts"].items()


def test_the_bots_reading_decides_where_the_words_do_not() -> None:
    found = WISHER.find("我这辞退", [], "calculate")
    assert found is not None
    assert found["code"] == "severance"
    assert WISHER.find("算个账", [], "calculate") is None
    assert len(WISHER.options("calculate")) == 12
    assert len(WISHER.options("draft_paper")) == 13


def test_telephones_in_a_message_are_not_taken_into_a_paper() -> None:
    phone = {"entity": "phone", "value": "13800000000", "text": "13800000000"}
    wish = WISHER.find("帮我写个借条，他电话13800000000", [phone])
    assert wish is not None
    assert wish["facts"] == {}


def test_what_an_entry_leads_to_is_named() -> None:
    assert WISHER.named("calculator:severance") == {
        "kind": "calculator",
        "code": "severance",
        "title": "被辞退的经济补偿",
    }
    assert WISHER.named("paper:iou") == {"kind": "paper", "code": "iou", "title": "借条"}
    assert WISHER.named(None) is None
