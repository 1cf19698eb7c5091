"""The concepts a text speaks of: words of one meaning under one name, from `nlu_data/lookups/concepts/*.yml`.

Sparse n-grams know nothing of a word they never saw in training; a concept lends it the meaning of its neighbours.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, pairwise
from pathlib import Path

import yaml

LOOKUPS = Path(__file__).resolve().parent.parent / "nlu_data" / "lookups"
FOLDER = LOOKUPS / "concepts"
SIGNS = LOOKUPS / "signs"


class Concepts:
    """Finds words left to right, the longest first; a word may belong to several concepts."""

    def __init__(self, words: dict[str, tuple[str, ...]]) -> None:
        self._words = words
        longest: dict[str, int] = {}
        for word in words:
            longest[word[0]] = max(longest.get(word[0], 0), len(word))
        self._longest = longest

    def find(self, text: str) -> list[str]:
        """Concept names in the order met, repeated as often as met."""
        found: list[str] = []
        at, end = 0, len(text)
        while at < end:
            step = 1
            for length in range(min(self._longest.get(text[at], 0), end - at), 0, -1):
                names = self._words.get(text[at : at + length])
                if names:
                    found += names
                    step = length
                    break
            at += step
        return found


def load(folder: Path = FOLDER) -> Concepts:
    """Raises ValueError for a file that is not `concept: words separated by blanks`."""
    words: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
            raise ValueError(f"{path.name} 应当是“概念: 用空格隔开的词”")
        for name, listed in raw.items():
            for word in listed.lower().split():
                words.setdefault(word, []).append(str(name))
    return Concepts({word: tuple(dict.fromkeys(names)) for word, names in words.items()})


@lru_cache(maxsize=2)
def known(folder: Path = FOLDER) -> Concepts:
    return load(folder)


def concepts(text: str) -> list[str]:
    return known().find(text.lower())


def concepts_and_pairs(text: str) -> list[str]:
    """Each concept, and each two that stand in one text: a debt beside a marriage is another matter than a debt."""
    found = concepts(text)
    return found + [f"{one}+{other}" for one, other in combinations(sorted(set(found)), 2)]


def signs(text: str) -> list[str]:
    """Signs of danger or calm, and each two that follow one another: who does what to whom is a matter of order."""
    found = known(SIGNS).find(text.lower())
    return found + [f"{one}>{other}" for one, other in pairwise(found)]


def sign_pairs(text: str) -> list[str]:
    """Each two signs that stand in one text, in whatever order: a knife beside a pig is another matter than a knife."""
    names = sorted(set(known(SIGNS).find(text.lower())))
    return [f"{one}+{other}" for one, other in combinations(names, 2)]
