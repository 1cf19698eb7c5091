"""What the import learns of the ways people ask, and what the search makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.retrieval import embedding
from knowledge_base.retrieval.bridge import Wording, build_bridge
from knowledge_base.retrieval.embedding import Embedding, Example, Learning
from knowledge_base.retrieval.lexicon import Lexicon
from knowledge_base.retrieval.tokenise import ngrams
from knowledge_base.statutes.catalogue import Catalogue
from knowledge_base.statutes.importer import import_laws
from knowledge_base.statutes.index import index_folder, load_index
from knowledge_base.statutes.learned import learn_articles, load_learned
from knowledge_base.statutes.search import Aids, StatuteSearch
from tests.knowledge_base.conftest import ON

SMALL = Learning(size=8, rounds=60, rate=1.0, dropped=0.0, least=1)
KILN, GOOSE = "试验窑业法#第二条", "民法典#第一千二百四十五条"
ASKED = [
    Wording("火候不到的坯子能退不", ((KILN, 1.0),), "x"),
    Wording("坯子一掰就碎", ((KILN, 1.0),), "x"),
    Wording("扁嘴畜生撵娃", ((GOOSE, 1.0),), "x"),
    Wording("撵着娃咬", ((GOOSE, 1.0),), "x"),
]
TEXTS = {KILN: "砖窑烧制的砖应当合格。", GOOSE: "饲养的动物造成他人损害的，饲养人应当承担责任。"}


def taught() -> Embedding:
    number = {KILN: 0, GOOSE: 1}
    examples = [Example(ngrams(one.text), [(number[id], share) for id, share in one.articles]) for one in ASKED]
    return embedding.learn(examples, 2, SMALL)


def test_likelihoods_are_a_distribution_and_favour_what_was_taught() -> None:
    likely = np.exp(taught().log_likelihood(ngrams("坯子碎了")))
    assert likely.sum() == pytest.approx(1.0, abs=1e-5)
    assert likely[0] > 0.8
    softer = np.exp(taught().log_likelihood(ngrams("坯子碎了"), temperature=3.0))
    assert 0.5 < softer[0] < likely[0]


def test_a_text_of_unknown_terms_is_answered_by_the_bias_alone() -> None:
    likely = taught().log_likelihood(ngrams("abc"))
    assert np.isfinite(likely).all()
    assert likely.tolist() == taught().log_likelihood({}).tolist()


def test_learning_twice_gives_the_same_and_saving_loses_nothing(tmp_path: Path) -> None:
    first, again = taught(), taught()
    assert np.array_equal(first.terms, again.terms)
    first.save(tmp_path)
    kept = embedding.load(tmp_path)
    assert np.array_equal(kept.log_likelihood(ngrams("撵娃")), first.log_likelihood(ngrams("撵娃")))


def test_the_order_of_the_terms_does_not_matter() -> None:
    """Sets have another order in every process; what is learned may not."""
    there = [Example(ngrams(one.text), [(at % 2, 1.0)]) for at, one in enumerate(ASKED)]
    back = [Example(dict(reversed(list(one.terms.items()))), one.answers) for one in there]
    first, again = embedding.learn(there, 2, SMALL), embedding.learn(back, 2, SMALL)
    assert list(first.vocabulary) == list(again.vocabulary)
    assert np.array_equal(first.terms, again.terms)


def test_articles_are_learned_once_until_something_changed(tmp_path: Path) -> None:
    folder = tmp_path / "statutes.learned"
    assert load_learned(folder) is None
    assert learn_articles(ASKED, TEXTS, folder, SMALL)
    assert not learn_articles(ASKED, TEXTS, folder, SMALL)
    assert learn_articles(ASKED[:3], TEXTS, folder, SMALL)
    learned = load_learned(folder)
    assert learned is not None
    assert learned.articles == tuple(sorted((GOOSE, KILN)))
    assert [one.name for one in tmp_path.iterdir()] == ["statutes.learned"]


def test_wordings_of_articles_not_imported_teach_nothing(tmp_path: Path) -> None:
    assert not learn_articles(ASKED, {}, tmp_path / "statutes.learned", SMALL)
    assert list(tmp_path.iterdir()) == []


def test_what_was_learned_lifts_an_article_words_do_not_find(jsonl: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    database, folder = tmp_path / "statutes.db", tmp_path / "statutes.learned"
    import_laws(jsonl, database, on=ON)
    learn_articles(ASKED, TEXTS, folder, SMALL)
    aids, index = Aids(catalogue, Lexicon({}), build_bridge([]), {}), load_index(index_folder(database))
    without, learned = StatuteSearch(index, aids), StatuteSearch(index, aids, load_learned(folder))
    query = "坯子掰得碎"
    assert learned.search(query, 1, on=ON)[0].id == KILN
    score = {one.id: one.score for one in without.search(query, 100, on=ON)}
    assert learned.search(query, 1, on=ON)[0].score > score[KILN] + 0.5
