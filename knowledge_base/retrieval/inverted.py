"""An inverted index in four numpy arrays: for each term the documents that hold it and what it is worth there.

Why not bm25s (the well-kept library for this): it scores a query as a bag of equal tokens. Here a query carries weights
(a legal word added for a lay one counts less than a word the person used), two fields are summed, and long messages
are cut to their heaviest terms, which needs the document frequencies. The arrays are memory-mapped, so several
processes share one copy and start in milliseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

K1, B = 1.2, 0.6


@dataclass(frozen=True)
class Inverted:
    """`starts[t]:starts[t+1]` is the slice of `docs` and `worth` that belongs to term t."""

    vocabulary: Mapping[str, int]
    starts: NDArray[np.int64]
    docs: Ints
    worth: Floats
    idf: Floats
    size: int

    def weight(self, term: str) -> float:
        """Inverse document frequency of a term, 0 when unknown."""
        at = self.vocabulary.get(term)
        return 0.0 if at is None else float(self.idf[at])

    def heaviest(self, query: Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """Known terms of the query as (term number, weight), at most `most`, heaviest first."""
        found = ((self.vocabulary.get(term), weight) for term, weight in query.items())
        known = [(at, weight) for at, weight in found if at is not None]
        if len(known) > most:
            known.sort(key=lambda pair: float(self.idf[pair[0]]) * pair[1], reverse=True)
        return known[:most]

    def scores(self, query: Mapping[str, float], most: int = 64) -> Floats:
        """Score of every document for the weighted terms."""
        out = np.zeros(self.size, dtype=np.float32)
        for at, weight in self.heaviest(query, most):
            part = slice(int(self.starts[at]), int(self.starts[at + 1]))
            out[self.docs[part]] += self.worth[part] * np.float32(weight)
        return out

    def save(self, folder: Path, name: str) -> None:
        for key in ("starts", "docs", "worth", "idf"):
            np.save(folder / f"{name}.{key}.npy", getattr(self, key))
        (folder / f"{name}.terms.txt").write_text("\n".join(self.vocabulary), encoding="utf8")
        (folder / f"{name}.size.txt").write_text(str(self.size), encoding="utf8")


def load(folder: Path, name: str) -> Inverted:
    """Opens a saved index; the large arrays stay on disk until touched."""
    parts = {key: np.load(folder / f"{name}.{key}.npy", mmap_mode="r") for key in ("docs", "worth")}
    starts, idf = (np.load(folder / f"{name}.{key}.npy") for key in ("starts", "idf"))
    terms = (folder / f"{name}.terms.txt").read_text(encoding="utf8").split("\n")
    size = int((folder / f"{name}.size.txt").read_text(encoding="utf8"))
    vocabulary = {term: at for at, term in enumerate(terms)}
    docs, worth = (np.asarray(parts[key]) for key in ("docs", "worth"))
    return Inverted(vocabulary, starts, docs, worth, idf, size)


@dataclass(frozen=True)
class _Postings:
    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    docs: Ints
    counts: Floats
    lengths: Floats


def _postings(documents: Iterable[Mapping[str, float]]) -> _Postings:
    vocabulary: dict[str, int] = {}
    terms, docs, counts, lengths = array("i"), array("i"), array("f"), array("f")
    for number, document in enumerate(documents):
        total = 0.0
        for term, count in document.items():
            terms.append(vocabulary.setdefault(term, len(vocabulary)))
            docs.append(number)
            counts.append(count)
            total += count
        lengths.append(total)
    order = np.argsort(np.frombuffer(terms, dtype=np.int32) if terms else np.zeros(0, np.int32), kind="stable")
    sizes = np.bincount(np.array(terms, dtype=np.int32), minlength=len(vocabulary)) if terms else np.zeros(0, np.int64)
    starts = np.zeros(len(vocabulary) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    return _Postings(
        vocabulary,
        starts,
        np.array(docs, dtype=np.int32)[order],
        np.array(counts, dtype=np.float32)[order],
        np.array(lengths, dtype=np.float32),
    )


def build_bm25(documents: Iterable[Mapping[str, float]], k1: float = K1, b: float = B) -> Inverted:
    """Okapi BM25 with the non-negative idf; a document is its terms with their counts."""
    p = _postings(documents)
    size = len(p.lengths)
    frequency = np.diff(p.starts).astype(np.float32)
    idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    mean = float(p.lengths.mean()) if size else 1.0
    norm = k1 * (1 - b + b * p.lengths / max(mean, 1.0))
    saturated = p.counts * (k1 + 1) / (p.counts + norm[p.docs])
    worth = (saturated * np.repeat(idf, frequency.astype(np.int64))).astype(np.float32)
    return Inverted(p.vocabulary, p.starts, p.docs, worth, idf, size)


def build_cosine(documents: Iterable[Mapping[str, float]]) -> Inverted:
    """Sublinear TF-IDF, each document of length 1: with a query from `unit`, scores are cosines."""
    p = _postings(documents)
    size = len(p.lengths)
    frequency = np.diff(p.starts).astype(np.float32)
    idf = (np.log((size + 1) / (frequency + 1)) + 1).astype(np.float32)
    worth = (1 + np.log(np.maximum(p.counts, 1e-9))) * np.repeat(idf, frequency.astype(np.int64))
    squares = np.bincount(p.docs, weights=worth**2, minlength=size)
    lengths = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
    return Inverted(p.vocabulary, p.starts, p.docs, (worth / lengths[p.docs]).astype(np.float32), idf, size)


def unit(index: Inverted, terms: Mapping[str, float]) -> dict[str, float]:
    """The query for a cosine index: sublinear TF-IDF of length 1. Unknown terms count in the length."""
    unseen = float(np.max(index.idf)) if index.idf.size else 1.0
    raw = {term: (1 + np.log(count)) * (index.weight(term) or unseen) for term, count in terms.items()}
    length = float(np.sqrt(sum(value * value for value in raw.values()))) or 1.0
    return {term: float(value / length) for term, value in raw.items()}
