"""What was already said is not asked again."""

from typing import Any

import pytest

from knowledge_base.routing.asking import sort_out
from knowledge_base.routing.loader import load

CONTENT = load()


def keys(category: str, subcategory: str, text: str, entities: dict[str, str] | None = None) -> list[str]:
    asked, _ = sort_out(CONTENT.questions_for(category, subcategory), text, entities or {})
    return [question["key"] for question in asked]


def answers(category: str, subcategory: str, text: str) -> dict[str, tuple[str, Any]]:
    _, known = sort_out(CONTENT.questions_for(category, subcategory), text, {})
    return {one.key: (one.answer, one.value) for one in known}


def test_nothing_said_asks_everything() -> None:
    assert keys("neighbor", "boundary", "") == ["same_group", "papers", "proof", "tried"]


def test_a_button_found_in_the_words_is_its_answer_with_its_value() -> None:
    said = answers("neighbor", "boundary", "我们一个组的，村里调过，他不听")
    assert said == {"same_group": ("是一个组", True), "tried": ("村里调过", ["village"])}


@pytest.mark.parametrize(
    ("text", "value"), [("我们是一个组的", True), ("我们不是一个组的", False), ("他是隔壁组的", False)]
)
def test_the_longer_phrase_wins(text: str, value: bool) -> None:
    assert answers("neighbor", "trees", text)["same_group"][1] is value


def test_a_phrase_behind_a_negation_is_not_said() -> None:
    assert "proof" in answers("contract", "sale", "我们签了合同")
    assert "proof" not in answers("contract", "sale", "我们没签了合同")
    assert answers("contract", "sale", "我们没签合同")["proof"][0] == "没有"


def test_entities_answer_too() -> None:
    assert "amount" in keys("contract", "private_loan", "借钱不还")
    assert "amount" not in keys("contract", "private_loan", "借了两万不还", {"money": "两万"})
    assert "people" not in keys("labor", "unpaid_wages", "我们十二个人", {"head_count": "十二个人"})


def test_every_case_that_may_be_mediated_gets_one_to_five_questions() -> None:
    for category in CONTENT.taxonomy["categories"]:
        for subcategory in category["subcategories"] if category["mediable"] != "no" else ():
            assert 1 <= len(CONTENT.questions_for(category["code"], subcategory)) <= 5
