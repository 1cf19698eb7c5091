"""Which articles answer which ways of asking, learned by the import from our own wordings and the articles' text.

Only articles some wording points at take part (about 8,000 of 57,000), and only terms that people use; the other
articles are found by their words. The vectors lie in a folder beside the index and name their articles, so they stay of
use when laws are imported anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.laid import laid
from knowledge_base.retrieval import embedding
from knowledge_base.retrieval.bridge import Wording
from knowledge_base.retrieval.embedding import Embedding, Example, Learning
from knowledge_base.retrieval.inverted import Floats
from knowledge_base.retrieval.tokenise import ngrams_and_words

FORMAT = "4"
LEARNING, BEGINNINGS = Learning(rounds=7), (7, 8)
_SENTENCE = re.compile(r"[。；\n]")
OWN_TEXT = 0.3  # an article's own text beside one way of asking for it
START, SENTENCES, SHORT = 200, 4, 8  # of an article its beginning is read, and its first sentences that say something


@dataclass(frozen=True)
class Learned:
    """`articles` are the ids the vectors stand for, in their order."""

    embedding: Embedding
    articles: tuple[str, ...]

    def places(self, place: Mapping[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of the vectors have a place in an index, and those places."""
        known = [(at, place[id]) for at, id in enumerate(self.articles) if id in place]
        pairs = np.array(known, dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def evidence(self, text: str, temperature: float, floor: float) -> Floats:
        """See Embedding.evidence; in the order of `articles`."""
        return self.embedding.evidence(ngrams_and_words(text), temperature, floor)


def learned_folder(database: Path) -> Path:
    return database.with_name(database.stem + ".learned")


def load_learned(folder: Path) -> Learned | None:
    """None when nothing was learned yet."""
    if not folder.is_dir():
        return None
    return Learned(embedding.load(folder), tuple((folder / "articles.txt").read_text(encoding="utf8").split("\n")))


def learn_articles(
    wordings: Sequence[Wording],
    texts: Mapping[str, str],
    folder: Path,
    learning: Learning | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> bool:
    """Learns from `wordings` and the `texts` (article id → text) they point at; False when that is up to date.

    Takes two minutes for 40,000 wordings.
    """
    articles = sorted({id for one in wordings for id, _ in one.articles if id in texts})
    sign = _sign(wordings, [texts[id] for id in articles])
    mark = folder / "sign.txt"
    if not articles or (mark.is_file() and mark.read_text(encoding="utf8") == sign):
        return False
    number = {id: at for at, id in enumerate(articles)}
    examples = [_asked(one, number) for one in wordings if any(id in number for id, _ in one.articles)]
    said = {term for one in examples for term in one.terms}
    for id, at in number.items():
        for part in _parts(id, texts[id]):
            terms = {term: count for term, count in ngrams_and_words(part).items() if term in said}
            examples.append(Example(terms, [(at, 1.0)], OWN_TEXT))
    learned = embedding.learn_side_by_side(examples, len(articles), learning or LEARNING, BEGINNINGS, progress)
    with laid(folder) as new:
        learned.save(new)
        (new / "articles.txt").write_text("\n".join(articles), encoding="utf8")
        (new / "sign.txt").write_text(sign, encoding="utf8")
    return True


def _asked(wording: Wording, number: Mapping[str, int]) -> Example:
    known = [(number[id], share) for id, share in wording.articles if id in number]
    whole = sum(share for _, share in known)
    return Example(ngrams_and_words(wording.text), [(at, share / whole) for at, share in known])


def _parts(id: str, text: str) -> list[str]:
    sentences = [one for one in _SENTENCE.split(text) if len(one) > SHORT]
    return [f"{id.partition('#')[0]}。{text[:START]}", *sentences[:SENTENCES]]


def _sign(wordings: Sequence[Wording], texts: Sequence[str]) -> str:
    digest = hashlib.sha256(FORMAT.encode())
    for one in wordings:
        digest.update(f"{one.text}\t{one.articles}\n".encode())
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()
