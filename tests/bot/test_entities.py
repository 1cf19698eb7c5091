"""Villagers' sentences with every value they hold, read on 22 November 2026 (a Sunday): data/entities.yml."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from bot.extraction import Extractor
from bot.text import normalise
from tests.bot.conftest import DATA

TODAY = date(2026, 11, 22)
LEAST = 0.97
HALVES: dict[str, list[dict[str, Any]]] = yaml.safe_load((DATA / "entities.yml").read_text(encoding="utf-8"))


def read(extractor: Extractor, text: str) -> list[dict[str, Any]]:
    plain = normalise(text)
    found = extractor.extract(plain, TODAY)
    return [{"type": one.entity, "value": one.value, "text": plain[one.start : one.end]} for one in found]


def test_values_are_exact() -> None:
    """A sentence counts only when all of its entities, values and words are right and nothing else was found."""
    extractor = Extractor()
    cases = [case for half in HALVES.values() for case in half]
    misses = [
        f"{case['text']}\n  想要 {case['entities']}\n  读成 {read(extractor, case['text'])}"
        for case in cases
        if read(extractor, case["text"]) != case["entities"]
    ]
    assert 1 - len(misses) / len(cases) >= LEAST, "\n".join(misses)


def test_enough_cases_and_enough_traps() -> None:
    cases = [case for half in HALVES.values() for case in half]
    assert len(cases) == len({case["text"] for case in cases}) >= 420
    assert min(len(half) for half in HALVES.values()) >= 210
    assert sum(not case["entities"] for case in cases) >= 120
