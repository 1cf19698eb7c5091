"""What is learned of the ways people ask for the curated answers, and of the ways they tell what befell them.

The terms share their vectors between two tasks: the labelled sentences of the bot teach what words mean (that 薅 and 拔
happen to crops), the wordings of the entries which of them is asked for.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.retrieval.embedding import Embedding, Example, Learning, first_of, learn_side_by_side
from knowledge_base.retrieval.said import WHOLE

POSTS = Path(__file__).resolve().parents[2] / "nlu_data" / "nlu"
POST_WEIGHT, TEXT_WEIGHT = 0.5, 0.3  # a labelled sentence, and one of an answer, beside a wording of an entry
NO_MATTER = frozenset({"chitchat", "other_service"})
BEGINNINGS = (7, 8, 9)
LEARNING = Learning(size=64, rounds=6, batch=256, least=3)
_SENTENCE = re.compile(r"[。；？\n]")

Terms = Callable[[str], Counter[str]]
Taught = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Posts:
    """Labelled sentences of the bot (Rasa NLU files); None for none. Read only when something is to be learned."""

    folder: Path | None = POSTS

    def marks(self) -> Iterator[str]:
        """What tells these sentences from others, without reading them as YAML."""
        for path in self._files():
            yield f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"

    def read(self) -> list[tuple[str, str | None]]:
        """(sentence, `category.subcategory`), with None for what is no matter of law; other sentences are left out."""
        out: list[tuple[str, str | None]] = []
        for path in self._files():
            for block in yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)["nlu"]:
                told = block.get("metadata") or {}
                if "subcategory" in told or block["intent"] in NO_MATTER:
                    label = f"{told['category']}.{told['subcategory']}" if "subcategory" in told else None
                    out += [(line[2:].strip(), label) for line in block["examples"].split("\n") if line[:2] == "- "]
        return out

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.yml")) if self.folder else []


OUR_POSTS = Posts()


def learn_entries(own: Taught, texts: Taught, entries: int, posts: Posts, terms: Terms) -> Embedding:
    """`own` are wordings and `texts` parts of the answers, each with the number of its entry.

    The answers of the model are the entries and, last, “none of them”. Takes about a minute for all of ours.
    """
    told = posts.read()
    labels = sorted({label for _, label in told if label})
    number = {label: entries + 1 + at for at, label in enumerate(labels)}
    whole = entries + 1 + len(labels)
    known, labelled = (0, entries + 1), (entries + 1, whole)
    examples = [Example(terms(text), [(at, 1.0)], among=known) for text, at in own]
    examples += [
        Example(terms(one), [(at, 1.0)], TEXT_WEIGHT, known)
        for text, at in texts
        for one in _SENTENCE.split(text)
        if len(one) >= WHOLE
    ]
    examples += [
        Example(terms(text), [(number[label], 1.0)], POST_WEIGHT, labelled)
        if label
        else Example(terms(text), [(entries, 1.0)], POST_WEIGHT, known)
        for text, label in told
    ]
    return first_of(learn_side_by_side(examples, whole, LEARNING, BEGINNINGS), entries + 1)
