from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.services.knowledge import destinations
from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.schema import KnowledgeError, Number
from knowledge_base.statutes.catalogue import Catalogue, load_catalogue
from tests.knowledge_base.conftest import Write, entry, second


def test_a_good_file_loads(write: Write, catalogue: Catalogue) -> None:
    folder = write(entry(numbers=[{"name": "复查天数", "value": 3, "unit": "天"}], related=["demo.kiln"]), second())
    base = load_topics(folder, catalogue)
    goose = base.by_id()["demo.goose"]
    assert [one.id for one in base.entries] == ["demo.goose", "demo.kiln"]
    assert goose.numbers == (Number("复查天数", 3, "天"),)
    assert goose.related == ("demo.kiln",)
    assert base.cited() == {"民法典#第一千二百四十五条", "保障农民工工资支付条例#第三条", "劳动法#第五十条"}


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"answer": None}, "answer", "缺少"),
        ({"steps": ["只有一步。"]}, "steps", "至少要 2 条"),
        ({"evidence": []}, "evidence", "至少要 2 条"),
        ({"variants": []}, "variants", "至少要 6 条"),
        ({"variants": ["一", "二", "三", "四", "五"]}, "variants", "现在 5 条"),
        ({"answer": "鹅" * 201}, "answer", "超过 200 个字"),
        ({"citations": []}, "citations", "至少要 1 条"),
        ({"citations": ["民法典第十条"]}, "citations", "不是“法名#第X条”的写法"),
        ({"citations": ["民法典#第一千二百六十一条"]}, "citations", "没有第一千二百六十一条"),
        ({"citations": ["刑法#第一百九十九条"]}, "citations", "刑法没有第一百九十九条"),
        ({"citations": ["刑法#第二百七十六条之二"]}, "citations", "刑法没有第二百七十六条之二"),
        ({"citations": ["婚姻法#第三十二条"]}, "citations", "2021-01-01 废止，由民法典接替"),
        ({"citations": ["噪声污染防治法#第二条"]}, "citations", "由生态环境法典接替"),
        ({"citations": ["承包法#第二十七条"]}, "citations", "请写法律全名“农村土地承包法”"),
        ({"citations": ["养鹅法#第一条"]}, "citations", "法律目录里没有"),
        ({"checked_on": date(2026, 8, 1), "citations": ["生态环境法典#第一条"]}, "citations", "到 2026-08-15 才施行"),
        ({"citations": ["民法典#第十条", "民法典#第十条"]}, "citations", "写了两遍"),
        ({"valid_from": "去年"}, "valid_from", "日期"),
        ({"grade": "C"}, "grade", "等级 A"),
        ({"numbers": [{"name": "天数"}]}, "numbers", "name、value、unit"),
        ({"related": ["demo.nobody"]}, "related", "没有编号为“demo.nobody”的答案"),
    ],
)
def test_a_bad_entry_is_refused_with_its_place(
    write: Write, catalogue: Catalogue, changes: dict[str, Any], field: str, message: str
) -> None:
    folder = write(entry(**changes))
    with pytest.raises(KnowledgeError) as refused:
        load_topics(folder, catalogue)
    problem = refused.value.problems[0]
    assert (problem.file, problem.entry, problem.field) == ("demo.yml", "demo.goose", field)
    assert message in problem.message
    assert str(problem) in str(refused.value)


def test_a_missing_field_is_refused(write: Write, catalogue: Catalogue) -> None:
    raw = entry()
    del raw["where"]
    with pytest.raises(KnowledgeError, match="where：缺少"):
        load_topics(write(raw), catalogue)


def test_a_law_repealed_later_could_be_cited_before(write: Write, catalogue: Catalogue) -> None:
    folder = write(entry(citations=["噪声污染防治法#第二条"], checked_on=date(2026, 8, 14)))
    with pytest.raises(KnowledgeError, match="法律目录里没有"):
        load_topics(folder, catalogue)


def test_the_same_id_or_wording_twice_is_refused(write: Write, catalogue: Catalogue) -> None:
    folder = write(entry(), second(id="demo.goose"))
    with pytest.raises(KnowledgeError, match=r"“demo\.goose”和 demo\.goose 重复"):
        load_topics(folder, catalogue)
    folder = write(entry(), second(variants=["鹅啄人，谁掏药钱？", "一", "二", "三", "四", "五"]))
    with pytest.raises(KnowledgeError, match=r"“鹅啄人谁掏药钱”和 demo\.goose 重复"):
        load_topics(folder, catalogue)


def test_every_problem_is_told_at_once(write: Write, catalogue: Catalogue) -> None:
    folder = write(entry(steps=[]), second(evidence=[]))
    with pytest.raises(KnowledgeError) as refused:
        load_topics(folder, catalogue)
    assert [(one.entry, one.field) for one in refused.value.problems] == [
        ("demo.goose", "steps"),
        ("demo.kiln", "evidence"),
    ]


@pytest.mark.parametrize("text", ["topic: [", "entries: []", "- 一", "topic: a\nentries: {}"])
def test_an_unreadable_file_is_named(tmp_path: Path, catalogue: Catalogue, text: str) -> None:
    (tmp_path / "broken.yml").write_text(text, encoding="utf8")
    with pytest.raises(KnowledgeError, match=r"broken\.yml"):
        load_topics(tmp_path, catalogue)


def test_imported_articles_decide_when_given(write: Write, catalogue: Catalogue) -> None:
    ids = frozenset({"民法典#第一千二百四十五条"})
    assert load_topics(write(entry()), catalogue, article_ids=ids).entries
    with pytest.raises(KnowledgeError, match="没有第一千二百四十五条"):
        load_topics(write(entry()), catalogue, article_ids=frozenset({"民法典#第一条"}))


def test_codes_are_checked_against_the_taxonomy(write: Write, catalogue: Catalogue) -> None:
    taxonomy = {"injury_compensation": ["animal"]}
    assert load_topics(write(entry()), catalogue, taxonomy=taxonomy).entries
    with pytest.raises(KnowledgeError, match=r"分类表里没有 labor\.unpaid_wages"):
        load_topics(write(entry(), second()), catalogue, taxonomy=taxonomy)


def test_our_topics_load(catalogue: Catalogue) -> None:
    base = load_topics(TOPICS, catalogue)
    assert base.entries
    for one in base.entries:
        for citation in one.citations:
            assert catalogue.laws[citation.law].has(citation)


def test_an_entry_may_lead_only_to_what_there_is() -> None:
    real = load_catalogue()
    assert load_topics(TOPICS, real, destinations=destinations(real)).entries
    with pytest.raises(KnowledgeError, match="没有“calculator:severance”这个计算或文书"):
        load_topics(TOPICS, real, destinations=destinations(real) - {"calculator:severance"})
