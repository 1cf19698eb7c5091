"""Whatever is typed, no step of the pipeline raises, and every entity stands where it says it does."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message

from bot.components.dispute_classifier import DisputeClassifier
from bot.components.entity_extractor import RuleEntityExtractor
from bot.components.intent_classifier import ActClassifier
from bot.components.normaliser import Normaliser
from bot.dates import find
from bot.numbers import parse, parse_count
from tests.bot.conftest import DATA
from tests.bot.test_components import CONTEXT, configuration, stored_and_loaded

NOW = "2026-11-22T10:00:00+08:00"
UNICODE = st.text(st.characters(blacklist_categories=()), max_size=400)  # lone surrogates too
# Numbers, units and words of time thrown together: the texts on which readers of quantities stumble.
NUMERALS = "零〇一二两三四五六七八九十百千万亿半几多来点壹佰仟把0123456789wWkK:%-.,"
UNITS = "个年月日天前后底初号岁亩分厘块元毛角整成户口人组村镇闰第"
WORDS = [
    "腊月",
    "正月",
    "农历",
    "去年",
    "中秋",
    "过年",
    "大年初",
    "百分之",
    "月息",
    "凌晨",
    "京A",
    "99999",
    "东沟",
    "电话",
]
PIECES = st.sampled_from([*NUMERALS, *UNITS, *WORDS])
QUANTITIES = st.lists(PIECES, max_size=60).map("".join)
ROUGH = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)

Understand = Callable[[str], Message]


@pytest.fixture(scope="module")
def understand(tmp_path_factory: pytest.TempPathFactory) -> Understand:
    data = Normaliser().process_training_data(training_data_from_paths([str(DATA / "nlu.yml")], "zh"))
    classifiers = [
        stored_and_loaded(cls, data, tmp_path_factory.mktemp(cls.__name__))[1]
        for cls in (ActClassifier, DisputeClassifier)
    ]
    config = {**FallbackClassifier.get_default_config(), **configuration("FallbackClassifier")}
    fallback = FallbackClassifier.create(config, LocalModelStorage(Path()), Resource("f"), CONTEXT)
    steps: list[Any] = [Normaliser(), *classifiers, RuleEntityExtractor(), fallback]

    def run(text: str) -> Message:
        messages = [Message({"text": text, "metadata": {"now": NOW}})]
        for step in steps:
            messages = step.process(messages)
        return messages[0]

    return run


def check(message: Message) -> None:
    text, end = message.get("text"), 0
    for entity in message.get("entities"):
        assert end <= entity["start"] < entity["end"] <= len(text)
        assert text[entity["start"] : entity["end"]] == entity["text"]
        end = entity["end"]
        json.dumps(entity["value"], allow_nan=False)
    assert "name" in message.get("intent")
    assert math.isfinite(message.get("triage")["confidence"])


@settings(ROUGH, max_examples=5000)
@given(text=UNICODE)
def test_any_unicode_passes_the_whole_pipeline(understand: Understand, text: str) -> None:
    check(understand(text))


@settings(ROUGH, max_examples=5000)
@given(text=QUANTITIES)
def test_any_heap_of_numbers_passes_the_whole_pipeline(understand: Understand, text: str) -> None:
    check(understand(text))


@settings(ROUGH, max_examples=2000)
@given(text=QUANTITIES, today=st.dates(date(1902, 1, 1), date(2098, 12, 31)))
def test_numbers_and_dates_never_raise(text: str, today: date) -> None:
    parse(text)
    parse_count(text)
    for _, _, period in find(text, today):
        assert period.first <= period.last
