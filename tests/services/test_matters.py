"""Two problems in one message, and messages that only look like two."""

from collections.abc import Sequence
from typing import Any

import pytest

from api.domain.danger import SecondOpinion
from api.domain.safety import SafetyGate
from api.services.matters import matters, parts_of
from api.services.policy import build_policy
from api.services.triage import TriageDesk
from knowledge_base import safety
from knowledge_base.routing.loader import load

CONTENT = load()
RULES = CONTENT.clarify["several"]
GATE = SafetyGate(safety.load_rules())
DESK = TriageDesk(build_policy(CONTENT), GATE, SecondOpinion(GATE, 0.5, 0.3, ()), CONTENT)


async def parse(texts: list[str]) -> Sequence[dict[str, Any]]:
    """A bot that knows two words."""
    kinds = {"工资": "labor", "墙": "neighbor"}
    found = []
    for text in texts:
        category = next((kind for word, kind in kinds.items() if word in text), "out_of_scope")
        triage = {"category": category, "subcategory": None, "confidence": 0.9, "alternatives": []}
        found.append({"intent": {"name": "dispute", "confidence": 0.9}, "entities": [], "triage": triage})
    return found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("包工头欠我工资，还有邻居砌墙占我家地", ["包工头欠我工资", "邻居砌墙占我家地"]),
        ("两件事，1、老板欠我工资。2、邻居砌墙占地", ["老板欠我工资", "邻居砌墙占地"]),
        ("邻居砌墙占我家地，说了不听", ["邻居砌墙占我家地，说了不听"]),
        ("他欠我钱，还有脸骂我", ["他欠我钱，还有脸骂我"]),
    ],
)
def test_cut_only_where_another_matter_is_announced(text: str, parts: list[str]) -> None:
    assert parts_of(text, RULES) == parts


async def read(text: str) -> list[str]:
    found = await matters(text, parse=parse, triage=DESK, rules=RULES)
    return [one["triage"]["category"] for one in found]


async def test_two_kinds_are_two_matters_in_order() -> None:
    assert await read("包工头欠我工资，还有邻居砌墙占我家地") == ["labor", "neighbor"]


async def test_the_same_kind_is_one() -> None:
    assert await read("包工头欠我工资，还有老板也欠我工资") == []


async def test_idle_words_are_no_matter() -> None:
    assert await read("包工头欠我工资，还有今天天气真不错") == []
