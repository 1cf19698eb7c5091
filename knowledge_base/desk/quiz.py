"""Reads the questions of the training quiz."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.citations import CitationError, parse
from knowledge_base.schema import KnowledgeError, Problem

FILE = Path(__file__).with_name("quiz.yml")
LEAST_OPTIONS = 3


@dataclass(frozen=True)
class Question:
    """`right` is the index of the right option; `article` the id of what it rests on."""

    id: str
    topic: str
    text: str
    options: tuple[str, ...]
    right: int
    why: str
    article: str


@dataclass(frozen=True)
class Quiz:
    questions: Mapping[str, Question]
    topics: Mapping[str, str]
    per_quiz: int
    pass_percent: int


def load_quiz(path: Path = FILE) -> Quiz:
    """Raises KnowledgeError with every problem found."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    rows = [Question(**{**row, "options": tuple(map(str, row["options"]))}) for row in raw["questions"]]
    problems = [Problem(path.name, *one) for one in _wrong(rows, raw)]
    if problems:
        raise KnowledgeError(problems)
    return Quiz({one.id: one for one in rows}, raw["topics"], raw["questions_per_quiz"], raw["pass_percent"])


def _wrong(rows: list[Question], raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from ((id, "id", "编号重复") for id, times in Counter(one.id for one in rows).items() if times > 1)
    for one in rows:
        if one.topic not in raw["topics"]:
            yield one.id, "topic", f"没有“{one.topic}”这个范围"
        if len(set(one.options)) < max(LEAST_OPTIONS, len(one.options)):
            yield one.id, "options", "选项太少或者有一样的"
        if not 0 <= one.right < len(one.options):
            yield one.id, "right", "正确答案不在选项里"
        try:
            parse(one.article)
        except CitationError as error:
            yield one.id, "article", str(error)
