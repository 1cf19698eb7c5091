"""Acts that are said plainly enough to need no guess: patterns of act_cues.yml overrule the classifier."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot.features import source_fingerprint
from bot.text import is_payload

CUES = Path(__file__).resolve().parents[2] / "nlu_data" / "lookups" / "act_cues.yml"
SURE = 0.97
LONGEST = 30  # characters; in a longer story such words are told, not meant


def read_cues(path: Path = CUES) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(intent, pattern) in order; a pattern that is none raises `re.error` at start."""
    cues = yaml.safe_load(path.read_text(encoding="utf-8"))["cues"]
    return tuple((cue["intent"], re.compile(pattern)) for cue in cues for pattern in cue["patterns"])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ActCues(GraphComponent):
    """Runs behind the classifier; what it finds stands first in `intent_ranking`."""

    def __init__(self) -> None:
        self._cues = read_cues()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ActCues:
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_fingerprint()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            intent = None if is_payload(text) else self.heard(text)
            if intent:
                top = {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: SURE}
                others = [one for one in message.get(INTENT_RANKING_KEY) or [] if one[INTENT_NAME_KEY] != intent]
                message.set(INTENT, dict(top), add_to_output=True)
                message.set(INTENT_RANKING_KEY, [top, *_shrunk(others)], add_to_output=True)
        return messages

    def heard(self, text: str) -> str | None:
        """The act said plainly in the text, if any."""
        if len(text) > LONGEST:
            return None
        return next((intent for intent, pattern in self._cues if pattern.search(text)), None)


def _shrunk(ranking: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The others share what is left, so that all still add up to no more than one."""
    return [{**one, PREDICTED_CONFIDENCE_KEY: one[PREDICTED_CONFIDENCE_KEY] * (1 - SURE)} for one in ranking]
