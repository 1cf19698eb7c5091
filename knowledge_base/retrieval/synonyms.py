"""Lay words that mean much the same (synonyms.yml): each group becomes one more term beside the words themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import yaml

from knowledge_base.retrieval.tokenise import fold
from knowledge_base.schema import KnowledgeError, Problem

SYNONYMS = Path(__file__).with_name("synonyms.yml")
_MARK = "≈"


class Synonyms:
    """Finds groups in a text; at each place the longest word wins, and its groups are counted once per text."""

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups: dict[str, set[str]] = {}
        for name, listed in groups.items():
            for word in (name, *listed.split()):
                self._groups.setdefault(fold(word), set()).add(_MARK + name)
        self._longest = max(map(len, self._groups), default=0)

    def __len__(self) -> int:
        return len(self._groups)

    def found(self, text: str) -> Counter[str]:
        text, at = fold(text), 0
        out: Counter[str] = Counter()
        while at < len(text):
            size = next((n for n in range(self._longest, 0, -1) if text[at : at + n] in self._groups), 0)
            for group in self._groups.get(text[at : at + size], ()):
                out[group] = 1
            at += size or 1
        return out


def load_synonyms(path: Path = SYNONYMS) -> Synonyms:
    raw = yaml.safe_load(path.read_text(encoding="utf8"))
    if not isinstance(raw, dict) or not all(isinstance(one, str) for pair in raw.items() for one in pair):
        raise KnowledgeError([Problem(path.name, "", "", "每行要是“组名: 说法 说法”")])
    return Synonyms(raw)
