"""What the classifiers see of a message: n-grams of characters and of toneless pinyin, concepts.

Each view is a TF-IDF block; the blocks stand side by side, each with its weight. Pinyin makes homophones of voice input
(才礼 for 彩礼) look alike; a syllable is mapped to one private character so that the same n-gram counter serves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.concepts import FOLDER as CONCEPTS
from bot.concepts import concepts, concepts_and_pairs, sign_pairs, signs
from bot.text import OPENINGS

LOOKUPS = Path(__file__).resolve().parent.parent / "nlu_data" / "lookups"
USER_DICTIONARIES = (LOOKUPS / "legal_terms.txt", LOOKUPS / "places.txt")
DEFAULTS: dict[str, dict[str, Any]] = {
    "char": {"ngrams": [1, 3], "min_df": 2, "weight": 1.0},
    "pinyin": {"ngrams": [1, 2], "min_df": 2, "weight": 0.7},
    "concept": {"min_df": 1, "weight": 0.6},
    "pair": {"min_df": 3, "weight": 0.5},
}
FEW = 8
MANY = 1000  # with fewer training texts no term is too rare
_BEGIN, _END = "\x02", "\x03"
# Sounds that voice input and dialects mix up.
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_CONFUSED_ENDINGS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


class TextFeatures:
    """A fitted set of views; `transform` is vectorised over texts."""

    def __init__(self, views: dict[str, dict[str, Any]] | None = None) -> None:
        self.views = views or DEFAULTS
        self._vectorizers: dict[str, TfidfVectorizer] = {}
        self._quick: dict[str, _Quick] = {}

    def fit_transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Raises ValueError when not one view finds anything in the texts."""
        few = {"min_df": 1} if len(texts) < MANY else {}
        self._vectorizers, self._quick = {}, {}
        blocks = {}
        for name, view in self.views.items():
            vectorizer = _vectorizer(name, {**view, **few})
            if any(map(vectorizer.build_analyzer(), texts)):  # a handful of texts may hold no word of any concept
                blocks[name] = vectorizer.fit_transform(texts)
                self._vectorizers[name] = vectorizer
        if not blocks:
            raise ValueError("the texts hold nothing that a view could see")
        self.views = {name: self.views[name] for name in blocks}
        return self._stack(blocks)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        if not 0 < len(texts) <= FEW:
            return self._stack({name: v.transform(texts) for name, v in self._vectorizers.items()})
        if not self._quick:
            self._quick = {name: _Quick(vectorizer) for name, vectorizer in self._vectorizers.items()}
        return sparse.vstack([self._row(text) for text in texts], format="csr", dtype=np.float32)

    def _row(self, text: str) -> sparse.csr_matrix:
        """The same row as sklearn's, a tenth of its time: a single message pays dearly for checks made for batches."""
        indices, values, offset = [], [], 0
        for name, quick in self._quick.items():
            where, what = quick.row(text)
            indices.append(where + offset)
            values.append(what * np.float32(self.views[name].get("weight", 1.0)))
            offset += len(quick.vocabulary)
        columns = np.concatenate(indices)
        return sparse.csr_matrix((np.concatenate(values), columns, [0, len(columns)]), shape=(1, offset))

    def _stack(self, blocks: dict[str, sparse.csr_matrix]) -> sparse.csr_matrix:
        weighted = [block * float(self.views[name].get("weight", 1.0)) for name, block in blocks.items()]
        return sparse.hstack(weighted, format="csr", dtype=np.float32)

    def save(self, folder: Path) -> None:
        for name, vectorizer in self._vectorizers.items():
            terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
            (folder / f"{name}.terms.json").write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")
            np.save(folder / f"{name}.idf.npy", vectorizer.idf_.astype(np.float32))
        (folder / "views.json").write_text(json.dumps(self.views), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TextFeatures:
        features = cls(json.loads((folder / "views.json").read_text(encoding="utf-8")))
        for name, view in features.views.items():
            terms = json.loads((folder / f"{name}.terms.json").read_text(encoding="utf-8"))
            vectorizer = _vectorizer(name, view, {term: index for index, term in enumerate(terms)})
            vectorizer.idf_ = np.load(folder / f"{name}.idf.npy")
            features._vectorizers[name] = vectorizer
        features.transform(["暖"])  # builds the tables now, not in somebody's first turn
        return features


def _vectorizer(name: str, view: dict[str, Any], vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    common = {"min_df": 1 if vocabulary else view.get("min_df", 1), "sublinear_tf": True, "dtype": np.float32}
    if name in LISTS:
        return TfidfVectorizer(analyzer=LISTS[name], vocabulary=vocabulary, **common)
    return TfidfVectorizer(
        analyzer="char",
        preprocessor=SPELLINGS[name],
        lowercase=False,
        ngram_range=tuple(view["ngrams"]),
        vocabulary=vocabulary,
        **common,
    )


class _Quick:
    """One view's TF-IDF row of a text, as sklearn computes it, without its checks."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        self.vocabulary = vectorizer.vocabulary if vectorizer.vocabulary is not None else vectorizer.vocabulary_
        self._analyse = vectorizer.build_analyzer()
        self._idf = np.asarray(vectorizer.idf_, dtype=np.float32)

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        counts: dict[int, int] = {}
        find = self.vocabulary.get
        for term in self._analyse(text):
            index = find(term)
            if index is not None:
                counts[index] = counts.get(index, 0) + 1
        where = np.fromiter(sorted(counts), np.int32, len(counts))
        what = np.fromiter((counts[index] for index in where.tolist()), np.float32, len(counts))
        what = (1 + np.log(what)) * self._idf[where] if len(what) else what
        norm = np.sqrt(what @ what)
        return where, what / norm if norm else what


def _characters(text: str) -> str:
    return f"{_BEGIN}{text.lower()}{_END}"


def to_syllables(text: str) -> str:
    """One private character per syllable, tone and dialect confusions removed; what has no sound stays."""
    return f"{_BEGIN}{text.lower().translate(_syllable_table())}{_END}"


def words(text: str) -> list[str]:
    """jieba with our dictionaries; single characters are left to the character view."""
    return [word for word in segmenter().lcut(text) if len(word) > 1]


@lru_cache(maxsize=1)
def segmenter() -> jieba.Tokenizer:
    jieba.setLogLevel("WARNING")
    tokenizer = jieba.Tokenizer()
    for path in USER_DICTIONARIES:
        tokenizer.load_userdict(str(path))
    return tokenizer


@lru_cache(maxsize=1)
def _syllable_table() -> dict[int, int]:
    from pypinyin import Style, lazy_pinyin

    characters = [chr(code) for code in range(0x4E00, 0x9FA6)]
    sounds = [_blur(lazy_pinyin(c, style=Style.NORMAL)[0]) for c in characters]
    numbers = {sound: 0xE000 + index for index, sound in enumerate(sorted(set(sounds)))}
    return {ord(c): numbers[sound] for c, sound in zip(characters, sounds, strict=True) if numbers[sound] < 0xF8FF}


def _blur(syllable: str) -> str:
    for heard, kept in _CONFUSED:
        if syllable.startswith(heard) and not (heard == "n" and syllable == "n"):
            syllable = kept + syllable[len(heard) :]
            break
    for heard, kept in _CONFUSED_ENDINGS:
        if syllable.endswith(heard):
            return syllable[: -len(heard)] + kept
    return syllable


SPELLINGS: dict[str, Callable[[str], str]] = {"char": _characters, "pinyin": to_syllables}
LISTS: dict[str, Callable[[str], list[str]]] = {
    "word": words,
    "concept": concepts,
    "pair": concepts_and_pairs,
    "sign": signs,
    "sign_pair": sign_pairs,
}


def source_fingerprint(*modules: Callable[..., Any] | str) -> str:
    """Changes when this file or a dictionary changes, so that Rasa's training cache does not serve an old model."""
    digest = hashlib.sha256(repr(modules).encode())
    for path in (
        Path(__file__),
        *(Path(__file__).with_name(name) for name in ("concepts.py", "linear.py", "text.py")),
        *USER_DICTIONARIES,
        *sorted(CONCEPTS.glob("*.yml")),
        OPENINGS,
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()
