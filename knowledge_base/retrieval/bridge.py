"""The bridge from lay questions to articles: a new question is compared with wordings whose articles are known.

Wordings come from three places, all our own: the variants of the curated answers with their citations, `lay/*.yml`,
where articles people often need are listed with the words a villager would use for them, and `asked/*.yml`, whole
questions an article answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from knowledge_base.citations import Citation
from knowledge_base.retrieval import inverted
from knowledge_base.retrieval.inverted import Inverted
from knowledge_base.retrieval.kept import NOTHING_KEPT, Kept
from knowledge_base.retrieval.said import WHOLE
from knowledge_base.retrieval.tokenise import ngrams
from knowledge_base.schema import KnowledgeBase, KnowledgeError, Problem

LAY = Path(__file__).with_name("lay")
ASKED = Path(__file__).with_name("asked")


@dataclass(frozen=True)
class Wording:
    """A way of asking, and the articles that answer it with the share each gets (first citations count most)."""

    text: str
    articles: tuple[tuple[str, float], ...]
    origin: str


@dataclass(frozen=True)
class Bridge:
    index: Inverted
    wordings: tuple[Wording, ...]

    def nearest(self, text: str, most: int) -> list[tuple[float, Wording]]:
        """The closest wordings with their cosine, best first."""
        scores = self.index.scores(inverted.unit(self.index, ngrams(text)), most=200)
        if not scores.size:
            return []
        top = np.argpartition(-scores, min(most, scores.size) - 1)[:most]
        ranked = top[np.argsort(-scores[top], kind="stable")]
        return [(float(scores[at]), self.wordings[at]) for at in ranked if scores[at] > 0]


def build_bridge(wordings: Sequence[Wording], kept: Kept = NOTHING_KEPT) -> Bridge:
    texts = [one.text for one in wordings]
    index = kept.index("bridge", texts, lambda: inverted.build_cosine(map(ngrams, texts)))
    return Bridge(index, tuple(wordings))


def from_entries(base: KnowledgeBase, said: Mapping[str, Sequence[str]] | None = None) -> list[Wording]:
    """The entries' wordings, and the whole phrases of `said`, with their citations."""
    out = []
    for entry in base.entries:
        more = [text for text in (said or {}).get(entry.id, ()) if len(text) >= WHOLE]
        shares = tuple((citation.id, 1 / (1 + 0.25 * place)) for place, citation in enumerate(entry.citations))
        out += [Wording(text, shares, entry.id) for text in (entry.title, *entry.variants, *more)]
    return out


def _lay_file(path: Path) -> Iterable[Wording]:
    raw = yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)
    for law, articles in raw.items():
        for number, phrases in articles.items():
            article, _, sub = str(number).partition("-")
            id = Citation(law, int(article), int(sub or 0)).id
            for phrase in str(phrases).split("；"):
                if phrase.strip():
                    yield Wording(phrase.strip(), ((id, 1.0),), path.parent.name)


def load_lay(*folders: Path) -> list[Wording]:
    """`法名: {条号: 说法；说法}`; 条号 is a number, or X-Y for 第X条之Y. Both folders of ours when none is named."""
    out: list[Wording] = []
    for path in sorted(path for folder in folders or (LAY, ASKED) for path in folder.glob("*.yml")):
        try:
            out += _lay_file(path)
        except (yaml.YAMLError, AttributeError, ValueError) as error:
            raise KnowledgeError([Problem(path.name, "", "", f"读不懂（{error}）")]) from error
    return out
