"""Forms of others that tickets are exported to: which of our fields stands in which of their columns, as data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem

HERE = Path(__file__).parent


def load_forms(folder: Path = HERE) -> Mapping[str, Mapping[str, Any]]:
    """By the name of the file. Raises KnowledgeError with every problem found."""
    forms: dict[str, Mapping[str, Any]] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        raw = yaml.safe_load(path.read_text("utf-8"))
        problems += [Problem(path.name, "", "", why) for why in _wrong(raw)]
        forms[path.stem] = raw
    if problems:
        raise KnowledgeError(problems)
    return forms


def _wrong(raw: Any) -> list[str]:
    if not isinstance(raw, dict) or not isinstance(raw.get("columns"), list):
        return ["要有 zh、personal、columns"]
    found = [f"缺少 {key}" for key in ("zh", "personal") if key not in raw]
    for number, column in enumerate(raw["columns"], 1):
        if not isinstance(column, dict) or not {"zh", "field"} <= set(column) <= {"zh", "field", "codes", "empty"}:
            found.append(f"第{number}列只能写 zh、field、codes、empty，前两项不能少")
    names = [column.get("zh") for column in raw["columns"] if isinstance(column, dict)]
    return found + [f"列名重复：{name}" for name in dict.fromkeys(names) if names.count(name) > 1]
