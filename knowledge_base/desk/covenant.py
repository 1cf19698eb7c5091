"""Reads the legality rules of covenants."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem

FILE = Path(__file__).with_name("covenant.yml")


def load_covenant(path: Path = FILE) -> Mapping[str, Any]:
    """Raises KnowledgeError for a rule without an article or with a pattern that cannot be read."""
    raw: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    problems = []
    for rule in raw["rules"]:
        try:
            re.compile(rule["words"])
        except re.error as error:
            problems.append(Problem(path.name, rule["code"], "words", f"读不懂（{error}）"))
        if not rule.get("basis"):
            problems.append(Problem(path.name, rule["code"], "basis", "没有写依据"))
    if problems:
        raise KnowledgeError(problems)
    return raw
