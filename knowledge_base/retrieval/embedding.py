"""A learned likeness between a way of asking and what answers it.

Softmax regression of low rank: the terms of a question are summed to a vector of `size` numbers, every answer has a
vector too, and their product says how likely this answer belongs to that question. It learns from questions whose
answers are known, so a word counts for the articles it led to, which no count of shared words can tell. numpy alone:
one short training of a sparse model does not pay for a learning library in the app.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.retrieval.inverted import Floats

Rows = Sequence[tuple[NDArray[np.int64], Floats]]
ARRAYS = ("idf", "terms", "answers", "bias")
_SEED_OF_SQUARES = 1e-3  # keeps the first steps of Adagrad finite


@dataclass(frozen=True)
class Example:
    """The terms of a text, the answers it belongs to with their shares (sum 1), and how much it counts.

    `among` are the first answer it is chosen from and the one after the last; None for all.
    """

    terms: Mapping[str, float]
    answers: Sequence[tuple[int, float]]
    weight: float = 1.0
    among: tuple[int, int] | None = None


@dataclass(frozen=True)
class Learning:
    """`dropped` is the share of terms left out at random at each step, so that no single word decides."""

    size: int = 64
    rounds: int = 14
    rate: float = 1.5
    dropped: float = 0.3
    batch: int = 256
    least: int = 2
    seed: int = 7


@dataclass(frozen=True)
class Embedding:
    """`terms` is (vocabulary, size), `answers` (answers, size), `bias` one number per answer."""

    vocabulary: Mapping[str, int]
    idf: Floats
    terms: Floats
    answers: Floats
    bias: Floats

    def log_likelihood(self, terms: Mapping[str, float], temperature: float = 1.0) -> Floats:
        """Natural logarithm of each answer's probability; a higher `temperature` makes it less sure."""
        at, worth = _row(terms, self.vocabulary, self.idf)
        raw = (self.answers @ (worth @ self.terms[at]) + self.bias) / np.float32(temperature)
        raw -= np.max(raw)
        scores: Floats = raw - np.log(np.sum(np.exp(raw)))
        return scores

    def evidence(self, terms: Mapping[str, float], temperature: float, floor: float) -> Floats:
        """From 1 for an answer that is certain to 0 for one less likely than exp(-floor)."""
        scores: Floats = np.maximum(0, 1 + self.log_likelihood(terms, temperature) / np.float32(floor))
        return scores

    def save(self, folder: Path) -> None:
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / "terms.txt").write_text("\n".join(self.vocabulary), encoding="utf8")


def load(folder: Path) -> Embedding:
    """The vectors of the terms stay on disk until touched."""
    lines = (folder / "terms.txt").read_text(encoding="utf8").split("\n")
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r" if name == "terms" else None) for name in ARRAYS}
    return Embedding({term: at for at, term in enumerate(lines)}, **arrays)


def learn(
    examples: Sequence[Example],
    answers: int,
    learning: Learning,
    progress: Callable[[int, int], None] | None = None,
) -> Embedding:
    """Trains with Adagrad on mini-batches.

    The same examples and seed give the same vectors on the same machine, whatever the order of the terms in an example.
    """
    return learn_side_by_side(examples, answers, learning, (learning.seed,), progress)


def learn_side_by_side(
    examples: Sequence[Example],
    answers: int,
    learning: Learning,
    beginnings: Sequence[int],
    progress: Callable[[int, int], None] | None = None,
) -> Embedding:
    """One model for each seed of `beginnings`, put side by side: surer than a single one of their joint size."""
    vocabulary, idf = _vocabulary(examples, learning.least)
    rows = [_row(one.terms, vocabulary, idf) for one in examples]
    models: list[Embedding] = []
    for seed in beginnings:
        done = len(models) * learning.rounds

        def heard(round: int, done: int = done) -> None:
            if progress is not None:
                progress(done + round, learning.rounds * len(beginnings))

        models.append(_trained(rows, examples, vocabulary, idf, answers, replace(learning, seed=seed), heard))
    return side_by_side(models)


def _trained(
    rows: Rows,
    examples: Sequence[Example],
    vocabulary: Mapping[str, int],
    idf: Floats,
    answers: int,
    learning: Learning,
    heard: Callable[[int], None],
) -> Embedding:
    chance = np.random.default_rng(learning.seed)
    model = Embedding(
        vocabulary,
        idf,
        chance.normal(0, 0.1, (len(vocabulary), learning.size)).astype(np.float32),
        chance.normal(0, 0.1, (answers, learning.size)).astype(np.float32),
        np.zeros(answers, dtype=np.float32),
    )
    steps = _Adagrad(model)
    for done in range(learning.rounds):
        rate = np.float32(learning.rate * (1 - done / learning.rounds))
        for batch in _batches(chance.permutation(len(rows)), learning.batch):
            steps.step([rows[at] for at in batch], [examples[at] for at in batch], rate, learning.dropped, chance)
        heard(done + 1)
    return model


def side_by_side(models: Sequence[Embedding]) -> Embedding:
    """One model whose raw scores are the mean of the scores of several learned from the same examples."""
    count = np.float32(len(models))
    return Embedding(
        models[0].vocabulary,
        models[0].idf,
        np.hstack([one.terms for one in models]),
        np.hstack([one.answers for one in models]) / count,
        np.sum([one.bias for one in models], axis=0, dtype=np.float32) / count,
    )


def first_of(model: Embedding, answers: int) -> Embedding:
    """The model without the answers after the first so many."""
    return replace(model, answers=model.answers[:answers], bias=model.bias[:answers])


class _Adagrad:
    """One row, one pace: the squares of the gradients are summed for each term and each answer."""

    def __init__(self, model: Embedding) -> None:
        self.model = model
        self._terms, self._answers, self._bias = (
            np.full(size, _SEED_OF_SQUARES, dtype=np.float32)
            for size in (len(model.terms), len(model.answers), len(model.answers))
        )

    def step(
        self, rows: Rows, examples: Sequence[Example], rate: np.float32, dropped: float, chance: np.random.Generator
    ) -> None:
        model, count = self.model, np.float32(len(rows))
        sizes = np.array([len(at) for at, _ in rows])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        at, worth = np.concatenate([at for at, _ in rows]), np.concatenate([worth for _, worth in rows])
        worth = (worth * (chance.random(len(worth)) >= dropped) / (1 - dropped)).astype(np.float32)
        hidden = np.add.reduceat(model.terms[at] * worth[:, None], starts, axis=0)
        error = _error(hidden @ model.answers.T + model.bias, examples)
        back = np.repeat(error @ model.answers, sizes, axis=0) * worth[:, None] / count
        order = np.argsort(at, kind="stable")
        touched, first = np.unique(at[order], return_index=True)
        self._move(model.terms, self._terms, touched, np.add.reduceat(back[order], first, axis=0), rate)
        everyone = np.arange(len(model.answers))
        self._move(model.answers, self._answers, everyone, error.T @ hidden / count, rate)
        slope = error.sum(axis=0) / count
        self._bias += slope**2
        model.bias[...] -= rate * slope / np.sqrt(self._bias)

    @staticmethod
    def _move(values: Floats, squares: Floats, at: NDArray[np.int64], slope: Floats, rate: np.float32) -> None:
        squares[at] += (slope**2).mean(axis=1)
        values[at] -= rate * slope / np.sqrt(squares[at])[:, None]


def _error(raw: Floats, examples: Sequence[Example]) -> Floats:
    """Softmax of `raw` minus what is right, each row times the weight of its example."""
    for row, one in enumerate(examples):
        if one.among is not None:
            raw[row, : one.among[0]] = raw[row, one.among[1] :] = -np.inf
    raw -= raw.max(axis=1, keepdims=True)
    out: Floats = np.exp(raw)
    out /= out.sum(axis=1, keepdims=True)
    for row, one in enumerate(examples):
        for answer, share in one.answers:
            out[row, answer] -= share
        out[row] *= one.weight
    return out


def _vocabulary(examples: Sequence[Example], least: int) -> tuple[dict[str, int], Floats]:
    frequency = Counter(term for one in examples for term in one.terms)
    known = sorted(term for term, times in frequency.items() if times >= least)
    idf = np.array([np.log((len(examples) + 1) / (frequency[term] + 1)) + 1 for term in known], dtype=np.float32)
    return {term: at for at, term in enumerate(known)}, idf


def _row(terms: Mapping[str, float], vocabulary: Mapping[str, int], idf: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Known terms and what each is worth (sublinear TF-IDF of length 1); one term worth nothing when none is known."""
    known = sorted((vocabulary[term], count) for term, count in terms.items() if term in vocabulary)
    if not known or not len(idf):
        return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.float32)
    at = np.array([place for place, _ in known], dtype=np.int64)
    worth = idf[at] * (1 + np.log(np.array([count for _, count in known], dtype=np.float32)))
    return at, (worth / np.sqrt(np.sum(worth**2))).astype(np.float32)


def _batches(order: NDArray[np.int64], size: int) -> Iterator[list[int]]:
    for start in range(0, len(order), size):
        yield order[start : start + size].tolist()
