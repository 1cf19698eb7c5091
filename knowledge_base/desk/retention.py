"""Reads how long chats are kept, and what stays after they are gone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem

FILE = Path(__file__).with_name("retention.yml")


def load_retention(path: Path = FILE) -> Mapping[str, Any]:
    """Raises KnowledgeError when a period is not a positive whole number."""
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    wrong = [
        Problem(path.name, name, "", "要写大于零的整数")
        for name in ("chat_days", "idle_hours", "every_hours", "batch")
        if not isinstance(found[name], int) or found[name] <= 0
    ]
    if wrong:
        raise KnowledgeError(wrong)
    return found
