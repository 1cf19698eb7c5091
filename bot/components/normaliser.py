"""Pipeline step: every later component, in training and in service, sees the normalised text."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.features import source_fingerprint
from bot.text import MAX_CHARACTERS, is_payload, normalise

RAW_TEXT = "raw_text"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Replaces the text by its plain form; the words as typed stay in metadata `raw_text`. Payloads pass untouched."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        normalise("開場")  # reads the dictionaries now, not in somebody's first turn
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_fingerprint()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            raw = message.get(TEXT)
            if isinstance(raw, str) and not is_payload(raw):
                metadata = {**(message.get(METADATA) or {}), RAW_TEXT: raw[: 2 * MAX_CHARACTERS]}
                message.set(METADATA, metadata, add_to_output=True)
                message.set(TEXT, normalise(raw), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.training_examples:
            if isinstance(message.get(TEXT), str):
                message.set(TEXT, normalise(message.get(TEXT)))
        return training_data
