"""The search index beside the SQLite file: word and bigram BM25 over the current articles, in their fixed order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.laid import laid
from knowledge_base.retrieval import inverted
from knowledge_base.retrieval.inverted import Inverted
from knowledge_base.retrieval.tokenise import bigrams, words
from knowledge_base.statutes.store import Article

FORMAT = "2"


@dataclass(frozen=True)
class LawName:
    name: str
    version: str
    effective: str


@dataclass(frozen=True)
class StatuteIndex:
    """Document n is article `labels[n]` of law `laws[law_of[n]]`; its text lies in `texts` between its offsets."""

    words: Inverted
    bigrams: Inverted
    laws: tuple[LawName, ...]
    labels: tuple[str, ...]
    law_of: NDArray[np.int32]
    texts: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def id(self, document: int) -> str:
        return f"{self.laws[self.law_of[document]].name}#{self.labels[document]}"

    def ids(self) -> list[str]:
        names = [law.name for law in self.laws]
        return [f"{names[law]}#{label}" for law, label in zip(self.law_of.tolist(), self.labels, strict=True)]

    def text(self, document: int) -> str:
        return self.texts[self.offsets[document] : self.offsets[document + 1]].tobytes().decode()


def index_folder(database: Path) -> Path:
    return database.with_name(database.stem + ".index")


def index_is_fresh(folder: Path, sign: str) -> bool:
    mark = folder / "fingerprint.txt"
    return mark.is_file() and mark.read_text(encoding="utf8") == f"{FORMAT}:{sign}"


def _counted(
    articles: Sequence[Article], terms: Callable[[Article], Counter[str]], tick: Callable[[int], None]
) -> Iterator[Counter[str]]:
    for done, article in enumerate(articles, 1):
        yield terms(article)
        if done % 2000 == 0 or done == len(articles):
            tick(done)


def build_index(
    articles: Sequence[Article],
    folder: Path,
    sign: str,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes the index whole and only then puts it in place of the old one. About half a minute for 57,000 articles."""
    total = 2 * len(articles)

    def tick(done: int) -> None:
        if progress is not None:
            progress(done, total)

    by_word = _counted(articles, lambda one: words(f"{one.law}。{one.text}"), tick)
    by_pair = _counted(articles, lambda one: bigrams(one.text), lambda done: tick(len(articles) + done))
    with laid(folder) as new:
        inverted.build_bm25(by_word).save(new, "words")
        inverted.build_bm25(by_pair).save(new, "bigrams")
        _save_names(articles, new)
        (new / "fingerprint.txt").write_text(f"{FORMAT}:{sign}", encoding="utf8")


def _save_names(articles: Sequence[Article], folder: Path) -> None:
    laws = {one.law: number for number, one in enumerate({one.law: one for one in articles}.values())}
    rows = {one.law: [one.law, one.version, one.effective] for one in articles}
    encoded = [one.text.encode() for one in articles]
    offsets = np.zeros(len(articles) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    np.save(folder / "law_of.npy", np.array([laws[one.law] for one in articles], dtype=np.int32))
    np.save(folder / "texts.npy", np.frombuffer(b"".join(encoded), dtype=np.uint8))
    np.save(folder / "offsets.npy", offsets)
    names = {"laws": [rows[law] for law in laws], "labels": [one.label for one in articles]}
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf8")


def load_index(folder: Path) -> StatuteIndex:
    """Opens the index; raises FileNotFoundError when nothing was imported."""
    names = json.loads((folder / "names.json").read_text(encoding="utf8"))
    return StatuteIndex(
        inverted.load(folder, "words"),
        inverted.load(folder, "bigrams"),
        tuple(LawName(*row) for row in names["laws"]),
        tuple(names["labels"]),
        np.load(folder / "law_of.npy"),
        np.asarray(np.load(folder / "texts.npy", mmap_mode="r")),
        np.load(folder / "offsets.npy"),
    )
