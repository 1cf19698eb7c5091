"""Indexes over our own wordings, kept in a folder so that the next start reads instead of counting words again."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from knowledge_base.laid import laid
from knowledge_base.retrieval import embedding, inverted
from knowledge_base.retrieval.embedding import Embedding
from knowledge_base.retrieval.inverted import Inverted
from knowledge_base.retrieval.synonyms import SYNONYMS
from knowledge_base.retrieval.tokenise import STOPWORDS

_END = "\x1f"
FORMAT = "3"  # another number when the counting of terms changes


@dataclass(frozen=True)
class Kept:
    """`folder` None keeps nothing: every index is built anew. A kept index of other texts is replaced."""

    folder: Path | None = None

    def index(self, name: str, texts: Iterable[str], build: Callable[[], Inverted]) -> Inverted:
        """The index `name` over exactly these texts, read when it is there and built by `build` when not."""
        if self.folder is None:
            return build()
        return inverted.load(self._place(self.folder, name, texts, lambda new: build().save(new, name)), name)

    def embedding(self, name: str, texts: Iterable[str], build: Callable[[], Embedding]) -> Embedding | None:
        """As `index`, but learning takes half a minute: where nothing is kept there is none."""
        if self.folder is None:
            return None
        return embedding.load(self._place(self.folder, name, texts, lambda new: build().save(new)))

    @staticmethod
    def _place(folder: Path, name: str, texts: Iterable[str], write: Callable[[Path], None]) -> Path:
        place = folder / f"{name}-{_sign(texts)}"
        if not place.is_dir():
            with laid(place, replace=False) as new:
                write(new)
            for old in folder.glob(f"{name}-*"):
                if old != place and "." not in old.name:  # with a dot: another process is still writing it
                    shutil.rmtree(old, ignore_errors=True)
        return place

    def bm25(self, name: str, documents: Sequence[Sequence[str]], terms: Callable[[str], Counter[str]]) -> Inverted:
        """The index of documents that consist of several texts each; `terms` counts the terms of one text."""

        def counted(texts: Sequence[str]) -> Counter[str]:
            out: Counter[str] = Counter()
            for text in texts:
                out.update(terms(text))
            return out

        return self.index(name, map(_END.join, documents), lambda: inverted.build_bm25(map(counted, documents)))


NOTHING_KEPT = Kept()


def _sign(texts: Iterable[str]) -> str:
    digest = hashlib.sha256(f"{FORMAT} {version('jieba')}".encode())
    for path in (STOPWORDS, SYNONYMS):
        digest.update(path.read_bytes())
    for text in texts:
        digest.update(text.encode() + b"\n")
    return digest.hexdigest()[:24]
