"""The values of the knowledge base: curated answers as frozen data, and the errors their loading can raise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from knowledge_base.citations import Citation

MIN_VARIANTS = 6
MAX_ANSWER = 200
MIN_STEPS = 2
MIN_EVIDENCE = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field of one entry; `message` is Chinese and meant for the writer of the file."""

    file: str
    entry: str
    field: str
    message: str

    def __str__(self) -> str:
        place = "｜".join(part for part in (self.file, self.entry, self.field) if part)
        return f"{place}：{self.message}"


class KnowledgeError(ValueError):
    """The content cannot be used; every problem found is listed, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("知识库内容有误：\n" + "\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Number:
    """A figure an answer states. `value` is a number, or a written range such as `20-30`."""

    name: str
    value: int | float | str
    unit: str


@dataclass(frozen=True)
class Entry:
    """One curated answer. `answer` opens with the plain reply; `citations` carry all the law it rests on."""

    id: str
    topic: str
    title: str
    category: str
    subcategory: str
    variants: tuple[str, ...]
    answer: str
    exceptions: tuple[str, ...]
    numbers: tuple[Number, ...]
    steps: tuple[str, ...]
    evidence: tuple[str, ...]
    where: tuple[str, ...]
    citations: tuple[Citation, ...]
    valid_from: date
    checked_on: date
    grade: str
    related: tuple[str, ...]
    corrects: str | None
    leads_to: str | None
    file: str = ""


@dataclass(frozen=True)
class KnowledgeBase:
    entries: tuple[Entry, ...]

    def by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def cited(self) -> frozenset[str]:
        """Article ids any entry rests on."""
        return frozenset(citation.id for entry in self.entries for citation in entry.citations)
