"""Short questions that lean on the answer just given (多久？要带啥？): told from the fields of that entry."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.schema import Entry, KnowledgeError, Problem

FOLLOW_UPS = Path(__file__).with_name("follow_ups.yml")
LONGEST = 16  # a longer question tells something of its own and is looked up whole
_LACKED = ("没有", "没", "无")  # 没有证据呢: tells of a lack, and does not ask what to bring
_SENTENCE = re.compile(r"(?<=[。！？])")
_FIELDS = frozenset({"evidence", "where", "steps"})


@dataclass(frozen=True)
class Aspect:
    """What of an entry is asked for: one of its lists, or its sentences with `pattern` in them.

    `instead`: by `category.subcategory`, `category` or `other`, the entry that tells what its neighbours leave out.
    """

    key: str
    title: str
    words: tuple[str, ...]
    field: str | None = None
    pattern: re.Pattern[str] | None = None
    instead: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def told(self, entry: Entry) -> list[str]:
        """The lines of the entry that answer it; none when the entry says nothing of the kind."""
        if self.field is not None:
            return list(getattr(entry, self.field))
        if self.pattern is None:
            return []
        texts = (entry.answer, *entry.exceptions, *entry.steps)
        sentences = (one.strip() for text in texts for one in _SENTENCE.split(text) if one.strip())
        return [one for one in dict.fromkeys(sentences) if self.pattern.search(one)]

    def stand_in(self, category: str, subcategory: str | None) -> str | None:
        """The id of the entry that answers when an entry of this kind does not."""
        kinds = (f"{category}.{subcategory}", category, "other")
        return next((self.instead[kind] for kind in kinds if kind in self.instead), None)

    def lacked_in(self, text: str) -> bool:
        """Whether the text says that one has none of it (没有证据呢)."""
        return self.field is not None and any(lack + word in text for word in self.words for lack in _LACKED)


def load_aspects(path: Path = FOLLOW_UPS) -> tuple[Aspect, ...]:
    rows = yaml.safe_load(path.read_text(encoding="utf8"))
    out, problems = [], []
    for row in rows:
        pattern = re.compile(row["pattern"]) if "pattern" in row else None
        out.append(
            Aspect(row["key"], row["title"], tuple(row["words"]), row.get("field"), pattern, row.get("instead", {}))
        )
        if (out[-1].field in _FIELDS) == (pattern is not None):
            problems.append(Problem(path.name, row["key"], "field", "要么写 field（条目的一栏），要么写 pattern"))
    if problems:
        raise KnowledgeError(problems)
    return tuple(out)


def aspect_of(text: str, aspects: Sequence[Aspect]) -> Aspect | None:
    """The first aspect one of whose words stands in a short text; none when the text says what is lacking."""
    if len(text) > LONGEST or any(one.lacked_in(text) for one in aspects):
        return None
    return next((one for one in aspects if any(word in text for word in one.words)), None)
