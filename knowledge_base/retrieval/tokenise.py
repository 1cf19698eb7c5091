"""Turns text into terms: jieba words, character bigrams and character n-grams. Punctuation never becomes a term."""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba 0.42.1 has escapes newer Pythons warn of when they first compile it
    import jieba

_RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
STOPWORDS = Path(__file__).with_name("stopwords.txt")


@cache
def _stopwords() -> frozenset[str]:
    return frozenset(STOPWORDS.read_text(encoding="utf8").split())


@cache
def _cutter() -> Any:
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    return jieba


def warm_up() -> None:
    """Loads the word list (about a second), so that the first question does not pay for it."""
    _cutter()
    _stopwords()


def fold(text: str) -> str:
    """Full-width to half-width, lower case."""
    return text.translate(_WIDE).lower()


def words(text: str) -> Counter[str]:
    """Words and the shorter words inside long ones; stop words and single punctuation are left out."""
    cut, stop = _cutter(), _stopwords()
    out: Counter[str] = Counter()
    for run in _RUN.findall(fold(text)):
        if not _HAN.match(run):
            out[run] += 1
            continue
        out.update(token for token in cut.cut_for_search(run, HMM=False) if token not in stop)
    return out


def bigrams(text: str) -> Counter[str]:
    """Overlapping pairs of Chinese characters."""
    out: Counter[str] = Counter()
    for run in _HAN.findall(fold(text)):
        out.update(map("".join, pairwise(run)))
    return out


def ngrams(text: str, longest: int = 3) -> Counter[str]:
    """Characters and their runs up to `longest`, not crossing punctuation."""
    out: Counter[str] = Counter()
    for run in _RUN.findall(fold(text)):
        if not _HAN.match(run):
            out[run] += 1
            continue
        for size in range(1, longest + 1):
            out.update(run[at : at + size] for at in range(len(run) - size + 1))
    return out


def ngrams_and_words(text: str) -> Counter[str]:
    """What the learned likeness reads of a text."""
    out = ngrams(text)
    out.update(words(text))
    return out
