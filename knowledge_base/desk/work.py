"""Reads the kinds of work beside tickets: what each record holds, how it moves, who sees it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.fields import Field, field_of
from knowledge_base.schema import KnowledgeError, Problem

FILE = Path(__file__).with_name("work_kinds.yml")
SEEN_BY = ("scope", "staff", "public")
PERSONAL = re.compile(r"name|person|姓名|身份证|人员|住址")
PERSONAL_TYPES = ("phone", "id_card")


@dataclass(frozen=True)
class KindContent:
    """One kind as written; `raw` keeps statuses, moves and the rest in the words of the file."""

    code: str
    zh: str
    fields: tuple[Field, ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class WorkContent:
    """`persons`: words that would turn a record about places into one about people, with what is answered."""

    kinds: Mapping[str, KindContent]
    persons: Mapping[str, Any]


def load_work(path: Path = FILE) -> WorkContent:
    """Raises KnowledgeError with every problem found."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    kinds: dict[str, KindContent] = {}
    problems: list[Problem] = []
    for code, row in raw["kinds"].items():
        try:
            fields = tuple(field_of(one) for one in row["fields"])
        except (KeyError, TypeError, re.error) as error:
            problems.append(Problem(path.name, code, "fields", f"填写项读不懂（{error}）"))
            continue
        kinds[code] = KindContent(code, row["zh"], fields, row)
        problems += [Problem(path.name, code, where, why) for where, why in _wrong(kinds[code], raw["kinds"])]
    if problems:
        raise KnowledgeError(problems)
    return WorkContent(kinds, raw["persons"])


def _wrong(kind: KindContent, all_kinds: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    raw, types = kind.raw, {one.id: one.type for one in kind.fields}
    for key in ("day", "due"):
        if key in raw and types.get(raw[key]) != "date":
            yield key, f"“{raw[key]}”不是日期项"
    for counted in raw.get("counts", ()):
        if types.get(counted) != "count":
            yield "counts", f"“{counted}”不是计数项"
    if raw.get("seen_by", "scope") not in SEEN_BY:
        yield "seen_by", f"只能是 {'、'.join(SEEN_BY)}"
    yield from (("waits", f"没有“{one}”这个状态") for one in raw.get("waits", ()) if one not in raw["statuses"])
    yield from (("parent", f"没有“{one}”") for one in raw.get("parent", ()) if one not in all_kinds)
    yield from _wrong_moves(raw, types)
    yield from _wrong_checks(raw, types)
    yield from (("fields", f"“{one.label}”会写到某个人，这一种只能按地点和时段") for one in _personal(kind))


def _personal(kind: KindContent) -> list[Field]:
    """Fields that name people, in a kind that must not."""
    if not kind.raw.get("no_persons"):
        return []
    return [one for one in kind.fields if one.type in PERSONAL_TYPES or PERSONAL.search(one.id + one.label)]


def _wrong_moves(raw: Mapping[str, Any], types: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for code, move in raw["moves"].items():
        yield from (("moves", f"{code}：没有“{one}”这个状态") for one in unknown(raw, move))
        yield from (("moves", f"{code}：没有“{one}”这一项") for one in move.get("needs", ()) if one not in types)


def _wrong_checks(raw: Mapping[str, Any], types: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is checked in the values names fields of the right type."""
    past = [*raw.get("past", ()), *(one for move in raw["moves"].values() for one in move.get("past", ()))]
    named = {
        "date": [*past, *(one for pair in raw.get("order", ()) for one in pair), *raw.get("after_parent", ())],
        "count": [one for whole, parts in raw.get("within", ()) for one in (whole, *parts)],
        "number": list(raw.get("between", {})),
    }
    for type_, fields in named.items():
        yield from (("checks", f"“{one}”不是 {type_} 项") for one in fields if types.get(one) != type_)


def unknown(raw: Mapping[str, Any], move: Mapping[str, Any]) -> list[str]:
    """Statuses a move speaks of that the kind does not have."""
    return [one for one in (*move["from"], move["to"]) if one not in raw["statuses"]]
