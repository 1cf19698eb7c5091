"""Linear models over sparse features; scores become probabilities by a temperature fitted on texts held out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.svm import LinearSVC

WORTH_TWO = 2000  # with fewer examples a second process costs more than it saves
HELD_OUT = 4  # one text of every four is kept aside while the temperature is fitted


class CalibratedLinear:
    """Linear SVM, softmax(scores * sharpness); `classes` is sorted."""

    def __init__(self, classes: Sequence[str], weights: np.ndarray, bias: np.ndarray, sharpness: float) -> None:
        self.classes = list(classes)
        self._weights = weights
        self._bias = bias
        self.sharpness = sharpness

    @classmethod
    def fit(
        cls,
        features: sparse.csr_matrix,
        labels: Sequence[str],
        *,
        counts: np.ndarray | None = None,
        cost: float = 1.0,
        boost_rare: float = 0.0,
        balanced: bool = True,
    ) -> CalibratedLinear:
        """`counts`: how much each example counts (once, when not told). `balanced`: every class weighs the same in
        training, however many examples it has.

        `boost_rare` divides each probability by its class's frequency to that power: small classes are heard.

        Raises ValueError with fewer than two classes.
        """
        classes = sorted(set(labels))
        if len(classes) < 2:
            raise ValueError(f"at least two classes are needed, got {classes}")
        y = np.searchsorted(classes, labels)
        counts = np.ones(len(y)) if counts is None else counts
        aside = _aside(y)
        parts = [slice(None), ~aside] if aside.any() else [slice(None)]
        work = (delayed(cls._train)(features[p], y[p], counts[p], len(classes), cost, balanced) for p in parts)
        # processes, not threads: liblinear draws its random numbers from one state shared by all threads
        jobs = len(parts) if features.shape[0] >= WORTH_TWO else 1
        final, *trial = Parallel(n_jobs=jobs, max_nbytes=None)(work)
        sharpness = _fit_sharpness(trial[0].scores(features[aside]), y[aside], counts[aside]) if trial else 3.0
        frequency = np.bincount(y, minlength=len(classes)) / len(y)
        bias = final._bias - (boost_rare * np.log(frequency) / sharpness).astype(np.float32)
        return cls(classes, final._weights, bias, sharpness)

    @classmethod
    def _train(
        cls, features: sparse.csr_matrix, y: np.ndarray, counts: np.ndarray, size: int, cost: float, balanced: bool
    ) -> CalibratedLinear:
        svm = LinearSVC(
            C=cost, class_weight="balanced" if balanced else None, dual=True, max_iter=1000, tol=1e-2, random_state=7
        )
        svm.fit(features, y, sample_weight=counts)
        weights = np.zeros((features.shape[1], size), dtype=np.float32)
        bias = np.full(size, -2.0, dtype=np.float32)
        rows, intercepts = svm.coef_, svm.intercept_
        if len(svm.classes_) == 2:
            rows, intercepts = np.vstack([-rows, rows]), np.concatenate([-intercepts, intercepts])
        weights[:, svm.classes_] = rows.T
        bias[svm.classes_] = intercepts
        return cls([str(n) for n in range(size)], weights, bias, 1.0)

    def scores(self, features: sparse.csr_matrix) -> np.ndarray:
        return np.asarray(features @ self._weights) + self._bias

    def probabilities(self, features: sparse.csr_matrix) -> np.ndarray:
        """Rows sum to one; columns follow `classes`."""
        return softmax(self.scores(features) * self.sharpness)

    def save(self, folder: Path, name: str = "linear") -> None:
        np.savez(folder / f"{name}.npz", weights=self._weights, bias=self._bias)
        meta = {"classes": self.classes, "sharpness": self.sharpness}
        (folder / f"{name}.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str = "linear") -> CalibratedLinear:
        meta = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz") as arrays:
            return cls(meta["classes"], arrays["weights"], arrays["bias"], meta["sharpness"])


class TwoLevelLinear:
    """Classes named `category.subcategory`: one model over all of them, one over the categories, made to agree.

    A category's probability is the mean of both models' opinions; within it the subcategories keep their proportions.
    Measured by 5-fold cross-validation: two points better on the category than either model alone.
    """

    def __init__(self, fine: CalibratedLinear, coarse: CalibratedLinear, tilt: np.ndarray | None = None) -> None:
        self._fine = fine
        self._coarse = coarse
        self._tilt = np.ones(len(fine.classes), dtype=np.float32) if tilt is None else tilt
        self.classes = fine.classes
        of_category = {name: index for index, name in enumerate(coarse.classes)}
        self._parent = np.array([of_category[category_of(label)] for label in fine.classes])

    @classmethod
    def fit(
        cls,
        features: sparse.csr_matrix,
        labels: Sequence[str],
        *,
        counts: np.ndarray | None = None,
        cost: float = 1.0,
        boost_rare: float = 0.0,
        balanced: bool = True,
        mix: dict[str, float] | None = None,
        mix_weight: float = 0.0,
    ) -> TwoLevelLinear:
        """`mix`: the share of each category among real messages; what we wrote has other shares, and `mix_weight`
        (0 to 1) says how far the probabilities are moved from the one towards the other."""
        parents = [category_of(label) for label in labels]
        how: dict[str, Any] = {"counts": counts, "cost": cost, "boost_rare": boost_rare, "balanced": balanced}
        fine = CalibratedLinear.fit(features, labels, **how)
        coarse = CalibratedLinear.fit(features, parents, **how)
        return cls(fine, coarse, _tilt(fine.classes, parents, counts, mix or {}, mix_weight))

    def probabilities(self, features: sparse.csr_matrix) -> np.ndarray:
        fine, coarse = self._fine.probabilities(features), self._coarse.probabilities(features)
        summed = np.zeros_like(coarse)
        np.add.at(summed.T, self._parent, fine.T)
        factor = (summed + coarse) / (2 * np.maximum(summed, 1e-9))
        joint = fine * factor[:, self._parent] * self._tilt
        return np.asarray(joint / joint.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> None:
        self._fine.save(folder, "fine")
        self._coarse.save(folder, "coarse")
        np.save(folder / "tilt.npy", self._tilt)

    @classmethod
    def load(cls, folder: Path) -> TwoLevelLinear:
        fine, coarse = CalibratedLinear.load(folder, "fine"), CalibratedLinear.load(folder, "coarse")
        return cls(fine, coarse, np.load(folder / "tilt.npy"))


class GatedLinear:
    """One class called `calm`, against which all others stand together; a second model tells those apart.

    The gate learns from every example, so that dangers of all kinds help to find one of a rare kind.
    """

    CALM = "calm"

    def __init__(self, gate: CalibratedLinear, kinds: CalibratedLinear) -> None:
        self._gate = gate
        self._kinds = kinds
        self.classes = [self.CALM, *kinds.classes]

    @classmethod
    def fit(
        cls,
        features: sparse.csr_matrix,
        labels: Sequence[str],
        *,
        counts: np.ndarray | None = None,
        cost: float = 1.0,
        boost_rare: float = 0.0,
        balanced: bool = True,
    ) -> GatedLinear:
        """Raises ValueError without calm examples or with fewer than two other classes."""
        others = np.array([label != cls.CALM for label in labels])
        gate_labels = np.where(others, "danger", cls.CALM).tolist()
        counts = np.ones(len(labels)) if counts is None else counts
        gate = CalibratedLinear.fit(
            features, gate_labels, counts=counts, cost=cost, boost_rare=boost_rare, balanced=balanced
        )
        told = [label for label in labels if label != cls.CALM]
        kinds = CalibratedLinear.fit(features[others], told, counts=counts[others], cost=cost, boost_rare=boost_rare)
        return cls(gate, kinds)

    def probabilities(self, features: sparse.csr_matrix) -> np.ndarray:
        """Rows sum to one; columns follow `classes`: calm first, then each kind's share of the rest."""
        gate = self._gate.probabilities(features)
        at = self._gate.classes.index(self.CALM)
        calm = gate[:, at : at + 1]
        return np.hstack([calm, (1 - calm) * self._kinds.probabilities(features)])

    def save(self, folder: Path) -> None:
        self._gate.save(folder, "gate")
        self._kinds.save(folder, "kinds")

    @classmethod
    def load(cls, folder: Path) -> GatedLinear:
        return cls(CalibratedLinear.load(folder, "gate"), CalibratedLinear.load(folder, "kinds"))


def category_of(label: str) -> str:
    return label.partition(".")[0]


def _tilt(
    classes: Sequence[str], parents: Sequence[str], counts: np.ndarray | None, mix: dict[str, float], weight: float
) -> np.ndarray:
    counts = np.ones(len(parents)) if counts is None else counts
    at = np.array(parents)
    written = {category: float(counts[at == category].sum() / counts.sum()) for category in set(parents)}
    asked = [mix.get(category_of(label), written[category_of(label)]) for label in classes]
    ratios = [share / written[category_of(label)] for share, label in zip(asked, classes, strict=True)]
    return np.asarray(np.power(ratios, weight), dtype=np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _aside(y: np.ndarray) -> np.ndarray:
    """Which examples are kept aside: as near one in four of each class as can be, none of a class with one example."""
    aside = np.zeros(len(y), dtype=bool)
    random = np.random.default_rng(7)
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        if len(members) > 1:
            aside[random.permutation(members)[: max(1, len(members) // HELD_OUT)]] = True
    return aside


def _fit_sharpness(scores: np.ndarray, y: np.ndarray, counts: np.ndarray) -> float:
    rows = np.arange(len(y))

    def loss(log_sharpness: float) -> float:
        p = softmax(scores * np.exp(log_sharpness))[rows, y]
        return float(np.average(-np.log(np.maximum(p, 1e-12)), weights=counts))

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))
