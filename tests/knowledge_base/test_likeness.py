"""What labelled sentences of the bot teach the finding of curated answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.retrieval import embedding, likeness
from knowledge_base.retrieval.ask import Answers
from knowledge_base.retrieval.embedding import Embedding, Example, Learning, first_of, learn_side_by_side, side_by_side
from knowledge_base.retrieval.kept import Kept
from knowledge_base.retrieval.likeness import Posts, learn_entries
from knowledge_base.retrieval.tokenise import ngrams
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import load_catalogue

SMALL = Learning(size=8, rounds=60, rate=1.0, dropped=0.0, least=1)
NLU = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - 您好
- intent: chitchat
  metadata: {manner: plain}
  examples: |
    - 唱个戏听听
    - 来段戏
- intent: dispute
  metadata: {category: injury_compensation, subcategory: animal}
  examples: |
    - 扁嘴畜生撵着娃
    - 鹅撵着娃
    - 扁嘴畜生把娃啄了
- intent: dispute
  metadata: {category: labor, subcategory: unpaid_wages}
  examples: |
    - 窑上不给工钱
    - 老板不给工钱
"""


@pytest.fixture
def posts(tmp_path: Path) -> Posts:
    folder = tmp_path / "nlu"
    folder.mkdir()
    (folder / "demo.yml").write_text(NLU, encoding="utf8")
    return Posts(folder)


def model(seed: int) -> Embedding:
    examples = [Example(ngrams("坯子碎了"), [(0, 1.0)]), Example(ngrams("鹅撵娃"), [(1, 1.0)])]
    return embedding.learn(examples, 2, replace(SMALL, seed=seed))


def raw(one: Embedding, text: str) -> np.ndarray:
    likely = one.log_likelihood(ngrams(text))
    return likely - likely.mean()


def test_side_by_side_is_the_mean_of_the_scores() -> None:
    first, second = model(1), model(2)
    both = side_by_side([first, second])
    mean = (raw(first, "鹅") + raw(second, "鹅")) / 2
    assert raw(both, "鹅") == pytest.approx(mean, abs=1e-5)
    assert not np.allclose(raw(first, "鹅"), raw(second, "鹅"), atol=1e-3)


def test_learning_side_by_side_tells_how_far_it_is() -> None:
    examples = [Example(ngrams("坯子碎了"), [(0, 1.0)]), Example(ngrams("鹅撵娃"), [(1, 1.0)])]
    heard: list[tuple[int, int]] = []
    both = learn_side_by_side(examples, 2, replace(SMALL, rounds=2), (1, 2), lambda done, of: heard.append((done, of)))
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert both.terms.shape[1] == 2 * SMALL.size


def test_the_first_answers_keep_their_scores() -> None:
    whole = model(1)
    assert first_of(whole, 1).log_likelihood(ngrams("鹅")).tolist() == [0.0]
    assert first_of(whole, 2).log_likelihood(ngrams("鹅")).tolist() == whole.log_likelihood(ngrams("鹅")).tolist()


def test_only_labelled_sentences_are_read(posts: Posts) -> None:
    read = posts.read()
    assert len(read) == 7
    assert ("来段戏", None) in read
    assert ("鹅撵着娃", "injury_compensation.animal") in read
    assert Posts(None).read() == list(Posts(None).marks()) == []


def test_a_word_only_posts_know_leads_to_the_entry_of_like_posts(posts: Posts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "LEARNING", SMALL)
    own = [("鹅把娃啄了", 0), ("鹅撵着娃", 0), ("窑上不发工钱", 1), ("老板不发工钱", 1)]
    learned = learn_entries(own, [], 2, posts, ngrams).log_likelihood(ngrams("扁嘴畜生"))
    alone = learn_entries(own, [], 2, Posts(None), ngrams).log_likelihood(ngrams("扁嘴畜生"))
    assert learned.shape == (3,)
    assert learned[0] - learned[1] > abs(alone[0] - alone[1]) + 0.5


def test_no_matter_of_law_is_none_of_the_entries(posts: Posts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "LEARNING", SMALL)
    own = [("鹅把娃啄了", 0), ("鹅撵着娃", 0), ("窑上不发工钱", 1), ("老板不发工钱", 1)]
    model = learn_entries(own, [("啄伤的医药费由养的人出。", 0)], 2, posts, ngrams)
    assert np.exp(model.log_likelihood(ngrams("再唱一段戏")))[2] > 0.8
    assert np.exp(model.log_likelihood(ngrams("医药费谁出")))[0] > 0.6


def test_other_posts_are_learned_anew(
    base: KnowledgeBase, posts: Posts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "LEARNING", SMALL)
    kept = Kept(tmp_path / "kept")

    def folder() -> str:
        Answers(base, kept=kept, posts=posts)
        (found,) = (path.name for path in (tmp_path / "kept").glob("learned-*"))
        return found

    first = folder()
    assert folder() == first
    assert posts.folder is not None
    (posts.folder / "more.yml").write_text(NLU, encoding="utf8")
    assert folder() != first


def test_ours_are_there() -> None:
    labels = {label for _, label in Posts().read() if label}
    base = load_topics(TOPICS, load_catalogue())
    assert {f"{entry.category}.{entry.subcategory}" for entry in base.entries} <= labels
