"""One word per thing: the Chinese and English terms used in code, pages and messages (glossary.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.schema import KnowledgeError, Problem

GLOSSARY = Path(__file__).with_name("glossary.yml")


@dataclass(frozen=True)
class Term:
    """`code` is the identifier used in code, `plain` a wording for villagers where the term is hard."""

    zh: str
    en: str
    code: str
    plain: str | None = None


@dataclass(frozen=True)
class Glossary:
    terms: tuple[Term, ...]

    def by_code(self) -> dict[str, Term]:
        return {term.code: term for term in self.terms}

    def by_zh(self) -> dict[str, Term]:
        return {term.zh: term for term in self.terms}


def load_glossary(path: Path = GLOSSARY) -> Glossary:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf8"))
        terms = tuple(Term(**row) for rows in raw.values() for row in rows)
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise KnowledgeError([Problem(path.name, "", "", f"读不懂（{error}）")]) from error
    problems = []
    for field in ("zh", "en", "code"):
        values = [getattr(term, field) for term in terms]
        problems += [
            Problem(path.name, value, field, "一个词只能指一样东西，写了两遍")
            for value in sorted({one for one in values if values.count(one) > 1})
        ]
    if problems:
        raise KnowledgeError(problems)
    return Glossary(terms)
