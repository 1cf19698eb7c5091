"""Refits the confidence of ask.yml: how sure may the matcher be, given the shape of its ranking?

Three kinds of trials: questions whose right entries are known and which the matcher has never read, the same with those
entries left out (whatever comes first is wrong), and sentences that have nothing to do with law (always wrong).
Run as `python -m knowledge_base.retrieval.calibrate QUESTIONS UNRELATED`: a folder of the golden questions, of which
only the half that may be looked at is used, and a file with one unrelated sentence a line.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.retrieval.ask import FEATURES, Answers, Ranking
from knowledge_base.retrieval.kept import Kept
from knowledge_base.statutes.catalogue import load_catalogue

STRANGER_WEIGHT = 0.5
UNRELATED_WEIGHT = 2.5


@dataclass(frozen=True)
class Trial:
    """`kind` is asked, stranger (its entries removed) or unrelated; `weight` is its say in the fit."""

    kind: str
    features: tuple[float, ...]
    right: bool
    weight: float


def frozen(text: str) -> bool:
    """Whether a golden question belongs to the half that only measures."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2 == 1


def trials(answers: Answers, asked: Mapping[str, Collection[str]], unrelated: Sequence[str]) -> list[Trial]:
    """`asked` gives for each question the ids of the entries that answer it."""
    number = {entry.id: at for at, entry in enumerate(answers.entries)}
    out = []
    for text, ids in asked.items():
        right = {number[id] for id in ids}
        ranking = answers.rank(text)
        out.append(_trial("asked", ranking, ranking.order[0] in right, 1.0))
        out.append(_trial("stranger", answers.rank(text, without=right), False, STRANGER_WEIGHT))
    return out + [_trial("unrelated", answers.rank(text), False, UNRELATED_WEIGHT) for text in unrelated]


def _trial(kind: str, ranking: Ranking, right: bool, weight: float) -> Trial:
    return Trial(kind, tuple(ranking.features[name] for name in FEATURES), right, weight)


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
    lines = ["门槛  作答  答对  生题误答  无关误答"]
    kinds = np.array([one.kind for one in data])
    right = np.array([one.right for one in data])
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6):
        answered = sure >= threshold
        known = kinds == "asked"
        correct = float(np.mean(right[known & answered])) if (known & answered).any() else 0.0
        wrong = [float(np.mean(answered[kinds == kind])) for kind in ("stranger", "unrelated")]
        row = [float(np.mean(answered[known])), correct, *wrong]
        lines.append(f"{threshold:.1f}   " + "  ".join(f"{value:.3f}" for value in row))
    return "\n".join(lines)


def main(questions: str, unrelated: str) -> None:
    base = load_topics(TOPICS, load_catalogue())
    rows = [row for path in sorted(Path(questions).glob("*.yml")) for row in yaml.safe_load(path.read_text("utf8"))]
    asked = {row["q"]: {row["entry"], *row.get("also", ())} for row in rows if not frozen(row["q"])}
    strangers = [line for line in Path(unrelated).read_text(encoding="utf8").split("\n") if line.strip()]
    with TemporaryDirectory() as folder:
        data = trials(Answers(base, kept=Kept(Path(folder))), asked, strangers)
    coefficients = fit(data)
    sys.stdout.write(f"{coefficients}\n{table(data, coefficients)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
