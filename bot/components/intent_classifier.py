"""The dialogue act of a message (Rasa's intent), with calibrated confidence and a ranking."""

from __future__ import annotations

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    METADATA,
    METADATA_INTENT,
    PREDICTED_CONFIDENCE_KEY,
)
from rasa.shared.nlu.training_data.message import Message

from bot.borrowed import TRIAGE_ONLY
from bot.components.text_classifier import TextClassifier

RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ActClassifier(TextClassifier, IntentClassifier):
    """Sets `intent` and `intent_ranking`. A payload's answer is overruled by RegexMessageHandler."""

    def label_of(self, example: Message) -> str | None:
        metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
        return None if metadata.get(TRIAGE_ONLY) else example.get(INTENT)

    def answer(self, message: Message, probabilities: np.ndarray | None) -> None:
        ranking = []
        if probabilities is not None and self.model is not None:
            best = np.argsort(-probabilities)[:RANKING_LENGTH]
            ranking = [
                {INTENT_NAME_KEY: self.model.classes[i], PREDICTED_CONFIDENCE_KEY: float(probabilities[i])}
                for i in best
            ]
        top = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
        message.set(INTENT, dict(top), add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
