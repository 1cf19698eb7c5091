"""Category and subcategory of a matter (`triage`), learned from every example that carries them in its metadata.

A category's probability is the sum of its subcategories', so that the two levels can never contradict each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.components.text_classifier import TextClassifier
from bot.linear import TwoLevelLinear

TRIAGE = "triage"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DisputeClassifier(TextClassifier, IntentClassifier):
    """Sets `triage`: category, subcategory, confidence (of the category), subcategory_confidence, alternatives."""

    model_class = TwoLevelLinear
    fit_options = (*TextClassifier.fit_options, "mix", "mix_weight")

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`labels_of_acts`: the category.subcategory of acts whose examples carry no metadata; `mix`: see linear.py."""
        own: dict[str, Any] = {"labels_of_acts": {}, "alternatives": 3, "mix": {}, "mix_weight": 0.0}
        return {**TextClassifier.get_default_config(), **own}

    def label_of(self, example: Message) -> str | None:
        metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
        if metadata.get("category") and metadata.get("subcategory"):
            return f"{metadata['category']}.{metadata['subcategory']}"
        label = self._config["labels_of_acts"].get(example.get(INTENT))
        return str(label) if label else None

    def answer(self, message: Message, probabilities: np.ndarray | None) -> None:
        candidates = self._by_category(probabilities) if probabilities is not None else []
        nothing = {"category": None, "subcategory": None, "confidence": 0.0, "subcategory_confidence": 0.0}
        best = candidates[0] if candidates else nothing
        others = [
            {key: other[key] for key in ("category", "subcategory", "confidence")}
            for other in candidates[1 : 1 + self._config["alternatives"]]
        ]
        message.set(TRIAGE, {**best, "alternatives": others}, add_to_output=True)

    def _by_category(self, probabilities: np.ndarray) -> list[dict[str, Any]]:
        """One candidate per category with its likeliest subcategory, most probable first."""
        assert self.model is not None
        found: dict[str, dict[str, Any]] = {}
        for index in np.argsort(-probabilities):
            category, _, subcategory = self.model.classes[index].partition(".")
            share = float(probabilities[index])
            if category not in found:
                found[category] = {
                    "category": category,
                    "subcategory": subcategory,
                    "confidence": share,
                    "subcategory_confidence": share,
                }
            else:
                found[category]["confidence"] = min(1.0, found[category]["confidence"] + share)
        return sorted(found.values(), key=lambda candidate: -candidate["confidence"])
