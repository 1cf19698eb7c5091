"""The bot's sentences, read once from wording.yml; a missing key is an error at start, not in a conversation."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.voice import pick

Button = Mapping[str, str]


@cache
def wordings() -> Mapping[str, Any]:
    with (Path(__file__).parent / "wording.yml").open(encoding="utf8") as file:
        loaded: Mapping[str, Any] = yaml.safe_load(file)
    return loaded


def say(key: str, **values: object) -> str:
    """The sentence under a dotted key, with its blanks filled; of several wordings the one of this turn."""
    node: Any = wordings()
    for part in key.split("."):
        node = node[part]
    text = pick(key, node) if isinstance(node, list) else node
    return str(text).strip().format(**values) if values else str(text).strip()


def buttons(key: str) -> list[dict[str, str]]:
    return [dict(button) for button in wordings()["buttons"][key]]
