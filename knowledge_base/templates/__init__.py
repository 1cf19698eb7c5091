"""Papers as data: the blanks to fill and the paragraphs they stand in. `load_papers` reads them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.fields import Field, field_of
from knowledge_base.schema import KnowledgeError, Problem
from knowledge_base.statutes.catalogue import Catalogue

FOLDER = Path(__file__).parent
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)(?:\|(\w+))?\s*\}\}")
PARTS = ("line", "text", "heading", "sign", "table", "list")
# Files in the folder that are no paper.
SHARED = {"common.yml", "wording.yml"}
MOST_ASKED = 6


@dataclass(frozen=True)
class Paper:
    """`door` says where to hand it in; `safety` is said before anything else; `body` is a list of one-key parts."""

    code: str
    title: str
    fields: tuple[Field, ...]
    body: tuple[Mapping[str, Any], ...]
    door: str
    basis: tuple[str, ...]
    words: tuple[str, ...]
    notes: tuple[str, ...] = ()
    safety: str = ""

    def missing(self, facts: Mapping[str, Any]) -> tuple[Field, ...]:
        """Required blanks still open, in the order they are asked."""
        return tuple(field for field in self.fields if field.required and field.id not in facts)


def blank(field: Field) -> str:
    return f"（待填：{field.label}）"


_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def yuan_in_words(value: Decimal) -> str:
    """15750.5 → 壹万伍仟柒佰伍拾元伍角整, as banks and courts write sums."""
    whole, cents = divmod(int(value.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100), 100)
    tail = "".join(_DIGITS[digit] + unit for digit, unit in zip(divmod(cents, 10), "角分", strict=True) if digit)
    gap = "零" if whole and 0 < cents < 10 else ""
    head = f"{_whole(whole)}元" if whole or not cents else ""
    return f"{head}{gap}{tail}" + ("" if cents % 10 else "整")


def _whole(number: int) -> str:
    if not number:
        return "零"
    out, gap = "", False
    for unit, sign in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, unit)
        if part:
            out += ("零" if out and (gap or part < 1000) else "") + _thousands(part) + sign
            gap = False
        elif out:
            gap = True
    return out


def _thousands(number: int) -> str:
    out, gap = "", False
    for unit, sign in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if gap and out else "") + _DIGITS[digit] + sign
            gap = False
        else:
            gap = True
    return out


def _field(row: Any, common: Mapping[str, Mapping[str, Any]]) -> Field:
    if isinstance(row, str):
        return field_of({"id": row, **common[row]})
    given = dict(row)
    if name := given.pop("use", None):
        return field_of({"id": name, **common[name], **given})
    return field_of(given)


def _placeholders(part: Mapping[str, Any]) -> set[str]:
    if "list" in part:
        return {part["list"]}
    return {found[1] for found in PLACEHOLDER.finditer(str(next(iter(part.values()))))}


def _refusals(paper: Paper, catalogue: Catalogue, today: date) -> list[str]:
    out = [why for one in paper.basis if (why := catalogue.refusal(one, on=today))]
    known = {field.id for field in paper.fields}
    used = set().union(*(_placeholders(part) for part in paper.body))
    out += [f"正文用了没有的空：{'、'.join(sorted(used - known))}"] if used - known else []
    out += [f"问了却没用的空：{'、'.join(sorted(known - used))}"] if known - used else []
    out += [f"不认识的段落：{part}" for part in paper.body if not set(part) & set(PARTS)]
    if len(paper.missing({})) > MOST_ASKED:
        out.append(f"要问的超过 {MOST_ASKED} 项")
    return out


def _load(path: Path, common: Mapping[str, Mapping[str, Any]]) -> Paper:
    raw = yaml.safe_load(path.read_text(encoding="utf8"))
    return Paper(
        code=raw["code"],
        title=raw["title"],
        fields=tuple(_field(row, common) for row in raw["fields"]),
        body=tuple(raw["body"]),
        door=raw["door"],
        basis=tuple(raw["basis"]),
        words=tuple(raw["words"]),
        notes=tuple(raw.get("notes", ())),
        safety=raw.get("safety", ""),
    )


def load_papers(catalogue: Catalogue, *, today: date, folder: Path = FOLDER) -> dict[str, Paper]:
    """All of them by code, or KnowledgeError with everything that is wrong."""
    common = yaml.safe_load((folder / "common.yml").read_text(encoding="utf8"))
    out: dict[str, Paper] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name in SHARED:
            continue
        try:
            paper = _load(path, common)
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, re.error) as error:
            problems.append(Problem(path.name, "", "", f"读不懂（{type(error).__name__}: {error}）"))
            continue
        problems += [Problem(path.name, paper.code, "", why) for why in _refusals(paper, catalogue, today)]
        out[paper.code] = paper
    if problems:
        raise KnowledgeError(problems)
    return out
