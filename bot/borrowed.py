"""Training sentences lent by the statute search: a lay question whose article is known tells its category too.

`nlu_data/borrowed.yml` says which article stands for which `category.subcategory`; the questions are those of
`knowledge_base/retrieval/asked`, read as data. They teach the category only, never the dialogue act.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
ASKED = ROOT / "knowledge_base" / "retrieval" / "asked"
LABELS = ROOT / "nlu_data" / "borrowed.yml"
INTENT = "consultation"
TRIAGE_ONLY = "triage_only"

Ranges = list[tuple[int, int, str]]


def write_examples(target: Path, asked: Path = ASKED, labels: Path = LABELS) -> int:
    """Writes a Rasa NLU file with every borrowed question; returns how many."""
    by_label: dict[str, list[str]] = {}
    for label, question in questions(asked, labels):
        by_label.setdefault(label, []).append(question)
    blocks = [_block(label, texts) for label, texts in sorted(by_label.items())]
    content = {"version": "3.1", "nlu": blocks}
    target.write_text(yaml.safe_dump(content, allow_unicode=True, width=10_000, sort_keys=False), encoding="utf-8")
    return sum(map(len, by_label.values()))


def questions(asked: Path, labels: Path) -> Iterator[tuple[str, str]]:
    """(label, question) for each question whose article has a label."""
    known = {law: _ranges(law, told) for law, told in _read(labels).items()}
    for path in sorted(asked.glob("*.yml")):
        for law, articles in _read(path).items():
            for number, asked_here in articles.items():
                label = _label(known.get(law, []), int(str(number).partition("-")[0]))
                if label:
                    yield from ((label, text.strip()) for text in str(asked_here).split("；") if text.strip())


def _block(label: str, texts: list[str]) -> dict[str, Any]:
    category, _, subcategory = label.partition(".")
    metadata = {"category": category, "subcategory": subcategory, TRIAGE_ONLY: True, "manner": "lent"}
    return {"intent": INTENT, "metadata": metadata, "examples": "".join(f"- {text}\n" for text in dict.fromkeys(texts))}


def _ranges(law: str, told: Any) -> Ranges:
    if isinstance(told, str):
        return [(0, 10_000, told)]
    try:
        return [(*map(int, str(span).split("-")), label) for span, label in told.items()]
    except (AttributeError, ValueError) as error:
        raise ValueError(f"borrowed.yml 里《{law}》的条号范围读不懂：{error}") from error


def _label(ranges: Ranges, article: int) -> str | None:
    return next((label for first, last, label in ranges if first <= article <= last), None)


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {})
