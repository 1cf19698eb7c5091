"""Finds the curated answer for a message, or says that there is none: a wrong answer is worse than no answer.

Ranking is lexical, over words, character pairs and groups of like words: how much of the question an entry covers,
which entry's wordings, text and articles (by the lay wordings for them) speak of it most, how near the nearest wording
is, what was learned of the ways people ask for it (likeness.py), and whether the triage of the message agrees. The
shape of the ranking is then turned into a calibrated confidence (see calibrate.py) that can refuse.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import exp, log
from pathlib import Path
from typing import TypedDict

import numpy as np
import yaml

from knowledge_base.loader import normal
from knowledge_base.retrieval import inverted
from knowledge_base.retrieval.bridge import Wording, load_lay
from knowledge_base.retrieval.inverted import Floats
from knowledge_base.retrieval.kept import NOTHING_KEPT, Kept
from knowledge_base.retrieval.lexicon import Lexicon, load_lexicon
from knowledge_base.retrieval.likeness import OUR_POSTS, Posts, learn_entries
from knowledge_base.retrieval.said import WHOLE, load_said
from knowledge_base.retrieval.split import split_questions
from knowledge_base.retrieval.synonyms import load_synonyms
from knowledge_base.retrieval.tokenise import bigrams, ngrams, words
from knowledge_base.schema import Entry, KnowledgeBase

SETTINGS = Path(__file__).with_name("ask.yml")
FEATURES = ("cover", "gap", "learned", "length")
FIELDS = ("own", "body", "told")
_MAIN_CITATIONS = 3


class Triage(TypedDict):
    """What the triage of the same message said; `confidence` from 0 to 1."""

    category: str | None
    subcategory: str | None
    confidence: float


@dataclass(frozen=True)
class AskSettings:
    weights: Mapping[str, float]
    confidence: Mapping[str, float]
    answer_from: float
    offer_from: float
    close_gap: float
    triage_from: float
    most_questions: int


@dataclass(frozen=True)
class AskResult:
    """`entry` is None when nothing is near enough.

    `confidence` estimates the chance that the best entry is the right one. `close` means another is nearly as near:
    offer the nearest and let the person choose. `text` is the part of the message that was matched.
    """

    text: str
    entry: Entry | None
    confidence: float
    close: bool


@dataclass(frozen=True)
class Ranking:
    """Entries best first with their scores, and the features of the ranking (see FEATURES)."""

    order: Sequence[int]
    scores: Floats
    features: Mapping[str, float]
    agreement: str | None


def load_settings(path: Path = SETTINGS) -> AskSettings:
    return AskSettings(**yaml.safe_load(path.read_text(encoding="utf8")))


class Answers:
    """The matcher over one knowledge base; keeps no state between questions and may be shared by threads."""

    def __init__(
        self,
        base: KnowledgeBase,
        settings: AskSettings | None = None,
        lexicon: Lexicon | None = None,
        lay: Sequence[Wording] | None = None,
        said: Mapping[str, Sequence[str]] | None = None,
        kept: Kept = NOTHING_KEPT,
        posts: Posts = OUR_POSTS,
    ) -> None:
        self.settings = settings or load_settings()
        self.entries = base.entries
        self._lexicon = lexicon or load_lexicon()
        self._synonyms = load_synonyms()
        said = load_said() if said is None else said
        pairs = [(text, at) for at, entry in enumerate(base.entries) for text in (entry.title, *entry.variants)]
        self._exact = {normal(text): at for text, at in pairs}
        pairs += [
            (text, at) for at, one in enumerate(base.entries) for text in said.get(one.id, ()) if len(text) >= WHOLE
        ]
        self._owners = np.array([at for _, at in pairs], dtype=np.int32)
        wordings = [text for text, _ in pairs]
        self._variants = kept.index("variants", wordings, lambda: inverted.build_cosine(map(ngrams, wordings)))
        fields = self._fields(said, load_lay() if lay is None else lay)
        terms = cache(self._terms)
        self._by_field = {name: kept.bm25(name, texts, terms) for name, texts in fields.items()}
        together = [list(chain(*texts)) for texts in zip(*fields.values(), strict=True)]
        self._cover = kept.bm25("cover", together, terms)
        own, body = (
            [(text, at) for at, texts in enumerate(fields[name]) for text in texts] for name in ("own", "body")
        )
        self._learned = kept.embedding(
            "learned",
            chain((f"{at} {text}" for text, at in chain(own, body)), posts.marks()),
            lambda: learn_entries(own, body, len(self.entries), posts, self._whole),
        )

    def ask(self, text: str, triage: Triage | None = None) -> AskResult:
        """The answer to one question. Never raises; an empty message finds nothing."""
        if not self.entries or not normal(text):
            return AskResult(text, None, 0.0, False)
        exact = self._exact.get(normal(text))
        if exact is not None:
            return AskResult(text, self.entries[exact], 1.0, False)
        ranking = self.rank(text, triage)
        confidence = self._confidence(ranking)
        if confidence < self.settings.answer_from:
            return AskResult(text, None, confidence, False)
        close = len(ranking.order) > 1 and ranking.features["gap"] < self.settings.close_gap
        return AskResult(text, self.entries[ranking.order[0]], confidence, close)

    def of_kind(self, text: str, triage: Triage, most: int) -> list[Entry]:
        """The nearest entries about the same subcategory, best first: what may be offered when no answer is sure."""
        wanted = (triage["category"], triage["subcategory"])
        order = np.argsort(-self.rank(text, triage).scores, kind="stable")
        ranked = (self.entries[int(at)] for at in order)
        return [entry for entry in ranked if (entry.category, entry.subcategory) == wanted][:most]

    def nearest(self, text: str, triage: Triage | None, most: int) -> list[Entry]:
        """The nearest entries whatever they are about, best first; none when even the best is far off."""
        if not self.entries or not normal(text):
            return []
        ranking = self.rank(text, triage)
        if self._confidence(ranking) < self.settings.offer_from:
            return []
        return [self.entries[int(at)] for at in np.argsort(-ranking.scores, kind="stable")[:most]]

    def ask_all(self, text: str, triage: Triage | None = None) -> list[AskResult]:
        """Every question of the message in the order asked.

        The triage is of the whole message, so it is used only while the message is treated as one question. Two
        questions with the same answer are answered once.
        """
        parts = split_questions(text, self.settings.most_questions)
        whole = self.ask(text, triage)
        if len(parts) == 1:
            return [whole]
        results = [self.ask(part) for part in parts]
        found = {one.entry.id for one in results if one.entry is not None}
        if len(found) < 2:
            return [max([whole, *results], key=lambda one: (one.entry is not None, one.confidence))]
        return _once(results)

    def rank(self, text: str, triage: Triage | None = None, without: Collection[int] = ()) -> Ranking:
        """All entries by score. `without` leaves entries out (for calibration)."""
        weights = self.settings.weights
        pieces, cut = ngrams(text), self._cut(text)
        near = np.zeros(len(self.entries), dtype=np.float32)
        np.maximum.at(near, self._owners, self._variants.scores(inverted.unit(self._variants, pieces), most=240))
        cover, by_field = self._lexical(text, cut + bigrams(text))
        alike = near
        if self._learned is not None:
            evidence = self._learned.evidence(cut + pieces, weights["temperature"], weights["floor"])
            alike = evidence[: len(self.entries)]
            by_field += np.float32(weights["learned"]) * alike
        scores = weights["variant"] * near + weights["cover"] * cover + by_field
        agreements = self._agreements(triage)
        if triage is not None and agreements:
            scores = scores + np.array([weights[one] for one in agreements], dtype=np.float32) * triage["confidence"]
        scores[list(without)] = -1.0
        order = [int(at) for at in np.argsort(-scores, kind="stable")[:3]]
        first, second = float(scores[order[0]]), float(scores[order[1]]) if len(order) > 1 else 0.0
        features = {
            "cover": float(cover[order[0]]),
            "gap": first - second,
            "learned": float(alike[order[0]]),
            "length": log(1 + len(normal(text))),
        }
        return Ranking(order, scores.astype(np.float32), features, agreements[order[0]] if agreements else None)

    def _cut(self, text: str) -> Counter[str]:
        """Words and groups of like words."""
        out = words(text)
        out.update(self._synonyms.found(text))
        return out

    def _terms(self, text: str) -> Counter[str]:
        return self._cut(text) + bigrams(text)

    def _whole(self, text: str) -> Counter[str]:
        return self._cut(text) + ngrams(text)

    def _fields(self, said: Mapping[str, Sequence[str]], lay: Sequence[Wording]) -> dict[str, list[list[str]]]:
        """For each of FIELDS the texts of every entry: its own wordings, its text, the lay wordings of its articles."""
        cited = {one.id for entry in self.entries for one in entry.citations[:_MAIN_CITATIONS]}
        asked: dict[str, list[str]] = defaultdict(list)
        for wording in lay:
            for id in (id for id, _ in wording.articles if id in cited):
                asked[id].append(wording.text)
        return {
            "own": [[entry.title, *entry.variants, *said.get(entry.id, ())] for entry in self.entries],
            "body": [[one.answer, *one.exceptions, *one.steps, one.corrects or ""] for one in self.entries],
            "told": [
                [text for one in each.citations[:_MAIN_CITATIONS] for text in asked[one.id]] for each in self.entries
            ],
        }

    def _lexical(self, text: str, own: Counter[str]) -> tuple[Floats, Floats]:
        """The share of the question (its terms are `own`) each entry covers; the weighted fields, each to its best."""
        more_words, more_pairs = self._lexicon.added(text)
        weights = self.settings.weights
        query = dict.fromkeys(own, 1.0) | {one: weights["added"] for one in more_words | more_pairs if one not in own}
        unseen = float(np.max(self._cover.idf))
        whole = sum(self._cover.weight(one) or unseen for one in own) or 1.0
        fields = np.zeros(len(self.entries), dtype=np.float32)
        for name, index in self._by_field.items():
            scores = index.scores(query, most=160)
            fields += scores * np.float32(weights[name] / max(float(np.max(scores)), 1e-6))
        return np.divide(self._cover.scores(query, most=160), np.float32(whole), dtype=np.float32), fields

    def _agreements(self, triage: Triage | None) -> list[str]:
        if triage is None or triage["confidence"] < self.settings.triage_from:
            return []
        return [_agreement(entry, triage) for entry in self.entries]

    def _confidence(self, ranking: Ranking) -> float:
        weights = self.settings.confidence
        total = weights["bias"] + sum(weights[name] * ranking.features[name] for name in FEATURES)
        return 1 / (1 + exp(-total - (weights[ranking.agreement] if ranking.agreement else 0.0)))


def _agreement(entry: Entry, triage: Triage) -> str:
    if entry.category != triage["category"]:
        return "other_category"
    return "subcategory" if entry.subcategory == triage["subcategory"] else "category"


def _once(results: list[AskResult]) -> list[AskResult]:
    seen: set[str] = set()
    out = []
    for one in results:
        if one.entry is None or one.entry.id not in seen:
            out.append(one)
        if one.entry is not None:
            seen.add(one.entry.id)
    return out
