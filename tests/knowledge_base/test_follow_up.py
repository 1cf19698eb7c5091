from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.follow_up import aspect_of, load_aspects
from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.schema import KnowledgeBase, KnowledgeError
from knowledge_base.statutes.catalogue import load_catalogue

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
        ("那起诉呢", "court"),
        ("那我能去法院告他不", "court"),
        ("没有证据呢", None),
        ("没材料怎么办", None),
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


def test_what_an_entry_leaves_out_another_one_tells() -> None:
    time, cost, court = (next(one for one in ASPECTS if one.key == key) for key in ("time", "cost", "court"))
    assert time.stand_in("labor", "work_injury") == "injury.deadlines"
    assert time.stand_in("labor", "termination") == "labour.arbitration_steps"
    assert cost.stand_in("neighbor", "trees") == "procedure.court_fee_amount"
    assert court.stand_in("neighbor", None) == "procedure.where_to_sue"


def test_all_that_stand_in_exist() -> None:
    ids = {entry.id for entry in load_topics(TOPICS, load_catalogue()).entries}
    assert {other for one in ASPECTS for other in one.instead.values()} <= ids


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("收到申请后五日内告诉您受不受理。", True),
        ("从知道那天起一年内要提出。", True),
        ("一般的时效是三年。", True),
        ("因感情不和分居满2年的，应当准离。", False),
        ("致人重伤的，处三年以上十年以下有期徒刑。", False),
        ("不满2周岁的，一般跟母亲。", False),
    ],
)
def test_a_time_limit_is_no_age_and_no_sentence(base: KnowledgeBase, sentence: str, told: bool) -> None:
    time = next(one for one in ASPECTS if one.key == "time")
    entry = replace(base.entries[0], answer=sentence)
    assert (sentence in time.told(entry)) is told
