"""What a model says of labelled sentences it never saw: one JSON line each, to be counted by whoever asks.

The sentences are Rasa NLU files (`nlu_data/frozen`); their metadata carries category and subcategory. Those of danger
and of calm (`crisis*.yml`) are of the shape the classifier of danger is taught with: of these only `danger` is told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

SLICE = 64


def labelled(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", ()):
            metadata = block.get("metadata") or {}
            told = {
                "act": block["intent"],
                "category": metadata.get("category"),
                "subcategory": metadata.get("subcategory"),
                "danger": None,
            }
            for line in block["examples"].splitlines():
                yield {"text": line.removeprefix("- ").strip(), **told}


def of_danger(folder: Path) -> Iterator[dict[str, Any]]:
    from bot.components.crisis_classifier import CALM, DANGER, sentences

    nothing = {"act": None, "category": None, "subcategory": None}
    for kind, text in sentences(folder, "crisis*.yml"):
        yield {"text": text, **nothing, "danger": CALM if kind == CALM else DANGER}


def evaluate(model: Path, folder: Path, out: Path) -> int:
    """Writes the lines to `out`; returns how many. Raises what loading a model raises that this code cannot read."""
    from rasa.core.agent import load_agent

    from bot.channels.desk import parse_batch

    agent = asyncio.run(load_agent(model_path=str(model)))
    rows = [*labelled(folder), *of_danger(folder)]
    with out.open("w", encoding="utf-8") as lines:
        for start in range(0, len(rows), SLICE):
            part = rows[start : start + SLICE]
            for row, parsed in zip(part, parse_batch(agent, [row["text"] for row in part]), strict=True):
                intent, triage = parsed.get("intent") or {}, parsed.get("triage") or {}
                got = {
                    "got_act": intent.get("name"),
                    "got_category": triage.get("category"),
                    "got_subcategory": triage.get("subcategory"),
                    "danger_sure": (parsed.get("danger") or {}).get("confidence") or 0.0,
                    "sure": triage.get("confidence") or 0.0,
                }
                lines.write(json.dumps({**row, **got}, ensure_ascii=False) + "\n")
    return len(rows)
