"""A second opinion on danger (`danger`), for what the app's rules have no words for.

Learned from `nlu_data/crisis` (sentences by kind, and calm ones that frighten only by their words) and, as further calm
examples, from the ordinary training sentences of subjects where danger is rare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.text_classifier import TextClassifier
from bot.concepts import SIGNS
from bot.features import DEFAULTS
from bot.linear import GatedLinear
from bot.text import is_payload, normalise

DANGER = "danger"
CALM = GatedLinear.CALM
FOLDER = Path(__file__).resolve().parents[2] / "nlu_data" / "crisis"
VIEWS = {
    "char": DEFAULTS["char"],
    "pinyin": DEFAULTS["pinyin"],
    "sign": {"min_df": 2, "weight": 1.0},
    "sign_pair": {"min_df": 3, "weight": 0.7},
}
ALSO = 0.3  # a further kind is named when its share of the danger is at least this


def sentences(folder: Path = FOLDER, files: str = "*.yml") -> Iterator[tuple[str, str]]:
    """(kind or `calm`, sentence); a file maps kinds to sentences, one a line.

    Raises ValueError for a file of another shape.
    """
    for path in sorted(folder.glob(files)):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict) or not all(isinstance(lines, str) for lines in raw.values()):
            raise ValueError(f"{path.name} 应当是“类型: 一行一句”")
        for kind, lines in raw.items():
            yield from ((str(kind), line.strip()) for line in lines.splitlines() if line.strip())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CrisisClassifier(TextClassifier, IntentClassifier):
    """Sets `danger`: the likeliest `kind`, the `confidence` that there is any danger, all likely `kinds` in order."""

    model_class = GatedLinear

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`unjudged`: category or category.subcategory whose sentences are not taken for calm unread; `calm_at_most`:
        how many of the other sentences are."""
        own = {"views": VIEWS, "cost": 0.3, "balanced": False, "unjudged": [], "calm_at_most": 3000}
        return {**TextClassifier.get_default_config(), **own}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        files = [*sorted(FOLDER.glob("*.yml")), *sorted(SIGNS.glob("*.yml"))]
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
        return super().fingerprint_addon(config) + digest.hexdigest()

    def label_of(self, example: Message) -> str | None:
        metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
        category, subcategory = metadata.get("category"), metadata.get("subcategory")
        unjudged = {category, f"{category}.{subcategory}"} & set(self._config["unjudged"])
        return None if unjudged or is_payload(example.get(TEXT) or "/x") else CALM

    def _examples(self, training_data: TrainingData) -> tuple[list[str], list[str], np.ndarray]:
        written = [(normalise(text), kind) for kind, text in sentences()]
        known = {text for text, _ in written}
        ordinary = {example.get(TEXT) for example in training_data.intent_examples if self.label_of(example)}
        shuffled = sorted(ordinary - known, key=lambda text: hashlib.sha256(text.encode()).digest())
        taken = shuffled[: self._config["calm_at_most"]]
        examples = dict.fromkeys([*written, *((text, CALM) for text in taken)])
        return [text for text, _ in examples], [kind for _, kind in examples], np.ones(len(examples))

    def answer(self, message: Message, probabilities: np.ndarray | None) -> None:
        danger: dict[str, Any] = {"kind": None, "confidence": 0.0, "kinds": []}
        if probabilities is not None and self.model is not None and not is_payload(message.get(TEXT)):
            shares = probabilities[1:]
            order = [int(index) for index in np.argsort(-shares)]
            kinds = [self.model.classes[1 + index] for index in order]
            sure = float(shares.sum())
            also = [kind for index, kind in zip(order, kinds, strict=True) if shares[index] >= ALSO * sure]
            danger = {"kind": kinds[0], "confidence": sure, "kinds": also or kinds[:1]}
        message.set(DANGER, danger, add_to_output=True)
