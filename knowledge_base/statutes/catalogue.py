"""The laws our answers may cite: names, dates, article numbers, what was repealed and what was superseded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.citations import Citation, CitationError, parse
from knowledge_base.schema import KnowledgeError, Problem

CATALOGUE = Path(__file__).with_name("catalogue.yml")


@dataclass(frozen=True)
class Law:
    """`missing` are article numbers below `highest` that do not exist; `inserted` the (X, Y) of 第X条之Y."""

    name: str
    short: tuple[str, ...]
    effective: date | None
    version: date
    highest: int
    missing: frozenset[int] = frozenset()
    inserted: frozenset[tuple[int, int]] = frozenset()

    def has(self, citation: Citation) -> bool:
        if citation.sub:
            return (citation.article, citation.sub) in self.inserted
        return 0 < citation.article <= self.highest and citation.article not in self.missing


@dataclass(frozen=True)
class Repealed:
    name: str
    since: date
    replaced_by: str


@dataclass(frozen=True)
class Superseded:
    """An article still in the text of a valid law but overtaken by a later rule; `warning` is shown with it."""

    id: str
    by: str
    warning: str


@dataclass(frozen=True)
class Catalogue:
    laws: Mapping[str, Law]
    repealed: Mapping[str, Repealed] = field(default_factory=dict)
    superseded: Mapping[str, Superseded] = field(default_factory=dict)

    def names(self) -> dict[str, str]:
        """Every name a person may write for a law, mapped to its full name."""
        out = {name: name for name in self.laws}
        for law in self.laws.values():
            out |= {short: law.name for short in law.short if len(short) > 1}
        return out

    def repealed_on(self, law: str, on: date) -> Repealed | None:
        gone = self.repealed.get(law)
        return gone if gone is not None and gone.since <= on else None

    def refusal(self, text: str, *, on: date, article_ids: frozenset[str] | None = None) -> str | None:
        """Why `text` may not be cited on that day, in Chinese; None when it may."""
        try:
            citation = parse(text)
        except CitationError as error:
            return str(error)
        if gone := self.repealed_on(citation.law, on):
            return f"{citation.law}已于 {gone.since} 废止，由{gone.replaced_by}接替"
        if citation.law in (short := self.names()) and short[citation.law] != citation.law:
            return f"请写法律全名“{short[citation.law]}”"
        law = self.laws.get(citation.law)
        if law is None:
            return f"法律目录里没有“{citation.law}”"
        if law.effective is not None and law.effective > on:
            return f"{law.name}到 {law.effective} 才施行"
        exists = law.has(citation) if article_ids is None else citation.id in article_ids
        return None if exists else f"{law.name}没有{citation.label}"


def _law(row: Mapping[str, Any]) -> Law:
    inserted = frozenset((int(a), int(b)) for a, b in (pair.split("-") for pair in row.get("inserted", ())))
    return Law(
        name=row["name"],
        short=tuple(row.get("short", ())),
        effective=row["effective"],
        version=row["version"],
        highest=row["highest"],
        missing=frozenset(row.get("missing", ())),
        inserted=inserted,
    )


@cache
def load_catalogue(path: Path = CATALOGUE) -> Catalogue:
    """Read once per process; nobody changes what it returns."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf8"))
        laws = [_law(row) for row in raw["laws"]]
        repealed = [Repealed(**row) for row in raw.get("repealed", ())]
        superseded = [Superseded(**row) for row in raw.get("superseded", ())]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise KnowledgeError([Problem(path.name, "", "", f"法律目录读不懂（{error}）")]) from error
    both = {law.name for law in laws} & {law.name for law in repealed}
    if both:
        raise KnowledgeError([Problem(path.name, name, "", "同时写成了有效和废止") for name in sorted(both)])
    return Catalogue(
        {law.name: law for law in laws},
        {law.name: law for law in repealed},
        {one.id: one for one in superseded},
    )
