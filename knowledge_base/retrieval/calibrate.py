"""Refits the confidence of ask.yml on our own entries: how sure may the matcher be, given the shape of its ranking?

Four kinds of trials: a wording left out and asked again (right when its entry comes first), the same with its whole
entry left out (whatever comes first is wrong), a known wording dressed in other words (people do repeat wordings), and
sentences that have nothing to do with law (always wrong).
Run as `python -m knowledge_base.retrieval.calibrate FILE` with one unrelated sentence a line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.retrieval.ask import FEATURES, Answers, Ranking
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import load_catalogue

FOLDS = 4
STRANGER_WEIGHT = 0.5
DRESSED_WEIGHT = 0.5
_DRESSES = ("你好，{}，我该咋办呢", "我家碰上这么个事：{}，帮我看看", "{}，这种情况有没有说法")


@dataclass(frozen=True)
class Trial:
    """`kind` is left_out, stranger (its entry removed), dressed or unrelated; `weight` is its say in the fit."""

    text: str
    kind: str
    features: tuple[float, ...]
    right: bool
    weight: float


def _trial(text: str, kind: str, ranking: Ranking, right: bool, weight: float) -> Trial:
    return Trial(text, kind, tuple(ranking.features[name] for name in FEATURES), right, weight)


def trials(base: KnowledgeBase, unrelated: Sequence[str], folds: int = FOLDS) -> list[Trial]:
    out = []
    for fold in range(folds):
        kept = [
            replace(entry, variants=tuple(one for at, one in enumerate(entry.variants) if at % folds != fold))
            for entry in base.entries
        ]
        answers = Answers(KnowledgeBase(tuple(kept)))
        for number, entry in enumerate(base.entries):
            for text in entry.variants[fold::folds]:
                ranking = answers.rank(text)
                out.append(_trial(text, "left_out", ranking, ranking.order[0] == number, 1.0))
                out.append(_trial(text, "stranger", answers.rank(text, without=number), False, STRANGER_WEIGHT))
    answers = Answers(base)
    for number, entry in enumerate(base.entries):
        text = _DRESSES[number % len(_DRESSES)].format(entry.variants[number % len(entry.variants)])
        ranking = answers.rank(text)
        out.append(_trial(text, "dressed", ranking, ranking.order[0] == number, DRESSED_WEIGHT))
    return out + [_trial(text, "unrelated", answers.rank(text), False, 1.0) for text in unrelated]


def fit(data: Sequence[Trial], rounds: int = 30, ridge: float = 0.1) -> dict[str, float]:
    """Logistic regression by Newton's method; returns the coefficients by name, with `bias`."""
    x: NDArray[np.float64] = np.array([(1.0, *one.features) for one in data])
    y = np.array([float(one.right) for one in data])
    weight = np.array([one.weight for one in data])
    beta = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ beta))
        slope = x.T @ (weight * (y - p)) - ridge * beta
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(beta))
        beta = beta + np.linalg.solve(curve, slope)
    return {name: round(float(value), 3) for name, value in zip(("bias", *FEATURES), beta, strict=True)}


def table(data: Sequence[Trial], coefficients: dict[str, float]) -> str:
    """Answered and right at several thresholds, and how often strangers and unrelated sentences get an answer."""
    beta = np.array([coefficients[name] for name in ("bias", *FEATURES)])
    sure = 1 / (1 + np.exp(-np.array([(1.0, *one.features) for one in data]) @ beta))
    lines = ["门槛  作答  答对  换装答对  生题误答  无关误答"]
    kinds = np.array([one.kind for one in data])
    right = np.array([one.right for one in data])
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        answered = sure >= threshold
        known = kinds == "left_out"
        told = [float(np.mean(answered[kinds == kind])) for kind in ("dressed", "stranger", "unrelated")]
        correct = float(np.mean(right[known & answered])) if (known & answered).any() else 0.0
        row = [float(np.mean(answered[known])), correct, *told]
        lines.append(f"{threshold:.1f}   " + "  ".join(f"{value:.3f}" for value in row))
    return "\n".join(lines)


def main(path: str) -> None:
    base = load_topics(TOPICS, load_catalogue())
    data = trials(base, [line for line in Path(path).read_text(encoding="utf8").split("\n") if line.strip()])
    coefficients = fit(data)
    sys.stdout.write(f"{coefficients}\n{table(data, coefficients)}\n")


if __name__ == "__main__":
    main(sys.argv[1])
