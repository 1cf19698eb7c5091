"""What the classifiers share: features and a calibrated linear model, trained once, applied to a whole batch."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.features import DEFAULTS, TextFeatures, source_fingerprint
from bot.linear import CalibratedLinear, GatedLinear, TwoLevelLinear
from bot.text import matter

Model = CalibratedLinear | TwoLevelLinear | GatedLinear


class TextClassifier(GraphComponent):
    """Base of the classifiers; a subclass names the label of an example and writes the answer into a message."""

    model_class: ClassVar[type[Model]] = CalibratedLinear
    fit_options: ClassVar[tuple[str, ...]] = ("cost", "boost_rare", "balanced")

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self.features: TextFeatures | None = None
        self.model: Model | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`manners`: how much an example counts by the `manner` of its metadata (`plain`, `post`, `lent`, `other`)."""
        return {"views": DEFAULTS, "cost": 0.5, "boost_rare": 0.0, "balanced": True, "manners": {}}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_fingerprint()

    @abstractmethod
    def label_of(self, example: Message) -> str | None:
        """The class of a training example; None leaves it out."""

    @abstractmethod
    def answer(self, message: Message, probabilities: np.ndarray | None) -> None:
        """Write the result; None when there is nothing to go by (untrained, or no text left)."""

    def train(self, training_data: TrainingData) -> Resource:
        texts, labels, counts = self._examples(training_data)
        if len(set(labels)) < 2:
            raise ValueError(f"at least two classes are needed, got {sorted(set(labels))}")
        self.features = TextFeatures(self._config["views"])
        matrix = self.features.fit_transform([matter(text) for text in texts])
        options = {name: self._config[name] for name in self.fit_options}
        self.model = self.model_class.fit(matrix, labels, counts=counts, **options)
        with self._storage.write_to(self._resource) as folder:
            self.features.save(folder)
            self.model.save(folder)
        return self._resource

    def _examples(self, training_data: TrainingData) -> tuple[list[str], list[str], np.ndarray]:
        """Texts, their labels, and how much each counts; a sentence found twice counts as its weightier manner."""
        unique: dict[tuple[str, str], float] = {}
        for example in training_data.intent_examples:
            text, label = example.get(TEXT), self.label_of(example)
            if text and label:
                unique[text, label] = max(unique.get((text, label), 0.0), self._count_of(example))
        return [text for text, _ in unique], [label for _, label in unique], np.array([*unique.values()])

    def _count_of(self, example: Message) -> float:
        manner = (example.get(METADATA) or {}).get(METADATA_INTENT, {}).get("manner", "other")
        return float(self._config["manners"].get(manner, 1.0))

    def process(self, messages: list[Message]) -> list[Message]:
        """One matrix product for the whole batch."""
        if self.model is None or self.features is None:
            legible: list[Message] = []
        else:
            legible = [message for message in messages if message.get(TEXT)]
            rows = self._probabilities([message.get(TEXT) for message in legible])
            for message, row in zip(legible, rows, strict=True):
                self.answer(message, row)
        for message in messages:
            if not legible or not message.get(TEXT):
                self.answer(message, None)
        return messages

    def _probabilities(self, texts: list[str]) -> np.ndarray:
        if not texts or self.model is None or self.features is None:
            return np.empty((0, 0))
        return self.model.probabilities(self.features.transform([matter(text) for text in texts]))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TextClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.features = TextFeatures.load(folder)
            component.model = cls.model_class.load(folder)
        return component
