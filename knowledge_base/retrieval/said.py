"""More ways people ask for an entry than its file lists (said/*.yml): often fragments, so they only help to find it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from knowledge_base.schema import KnowledgeError, Problem

SAID = Path(__file__).with_name("said")
WHOLE = 7  # a phrase of so many characters is a wording of its own, a shorter one only words


def load_said(folder: Path = SAID) -> dict[str, tuple[str, ...]]:
    """`条目编号: 说法；说法` of all files; an entry may stand in several."""
    out: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            raw = yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)
            for entry, phrases in raw.items():
                told = tuple(phrase.strip() for phrase in str(phrases).split("；") if phrase.strip())
                out[entry] = (*out.get(entry, ()), *told)
        except (yaml.YAMLError, AttributeError) as error:
            raise KnowledgeError([Problem(path.name, "", "", f"读不懂（{error}）")]) from error
    return out


def unknown(said: Mapping[str, Collection[str]], entries: Collection[str]) -> list[str]:
    """Entries spoken of that do not exist."""
    return sorted(set(said) - set(entries))
