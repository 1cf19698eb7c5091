"""Lay words and the legal words that stand for them in statutes (lexicon.yml)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import yaml

from knowledge_base.retrieval.tokenise import bigrams, fold, words
from knowledge_base.schema import KnowledgeError, Problem

LEXICON = Path(__file__).with_name("lexicon.yml")


class Lexicon:
    """Adds legal words to a lay question; the longest lay phrase found wins over the shorter ones inside it."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self._pairs = {fold(lay): legal for lay, legal in pairs.items()}
        self._words = {lay: words(legal) for lay, legal in self._pairs.items()}
        self._bigrams = {lay: bigrams(legal) for lay, legal in self._pairs.items()}

    def __len__(self) -> int:
        return len(self._pairs)

    def found(self, text: str) -> list[str]:
        text = fold(text)
        hits = [lay for lay in self._pairs if lay in text]
        return [lay for lay in hits if not any(lay != other and lay in other for other in hits)]

    def added(self, text: str) -> tuple[Counter[str], Counter[str]]:
        """Legal words and bigrams for the lay phrases in the text."""
        by_word: Counter[str] = Counter()
        by_pair: Counter[str] = Counter()
        for lay in self.found(text):
            by_word |= self._words[lay]
            by_pair |= self._bigrams[lay]
        return by_word, by_pair


def load_lexicon(path: Path = LEXICON) -> Lexicon:
    raw = yaml.safe_load(path.read_text(encoding="utf8"))
    if not isinstance(raw, dict) or not all(isinstance(one, str) for pair in raw.items() for one in pair):
        raise KnowledgeError([Problem(path.name, "", "", "每行要是“口语: 法言法语”")])
    return Lexicon(raw)
