"""Reads what reports are made of: the words, the limits, the sentences. Refuses content that is not whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem

HERE = Path(__file__).parent
KEYS = {
    "origins": dict,
    "origin_of_channel": dict,
    "small_cell": int,
    "review_when_all_agreed": int,
    "organisation_words": list,
    "measures": dict,
    "units": dict,
    "unit": str,
}


def load_statistics(path: Path = HERE / "statistics.yml") -> Mapping[str, Any]:
    """Raises KnowledgeError with every problem found."""
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    problems = [f"{key} 缺失或类型不对" for key, kind in KEYS.items() if not isinstance(found.get(key), kind)]
    if not problems:
        problems = _disagreements(found)
    if problems:
        raise KnowledgeError([Problem(path.name, "", "", one) for one in problems])
    return found


def _disagreements(found: Mapping[str, Any]) -> list[str]:
    strange = [value for value in found["origin_of_channel"].values() if value not in found["origins"]]
    problems = [f"origin_of_channel 里有不认识的来源：{value}" for value in strange]
    problems += [f"units 里有不认识的项目：{code}" for code in found["units"] if code not in found["measures"]]
    problems += [f"{key} 要大于 1" for key in ("small_cell", "review_when_all_agreed") if found[key] < 2]
    return problems
