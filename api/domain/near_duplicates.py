"""Training sentences that say the same in the same words: a template with other slots, or a few characters changed."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SLOT = "〇"
LIKE = 0.8  # from this share of common character pairs on, two sentences are near duplicates
PROBES = 4  # of a sentence's rarest pairs; near duplicates share at least one of them
_NUMBER = re.compile(r"[0-9０-９.,%一二三四五六七八九十百千万亿两半几多]+")
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Twins:
    """Two sentences of the same label and how much of their character pairs they share, from 0 to 1."""

    one: str
    other: str
    alike: float


def near_duplicates(labelled: Mapping[str, Sequence[str]], slots: Sequence[str]) -> Iterator[Twins]:
    """Per label, each sentence with the earlier one most like it, if any is; `slots` are words that only fill in.

    Numbers always are slots, so that sentences of one template with other amounts come out as alike as can be.
    """
    pattern = re.compile("|".join(map(re.escape, sorted(slots, key=len, reverse=True)))) if slots else None
    for _, sentences in sorted(labelled.items()):
        yield from _within(sentences, [_bones(text, pattern) for text in sentences])


def _bones(text: str, slots: re.Pattern[str] | None) -> str:
    text = _MARKS.sub("", slots.sub(SLOT, text) if slots else text)
    return _NUMBER.sub(SLOT, text)


def _within(sentences: Sequence[str], bones: Sequence[str]) -> Iterator[Twins]:
    pairs = [frozenset(a + b for a, b in pairwise(text)) or frozenset({text}) for text in bones]
    known = Counter(pair for one in pairs for pair in one)
    earlier: dict[str, list[int]] = defaultdict(list)
    for at, own in enumerate(pairs):
        probes = sorted(own, key=lambda pair: (known[pair], pair))[:PROBES]
        found = {other for probe in probes for other in earlier[probe]}
        best = max(((_alike(own, pairs[other]), -other) for other in found), default=(0.0, 0))
        if best[0] >= LIKE:
            yield Twins(sentences[at], sentences[-best[1]], best[0])
        for probe in own:
            earlier[probe].append(at)


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
