"""The other party's name as a caller says it (person_names.yml): 隔壁张老三家, 他叫王建国."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

BETWEEN = "(?:家|家的|的|是|叫|名叫|姓|，|,)?"


@cache
def name_rules() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return raw


def either(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@cache
def patterns() -> tuple[str, str]:
    """A name after something that leads to it, and one that needs nothing before it (张老三)."""
    rules = name_rules()
    surname = f"(?!{either(rules['not_names'])})(?:{either(rules['compound_surnames'])}|[{rules['surnames']}])"
    ranked = f"{surname}老[{rules['ranks']}]"
    given = f"(?:(?![{rules['not_in_names']}])[\u4e00-\u9fff]){{1,2}}"
    return f"({ranked}|{surname}{given})", f"({ranked})"


def name_in(text: str, role: str = "") -> str:
    """The first name of the other party, empty when none is said; `role` is what they are called (隔壁, 包工头)."""
    name, ranked = patterns()
    rules = name_rules()
    own = "".join(f"(?<!{re.escape(word)})" for word in rules["own"])
    ways = [f"(?:{either(rules['introduced'])}){name}", f"{own}{ranked}"]
    if role:
        ways.insert(0, f"{re.escape(role)}{BETWEEN}{name}")
    found = (re.search(way, text) for way in ways)
    return next((match[1] for match in found if match), "")
