"""Reads knowledge_base/topics and refuses content that is incomplete, uncited or cites law not in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.citations import parse
from knowledge_base.schema import (
    MAX_ANSWER,
    MIN_EVIDENCE,
    MIN_STEPS,
    MIN_VARIANTS,
    Entry,
    KnowledgeBase,
    KnowledgeError,
    Number,
    Problem,
)
from knowledge_base.statutes.catalogue import Catalogue

TOPICS = Path(__file__).with_name("topics")
Taxonomy = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Rules:
    """What an entry is checked against. `article_ids` is the imported text, when there is one;

    `destinations` are the calculators and papers there are (`calculator:severance`, `paper:iou`).
    """

    catalogue: Catalogue
    article_ids: frozenset[str] | None = None
    taxonomy: Taxonomy | None = None
    destinations: frozenset[str] | None = None


class _Reader:
    """Takes the fields of one entry apart and remembers what was wrong with each."""

    def __init__(self, raw: Mapping[str, Any], file: str) -> None:
        self.raw, self.file = raw, file
        self.id = str(raw.get("id") or "（无编号）")
        self.problems: list[Problem] = []

    def refuse(self, field: str, message: str) -> None:
        self.problems.append(Problem(self.file, self.id, field, message))

    def text(self, field: str) -> str:
        value = self.raw.get(field)
        if not isinstance(value, str) or not value.strip():
            self.refuse(field, "缺少，或不是文字")
            return ""
        return value.strip()

    def optional(self, field: str) -> str | None:
        return self.text(field) if self.raw.get(field) is not None else None

    def day(self, field: str) -> date:
        value = self.raw.get(field)
        if type(value) is date:
            return value
        self.refuse(field, "缺少，或不是 2026-11-21 这样的日期")
        return date.min

    def texts(self, field: str, least: int = 0) -> tuple[str, ...]:
        value = self.raw.get(field)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.refuse(field, "缺少，或不是一列文字")
            return ()
        if len(value) < least:
            self.refuse(field, f"至少要 {least} 条，现在 {len(value)} 条")
        return tuple(one.strip() for one in value)

    def numbers(self) -> tuple[Number, ...]:
        out = []
        for one in self.raw.get("numbers") or []:
            good = isinstance(one, dict) and {"name", "value", "unit"} <= one.keys()
            if not good or isinstance(one["value"], bool) or not isinstance(one["value"], int | float | str):
                self.refuse("numbers", f"“{one}”要有 name、value、unit")
                continue
            out.append(Number(str(one["name"]), one["value"], str(one["unit"])))
        return tuple(out)


def _check_rules(reader: _Reader, rules: Rules, on: date) -> None:
    ids = reader.texts("citations", 1)
    for text in ids:
        if why := rules.catalogue.refusal(text, on=on, article_ids=rules.article_ids):
            reader.refuse("citations", why)
    if len(set(ids)) < len(ids):
        reader.refuse("citations", "同一条写了两遍")
    if len(answer := str(reader.raw.get("answer") or "").strip()) > MAX_ANSWER:
        reader.refuse("answer", f"{len(answer)} 个字，超过 {MAX_ANSWER} 个字")
    if reader.raw.get("grade") != "A":
        reader.refuse("grade", "只收核实等级 A 的内容")
    leads_to = reader.raw.get("leads_to")
    if leads_to is not None and rules.destinations is not None and leads_to not in rules.destinations:
        reader.refuse("leads_to", f"没有“{leads_to}”这个计算或文书")
    category, subcategory = reader.raw.get("category"), reader.raw.get("subcategory")
    if rules.taxonomy is not None and subcategory not in rules.taxonomy.get(str(category), ()):
        reader.refuse("subcategory", f"分类表里没有 {category}.{subcategory}")


def _entry(reader: _Reader, topic: str, rules: Rules) -> Entry | None:
    checked_on = reader.day("checked_on")
    _check_rules(reader, rules, checked_on)
    fields: dict[str, Any] = {
        "id": reader.text("id"),
        "topic": topic,
        "title": reader.text("title"),
        "category": reader.text("category"),
        "subcategory": reader.text("subcategory"),
        "variants": reader.texts("variants", MIN_VARIANTS),
        "answer": reader.text("answer"),
        "exceptions": reader.texts("exceptions"),
        "numbers": reader.numbers(),
        "steps": reader.texts("steps", MIN_STEPS),
        "evidence": reader.texts("evidence", MIN_EVIDENCE),
        "where": reader.texts("where"),
        "valid_from": reader.day("valid_from"),
        "checked_on": checked_on,
        "grade": str(reader.raw.get("grade")),
        "related": reader.texts("related"),
        "corrects": reader.optional("corrects"),
        "leads_to": reader.optional("leads_to"),
        "file": reader.file,
    }
    if reader.problems:
        return None
    return Entry(citations=tuple(parse(text) for text in reader.raw["citations"]), **fields)


def _read(path: Path, rules: Rules) -> tuple[list[Entry], list[Problem]]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [], [Problem(path.name, "", "", f"不是合格的 YAML（{error}）")]
    if not isinstance(raw, dict) or not isinstance(raw.get("topic"), str) or not isinstance(raw.get("entries"), list):
        return [], [Problem(path.name, "", "", "要有 topic 和 entries")]
    entries: list[Entry] = []
    problems: list[Problem] = []
    for one in raw["entries"]:
        if not isinstance(one, dict):
            problems.append(Problem(path.name, "", "entries", f"“{one}”不是一条答案"))
            continue
        reader = _Reader(one, path.name)
        entry = _entry(reader, raw["topic"], rules)
        problems += reader.problems
        if entry is not None:
            entries.append(entry)
    return entries, problems


def normal(text: str) -> str:
    """The text without spaces and punctuation, for telling two wordings apart."""
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _repeats(entries: list[Entry], field: str, keys: Callable[[Entry], Collection[str]]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for entry in entries:
        for key in keys(entry):
            if key in seen:
                problems.append(Problem(entry.file, entry.id, field, f"“{key}”和 {seen[key]} 重复"))
            seen.setdefault(key, entry.id)
    return problems


def _dangling(entries: list[Entry]) -> list[Problem]:
    known = {entry.id for entry in entries}
    return [
        Problem(entry.file, entry.id, "related", f"没有编号为“{other}”的答案")
        for entry in entries
        for other in entry.related
        if other not in known or other == entry.id
    ]


def inspect_topics(folder: Path, rules: Rules) -> tuple[list[Entry], list[Problem]]:
    """The entries that stand alone, and everything wrong in the folder. Loading refuses if there is any problem."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        good, bad = _read(path, rules)
        entries += good
        problems += bad
    problems += _repeats(entries, "id", lambda entry: [entry.id])
    problems += _repeats(entries, "variants", lambda entry: [normal(variant) for variant in entry.variants])
    if not problems:
        problems += _dangling(entries)
    return entries, problems


def load_topics(
    folder: Path,
    catalogue: Catalogue,
    *,
    article_ids: frozenset[str] | None = None,
    taxonomy: Taxonomy | None = None,
    destinations: frozenset[str] | None = None,
) -> KnowledgeBase:
    """All entries of the folder, or KnowledgeError with every problem.

    With `article_ids` (the imported text of the law) citations are checked against the real articles instead of the
    numbers in the catalogue; with `taxonomy` (category → subcategories) the codes are checked too, with
    `destinations` what an entry leads to.
    """
    entries, problems = inspect_topics(folder, Rules(catalogue, article_ids, taxonomy, destinations))
    if problems:
        raise KnowledgeError(problems)
    return KnowledgeBase(tuple(entries))
