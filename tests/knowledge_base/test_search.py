from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.retrieval import inverted
from knowledge_base.retrieval.bridge import build_bridge, from_entries, load_lay
from knowledge_base.retrieval.lexicon import Lexicon, load_lexicon
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import Catalogue
from knowledge_base.statutes.importer import import_laws
from knowledge_base.statutes.index import index_folder, load_index
from knowledge_base.statutes.search import Aids, StatuteSearch, load_prior
from tests.knowledge_base.conftest import LINES, ON


@pytest.fixture
def search(jsonl: Path, tmp_path: Path, catalogue: Catalogue, base: KnowledgeBase) -> StatuteSearch:
    database = tmp_path / "statutes.db"
    import_laws(jsonl, database, on=ON)
    lexicon = Lexicon({"工钱": "劳动报酬", "响器": "唢呐"})
    aids = Aids(catalogue, lexicon, build_bridge(from_entries(base)), load_prior())
    return StatuteSearch(load_index(index_folder(database)), aids)


def test_the_words_of_the_law_find_it(search: StatuteSearch) -> None:
    best = search.search("砖窑烧的砖不合格", 3, on=ON)[0]
    assert (best.id, best.law, best.label) == ("试验窑业法#第二条", "试验窑业法", "第二条")
    assert (best.text, best.version, best.effective) == ("砖窑烧制的砖应当合格。", "2020-05-01", "2020-06-01")


def test_the_lexicon_reaches_legal_words(search: StatuteSearch) -> None:
    assert search.search("欠着工钱", 1, on=ON)[0].id == "试验窑业法#第一条"


def test_the_bridge_reaches_cited_articles(search: StatuteSearch) -> None:
    assert search.search("大白鹅追着娃咬", 1, on=ON)[0].id == "民法典#第一千二百四十五条"


def test_a_named_article_comes_first(search: StatuteSearch) -> None:
    assert search.search("民法典第1245条说的啥，和砖窑有关系吗", 2, on=ON)[0].id == "民法典#第一千二百四十五条"


def test_superseded_and_repealed_text_is_warned_of(search: StatuteSearch) -> None:
    hits = {hit.id: hit for hit in search.search("旧期限六十日申请仲裁，唢呐太响", 8, on=ON)}
    assert "一年" in (hits["劳动法#第八十二条"].warning or "")
    assert "劳动争议调解仲裁法#第二十七条" in (hits["劳动法#第八十二条"].warning or "")
    assert "生态环境法典" in (hits["噪声污染防治法#第一条"].warning or "")
    assert hits["试验窑业法#第二条"].warning is None
    before = {hit.id: hit for hit in search.search("响器", 8, on=date(2026, 8, 14))}
    assert before["噪声污染防治法#第一条"].warning is None
    assert before["噪声污染防治法#第一条"].score > hits["噪声污染防治法#第一条"].score


@pytest.mark.parametrize("query", ["", "  ", "？！", "abc", "𠮷", "鹅" * 5000])
def test_any_query_is_answered_without_error(search: StatuteSearch, query: str) -> None:
    hits = search.search(query, 100, on=ON)
    assert len(hits) in {0, len(LINES)}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(np.isfinite(hit.score) for hit in hits)


def test_k_is_kept_in_bounds(search: StatuteSearch) -> None:
    assert search.search("鹅", 0, on=ON) == []
    assert len(search.search("鹅", 2, on=ON)) == 2
    assert len(search.search("鹅", 1000, on=ON)) == len(LINES)


def test_a_saved_index_scores_like_the_built_one(tmp_path: Path) -> None:
    built = inverted.build_bm25([{"鹅": 2, "人": 1}, {"砖": 1}, {"鹅": 1}])
    built.save(tmp_path, "demo")
    query = {"鹅": 1.0, "砖": 0.5, "没有": 1.0}
    assert np.array_equal(inverted.load(tmp_path, "demo").scores(query), built.scores(query))
    assert built.scores(query)[0] > built.scores(query)[2] > 0


def test_cosine_of_a_text_with_itself_is_one() -> None:
    index = inverted.build_cosine([{"甲": 2, "乙": 1}, {"丙": 1}])
    scores = index.scores(inverted.unit(index, {"甲": 2, "乙": 1}))
    assert scores[0] == pytest.approx(1.0, abs=1e-5)
    assert scores[1] == 0


def test_an_empty_index_finds_nothing() -> None:
    assert build_bridge([]).nearest("鹅", 5) == []


def test_the_longest_lay_phrase_wins() -> None:
    lexicon = Lexicon({"狗": "动物", "狗咬": "动物致害"})
    assert lexicon.found("让狗咬了") == ["狗咬"]


def test_our_lexicon_is_large_enough() -> None:
    assert len(load_lexicon()) >= 150
    assert "被执行人" in load_lexicon().added("他是个老赖")[0]


def test_our_lay_wordings_point_at_articles_of_the_catalogue(catalogue: Catalogue) -> None:
    wrong = [why for one in load_lay() for id, _ in one.articles if (why := catalogue.refusal(id, on=ON)) is not None]
    assert wrong == []


def test_our_prior_names_laws_and_stays_between_0_and_1() -> None:
    prior = load_prior()
    assert prior["民法典"] == max(prior.values()) == 1.0
    assert min(prior.values()) > 0
