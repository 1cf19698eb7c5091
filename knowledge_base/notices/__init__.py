"""Notices as data (notices.yml): who is told of what, in which words. Refuses rules that cannot be followed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

FILE = Path(__file__).with_name("notices.yml")
SECTIONS = ("quiet", "retry", "per_minute", "wechat", "media", "placeholders", "due_of", "rules")
MOST_CHARACTERS = 300


class NoticesError(Exception):
    """All problems at once."""


def load_notices(path: Path = FILE) -> Mapping[str, Any]:
    """Raises NoticesError with every problem found."""
    content: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    missing = [name for name in SECTIONS if name not in content]
    problems = [f"缺少 {name}" for name in missing] or list(_problems(content))
    if problems:
        raise NoticesError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return content


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    allowed = set(content["placeholders"])
    for number, rule in enumerate(content["rules"], 1):
        where = f"rules[{number}]"
        if lacking := [key for key in ("event", "to", "when", "text") if key not in rule]:
            yield f"{where}: 缺少 {'、'.join(lacking)}"
            continue
        if rule["to"] not in content["media"]:
            yield f"{where}: 没有说明怎么找到 {rule['to']}"
        if unknown := {name for _, name, _, _ in Formatter().parse(rule["text"]) if name is not None} - allowed:
            yield f"{where}: 文字里有不许用的空：{'、'.join(sorted(unknown))}"
        if len(rule["text"]) > MOST_CHARACTERS:
            yield f"{where}: 文字太长"
