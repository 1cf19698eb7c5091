"""One question between the two likeliest categories, and only when it is needed."""

from typing import Any

import pytest

from api.services.clarifying import clarifying, perhaps
from knowledge_base.routing.loader import load

RULES = load().clarify


def other(category: str, confidence: float, subcategory: str | None = None) -> dict[str, Any]:
    return {"category": category, "subcategory": subcategory, "confidence": confidence}


def test_sure_enough_is_not_asked() -> None:
    assert clarifying(RULES, ("labor", "unpaid_wages"), 0.8, [other("contract", 0.1)]) is None


def test_without_a_rival_there_is_nothing_to_ask() -> None:
    assert clarifying(RULES, ("labor", None), 0.2, [other("labor", 0.1)]) is None
    assert clarifying(RULES, ("labor", None), 0.2, [other("out_of_scope", 0.2)]) is None


@pytest.mark.parametrize(("confidence", "rival"), [(0.3, 0.1), (0.48, 0.42)])
def test_unsure_or_close_is_asked_in_the_words_of_the_pair(confidence: float, rival: float) -> None:
    asked = clarifying(RULES, ("contract", "project_payment"), confidence, [other("labor", rival)])
    assert asked
    assert "工钱" in asked["question"]
    assert {option["category"] for option in asked["options"]} == {"labor", "contract"}


def test_an_unforeseen_pair_is_named_plainly() -> None:
    asked = clarifying(RULES, ("campus", "fee"), 0.3, [other("environment", 0.25, "pollution")])
    assert asked
    assert [option["title"] for option in asked["options"]] == ["学校、学生的事", "污水、臭气、粉尘污染"]
    assert [option["subcategory"] for option in asked["options"]] == ["fee", "pollution"]


def test_idle_talk_that_may_be_a_matter_is_asked_about() -> None:
    asked = perhaps(RULES, [other("land_forest", 0.44, "encroachment"), other("neighbor", 0.03)])
    assert asked
    assert asked["options"][0]["title"] == "承包地、山林的事"
    assert perhaps(RULES, [other("land_forest", 0.3)]) is None
    assert perhaps(RULES, []) is None


def test_button_titles_fit_a_button() -> None:
    assert all(len(title) <= 12 for pair in RULES["pairs"] for title in pair["buttons"].values())
    assert all(len(title) <= 14 for title in RULES["plain"].values())
