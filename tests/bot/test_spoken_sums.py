"""Spoken sums, from the bot's own reading to the facts of a calculator: data/spoken_sums.yml."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from bot.extraction import Extractor
from bot.text import normalise
from knowledge_base.calculators import load_calculators
from knowledge_base.calculators.figures import load_figures
from knowledge_base.fields import FactError
from knowledge_base.reading import answer, prefill
from knowledge_base.statutes.catalogue import load_catalogue
from tests.bot.conftest import DATA

TODAY = date(2026, 11, 22)
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((DATA / "spoken_sums.yml").read_text(encoding="utf-8"))
CALCULATORS = load_calculators(load_catalogue(), load_figures())


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


def entities(extractor: Extractor, text: str) -> list[dict[str, Any]]:
    found = extractor.extract(text, TODAY)
    return [{"entity": one.entity, "value": one.value, "text": text[one.start : one.end]} for one in found]


def plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Values as the table writes them."""
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("case", CASES["told"], ids=lambda case: case["text"])
def test_a_sentence_fills_what_it_says_and_nothing_else(extractor: Extractor, case: dict[str, Any]) -> None:
    text = normalise(case["text"])
    facts = prefill(CALCULATORS[case["code"]].fields, text, entities(extractor, text))
    assert plain(facts) == case["facts"]


@pytest.mark.parametrize("case", CASES["answered"], ids=lambda case: f"{case['field']}-{case['text']}")
def test_an_answer_is_read_right_or_asked_back(extractor: Extractor, case: dict[str, Any]) -> None:
    text, fields = normalise(case["text"]), CALCULATORS[case["code"]].fields
    field = next(one for one in fields if one.id == case["field"])
    if "refused" in case:
        with pytest.raises(FactError, match=case["refused"]):
            answer(fields, field, text, entities(extractor, text))
    else:
        assert plain(answer(fields, field, text, entities(extractor, text))) == case["facts"]


def test_every_calculator_is_spoken_to() -> None:
    assert {case["code"] for case in CASES["told"]} == set(CALCULATORS)
    assert len(CASES["told"]) >= 80
