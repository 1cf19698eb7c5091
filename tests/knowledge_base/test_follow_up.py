from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.follow_up import aspect_of, load_aspects
from knowledge_base.schema import KnowledgeBase, KnowledgeError

ASPECTS = load_aspects()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("多久", "time"),
        ("那要等几天呢", "time"),
        ("要花钱吗", "cost"),
        ("要准备啥材料", "evidence"),
        ("去哪办", "where"),
        ("找谁", "where"),
        ("下一步怎么办", "steps"),
        ("那起诉呢", None),
        ("我借给他三万块，他说没钱，现在人也不知道去哪了", None),
    ],
)
def test_what_is_asked_for(text: str, key: str | None) -> None:
    found = aspect_of(text, ASPECTS)
    assert (found.key if found else None) == key


def test_the_entry_answers_from_its_own_fields(base: KnowledgeBase) -> None:
    goose, kiln = base.entries
    told = {one.key: one.told(goose) for one in ASPECTS}
    assert told["evidence"] == ["病历和票据", "伤口照片"]
    assert told["where"] == ["村调解委员会"]
    assert told["steps"] == ["先去卫生院看伤口。", "带着票据找养鹅的人商量。"]
    assert told["time"] == []
    assert told["cost"] == []
    assert next(one for one in ASPECTS if one.key == "time").told(kiln) == []


@pytest.mark.parametrize("answer", ["律师不收您的钱。", "法律援助不要钱。", "申请的一方先交鉴定费。", "调解不用花钱。"])
def test_what_it_costs_is_found_in_plain_words(base: KnowledgeBase, answer: str) -> None:
    cost = next(one for one in ASPECTS if one.key == "cost")
    entry = replace(base.entries[0], answer=f"先去问一问。{answer}集体不收租的地另算。")
    assert cost.told(entry) == [answer]


def test_an_aspect_is_a_field_or_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "follow_ups.yml"
    path.write_text("- {key: time, title: 时间上, words: [多久]}\n", encoding="utf8")
    with pytest.raises(KnowledgeError, match="field"):
        load_aspects(path)
