"""Searches the imported statutes with lay language.

Score = BM25 on words + BM25 on character pairs (each against the best document), on top of that: how often lay
questions are about this law (prior.yml, our own judgement), whether this article is one people need (the bridge knows
it), all the wordings told for it taken as one document, the bridge from similar wordings (the nearest one, the sum of
all, what lies beside it in the same law), how strongly words and bridge point at the law as a whole, and what was
learned of the ways people ask for it (learned.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge_base.citations import find_mentions
from knowledge_base.retrieval.bridge import Bridge, Wording, build_bridge, from_entries, load_lay
from knowledge_base.retrieval.inverted import Floats, Inverted
from knowledge_base.retrieval.kept import NOTHING_KEPT, Kept
from knowledge_base.retrieval.lexicon import Lexicon, load_lexicon
from knowledge_base.retrieval.said import load_said
from knowledge_base.retrieval.tokenise import bigrams, words
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import Catalogue
from knowledge_base.statutes.index import StatuteIndex
from knowledge_base.statutes.learned import Learned

PRIOR = Path(__file__).with_name("prior.yml")
MOST = 100
_BEST = 100


@dataclass(frozen=True)
class Hit:
    """One article found. `effective` is ISO text or empty; `warning` says why the text must not be used alone."""

    id: str
    law: str
    label: str
    text: str
    version: str
    effective: str
    score: float
    warning: str | None = None


@dataclass(frozen=True)
class Weights:
    """How much each kind of evidence counts beside lexical agreement, whose best document has about 1."""

    added: float = 0.5
    words: float = 0.5
    pairs: float = 0.5
    told: float = 0.3
    prior: float = 0.45
    known: float = 0.05
    nearest: float = 0.4
    mass: float = 1.2
    law: float = 0.6
    lexical_law: float = 0.14
    beside: float = 0.5
    sharpness: float = 3.0
    neighbours: int = 80
    learned: float = 1.8
    temperature: float = 2.0
    floor: float = 9.0
    outdated: float = 0.5


@dataclass(frozen=True)
class Aids:
    """Everything the search uses beside the text itself; all of it is our own data."""

    catalogue: Catalogue
    lexicon: Lexicon
    bridge: Bridge
    prior: Mapping[str, float]
    kept: Kept = NOTHING_KEPT


def load_prior(path: Path = PRIOR) -> dict[str, float]:
    """Law → weight from 0 to 1; laws not listed get 0."""
    raw = yaml.safe_load(path.read_text(encoding="utf8"))
    return {law: float(row["weight"]) for row in raw["groups"] for law in row["laws"]}


def load_wordings(base: KnowledgeBase) -> list[Wording]:
    """All our ways of asking with the articles that answer them."""
    return [*from_entries(base, load_said()), *load_lay()]


def load_aids(catalogue: Catalogue, base: KnowledgeBase, kept: Kept = NOTHING_KEPT) -> Aids:
    return Aids(catalogue, load_lexicon(), build_bridge(load_wordings(base), kept), load_prior(), kept)


def _against_best(scores: Floats) -> Floats:
    best = float(np.max(scores)) if scores.size else 0.0
    return np.divide(scores, np.float32(best), dtype=np.float32) if best > 0 else scores


def _told_field(aids: Aids, place: Mapping[str, int]) -> tuple[Inverted, NDArray[np.int64]]:
    """One small document per article the bridge knows: all the ways people ask for it. With the articles' places."""
    told: dict[int, list[str]] = defaultdict(list)
    for wording in aids.bridge.wordings:
        for id, share in wording.articles:
            if id in place and share >= 0.5:
                told[place[id]].append(wording.text)
    terms = cache(lambda text: words(text) | bigrams(text))
    index = aids.kept.bm25("told_of", list(told.values()), terms)
    return index, np.array(list(told), dtype=np.int64)


class StatuteSearch:
    """Answers queries over one loaded index; keeps no state between queries and may be shared by threads."""

    def __init__(
        self, index: StatuteIndex, aids: Aids, learned: Learned | None = None, weights: Weights | None = None
    ) -> None:
        self._index, self._aids = index, aids
        self._place = {id: number for number, id in enumerate(index.ids())}
        self._prior = np.array([aids.prior.get(law.name, 0.0) for law in index.laws], dtype=np.float32)[index.law_of]
        self._told, self._told_of = _told_field(aids, self._place)
        self._known = np.zeros(len(index.labels), dtype=np.float32)
        asked = Counter(id for one in aids.bridge.wordings for id, _ in one.articles)
        for id, times in asked.items():
            if id in self._place:
                self._known[self._place[id]] = min(1.0, 0.4 + 0.15 * float(np.log1p(times)))
        self._learned = (learned, *learned.places(self._place)) if learned else None
        self.weights = weights or Weights()

    @property
    def weights(self) -> Weights:
        return self._weights

    @weights.setter
    def weights(self, weights: Weights) -> None:
        self._weights = weights
        self._base = weights.prior * self._prior + weights.known * self._known

    def search(self, query: str, k: int = 10, *, on: date) -> list[Hit]:
        """The best `k` (at most 100) articles for a lay question, best first, every one in the text as imported.

        Articles named in the question come first. `on` decides which laws count as repealed; those sink and carry a
        warning.
        """
        k = max(0, min(k, MOST))
        if not query.strip() or k == 0:
            return []
        scores = self.scores(query, self._aids.bridge)
        self._sink(scores, on)
        named = [
            self._place[one.id] for one in find_mentions(query, self._aids.catalogue.names()) if one.id in self._place
        ]
        for order, document in enumerate(named[:k]):
            scores[document] = 10.0 - order
        count = min(k, scores.size)
        top = np.argpartition(-scores, count - 1)[:count]
        ranked = top[np.argsort(-scores[top], kind="stable")]
        return [self._hit(int(document), float(scores[document]), on) for document in ranked]

    def scores(self, query: str, bridge: Bridge) -> Floats:
        """Score of every article; `bridge` is an argument so that measuring can leave wordings out."""
        lexical = self._lexical(query)
        scores = np.add(lexical, self._base + self._bridged(query, bridge), dtype=np.float32)
        if self._learned:
            learned, at, places = self._learned
            evidence = learned.evidence(query, self._weights.temperature, self._weights.floor)
            scores[places] += np.float32(self._weights.learned) * evidence[at]
        return scores

    def _lexical(self, query: str) -> Floats:
        weights = self._weights
        more_words, more_pairs = self._aids.lexicon.added(query)
        by_word = _weighted(words(query), more_words, weights.added)
        by_pair = _weighted(bigrams(query), more_pairs, weights.added)
        told = _against_best(self._told.scores({**by_pair, **by_word}, most=96))
        word_scores = _against_best(self._index.words.scores(by_word, most=48))
        pair_scores = _against_best(self._index.bigrams.scores(by_pair, most=64))
        scores = weights.words * word_scores + weights.pairs * pair_scores
        scores += weights.lexical_law * self._by_law(scores)
        scores[self._told_of] += weights.told * told
        return scores.astype(np.float32)

    def _by_law(self, scores: Floats) -> Floats:
        """For each article the share its law has in the best articles."""
        count = min(_BEST, scores.size)
        top = np.argpartition(-scores, count - 1)[:count] if count else np.zeros(0, dtype=np.int64)
        share = np.bincount(self._index.law_of[top], weights=scores[top], minlength=len(self._index.laws))
        shares: Floats = (share / max(float(share.sum()), 1e-6)).astype(np.float32)
        return shares[self._index.law_of]

    def _bridged(self, query: str, bridge: Bridge) -> Floats:
        weights = self._weights
        nearest = np.zeros(len(self._index.labels), dtype=np.float32)
        mass = np.zeros(len(self._index.labels), dtype=np.float32)
        for cosine, wording in bridge.nearest(query, weights.neighbours):
            for id, share in wording.articles:
                document = self._place.get(id)
                if document is not None:
                    nearest[document] = max(nearest[document], cosine * share)
                    mass[document] += cosine**weights.sharpness * share
        mass *= float(np.max(nearest)) / max(float(mass.sum()), 1e-6)  # a weak likeness stays weak
        by_law = np.bincount(self._index.law_of, weights=mass, minlength=len(self._index.laws)).astype(np.float32)
        scores: Floats = weights.nearest * nearest + weights.mass * mass + weights.law * by_law[self._index.law_of]
        scores += weights.beside * self._beside(nearest)
        return scores

    def _beside(self, scores: Floats) -> Floats:
        """The score of the articles next to each one in its law, half of it two places away."""
        law_of = self._index.law_of
        out = np.zeros_like(scores)
        for distance, share in ((1, 1.0), (2, 0.5)):
            same = np.float32(share) * (law_of[distance:] == law_of[:-distance])
            out[distance:] = np.maximum(out[distance:], scores[:-distance] * same)
            out[:-distance] = np.maximum(out[:-distance], scores[distance:] * same)
        return out

    def _sink(self, scores: Floats, on: date) -> None:
        for number, law in enumerate(self._index.laws):
            if self._aids.catalogue.repealed_on(law.name, on):
                scores[self._index.law_of == number] *= self._weights.outdated
        for id in self._aids.catalogue.superseded:
            if id in self._place:
                scores[self._place[id]] *= self._weights.outdated

    def _hit(self, document: int, score: float, on: date) -> Hit:
        law, id = self._index.laws[self._index.law_of[document]], self._index.id(document)
        hit = Hit(
            id, law.name, self._index.labels[document], self._index.text(document), law.version, law.effective, score
        )
        if superseded := self._aids.catalogue.superseded.get(id):
            return replace(hit, warning=f"{superseded.warning}（见{superseded.by}）")
        if gone := self._aids.catalogue.repealed_on(law.name, on):
            return replace(hit, warning=f"这部法律已于 {gone.since} 废止，由{gone.replaced_by}接替。")
        return hit


def _weighted(own: Counter[str], added: Counter[str], weight: float) -> dict[str, float]:
    out = {term: 1 + 0.3 * float(np.log(count)) for term, count in own.items()}
    for term in added:
        out[term] = max(out.get(term, 0.0), weight)
    return out
