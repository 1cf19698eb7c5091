from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge_base.check import drift, report
from knowledge_base.glossary import load_glossary
from knowledge_base.schema import KnowledgeError
from knowledge_base.statutes.catalogue import Catalogue, load_catalogue
from tests.knowledge_base.conftest import Write, entry, second


def test_a_good_folder_may_be_used(write: Write, catalogue: Catalogue) -> None:
    text, usable = report(write(entry(), second()), catalogue)
    assert usable
    assert "答案 2 条，问法 12 种" in text
    assert "拒绝载入：没有" in text
    assert "injury_compensation 1" in text


def test_a_refused_entry_is_told_and_the_rest_counted(write: Write, catalogue: Catalogue) -> None:
    text, usable = report(write(entry(citations=["合同法#第一条"]), second()), catalogue)
    assert not usable
    assert "demo.yml｜demo.goose｜citations：合同法已于 2021-01-01 废止，由民法典接替" in text
    assert "答案 1 条" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answer": "这种事不能去法院告。"}, "不能去法院"),
        ({"answer": "您一定能赢。"}, "保证结果"),
        ({"answer": "要赔您3天误工费。"}, "numbers 却是空的"),
        ({"answer": "鹅" * 61 + "。"}, "句子太长（61 字）"),
        ({"valid_from": date(2010, 1, 1)}, "早于所引法律的施行日 2021-01-01"),
        ({"citations": ["劳动法#第八十二条"]}, "已改为一年"),
    ],
)
def test_doubtful_content_is_pointed_at(
    write: Write, catalogue: Catalogue, changes: dict[str, object], words: str
) -> None:
    text, usable = report(write(entry(**changes)), catalogue)
    assert usable
    assert words in text


def test_drift_between_catalogue_and_text(catalogue: Catalogue) -> None:
    found = drift(catalogue, frozenset({"民法典#第一千二百六十条", "劳动法#第三条"}))
    assert not any(line.startswith("民法典") for line in found)
    assert "劳动法：目录写到第 107 条，文本到第 3 条" in found
    assert "导入的文本里没有刑法" in found


def test_the_catalogue_knows_what_is_gone(catalogue: Catalogue) -> None:
    for name in ("婚姻法", "继承法", "合同法", "物权法", "侵权责任法", "民法总则", "民法通则", "收养法", "担保法"):
        assert catalogue.repealed[name].replaced_by == "民法典"
    assert catalogue.names()["承包法"] == "农村土地承包法"
    assert not set(catalogue.repealed) & set(catalogue.laws)


def test_a_broken_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yml"
    path.write_text("laws:\n- {name: 甲法}\n", encoding="utf8")
    with pytest.raises(KnowledgeError, match="法律目录读不懂"):
        load_catalogue(path)


def test_the_glossary_has_one_word_per_thing() -> None:
    glossary = load_glossary()
    assert glossary.by_code()["PeoplesMediationCommittee"].zh == "人民调解委员会"
    assert glossary.by_zh()["司法确认"].en == "judicial confirmation"


def test_two_words_for_one_thing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("a:\n- {zh: 工单, en: ticket, code: T}\n- {zh: 案件, en: ticket, code: C}\n", encoding="utf8")
    with pytest.raises(KnowledgeError, match="ticket"):
        load_glossary(path)
