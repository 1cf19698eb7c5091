"""Entities by rule: amounts, areas, times, people, places, numbers (see `bot.extraction`)."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.extraction import Extractor, today_from
from bot.text import is_payload


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RuleEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Adds Rasa entities; relative dates count from metadata `now` (ISO), else `FENGQIAO_CLOCK`, else today."""

    def __init__(self) -> None:
        self._extractor = Extractor()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntityExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = [] if is_payload(text) else self._entities(text, message)
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _entities(self, text: str, message: Message) -> list[dict[str, Any]]:
        today = today_from((message.get(METADATA) or {}).get("now"))
        return [
            {
                "entity": found.entity,
                "value": found.value,
                "start": found.start,
                "end": found.end,
                "text": text[found.start : found.end],
                "extractor": self.name,
            }
            for found in self._extractor.extract(text, today)
        ]
