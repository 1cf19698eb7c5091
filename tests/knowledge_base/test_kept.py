from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from knowledge_base.retrieval import inverted
from knowledge_base.retrieval.ask import Answers, load_settings
from knowledge_base.retrieval.inverted import Inverted
from knowledge_base.retrieval.kept import Kept
from knowledge_base.retrieval.likeness import Posts
from knowledge_base.retrieval.tokenise import words
from knowledge_base.schema import KnowledgeBase


def refuse() -> Inverted:
    raise AssertionError("已经存下的又算了一遍")


def test_an_index_is_built_once_for_the_same_texts(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "wordings")
    built = kept.index("geese", ["鹅啄人"], lambda: inverted.build_bm25([words("鹅啄人")]))
    again = Kept(tmp_path / "wordings").index("geese", ["鹅啄人"], refuse)
    assert again.scores({"鹅": 1.0}).tolist() == built.scores({"鹅": 1.0}).tolist() != [0.0]


def test_other_texts_take_the_place_of_the_old_ones(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for text in ("鹅啄人", "砖不合格"):
        kept.bm25("geese", [[text], [text, text]], words)
    assert len(list(tmp_path.iterdir())) == 1
    assert kept.bm25("geese", [["砖不合格"], ["砖不合格", "砖不合格"]], words).size == 2


def test_the_matcher_says_the_same_from_kept_indexes(base: KnowledgeBase, tmp_path: Path) -> None:
    settings = load_settings()
    plain = replace(settings, weights={**settings.weights, "learned": 0.0})
    fresh = Answers(base, plain).rank("鹅啄人谁掏药钱")
    for _ in range(2):
        kept = Answers(base, plain, kept=Kept(tmp_path), posts=Posts(None)).rank("鹅啄人谁掏药钱")
        assert kept.scores.tolist() == fresh.scores.tolist()
