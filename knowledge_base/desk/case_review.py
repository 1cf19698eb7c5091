"""Reads the seven-point sheet of the case-file review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem

FILE = Path(__file__).with_name("case_review.yml")
WHOLE = 100


def load_case_review(path: Path = FILE) -> Mapping[str, Any]:
    """Raises KnowledgeError when the points do not add up to a hundred or the percentages are out of order."""
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    percent = found["percent"]
    problems = []
    if sum(one["most"] for one in found["points"]) != WHOLE:
        problems.append(Problem(path.name, "points", "most", "各项分值加起来要是一百分"))
    if not 0 < percent["least"] <= percent["usual"] <= percent["most"] <= WHOLE:
        problems.append(Problem(path.name, "percent", "", "抽查比例要从小到大，在 0 到 100 之间"))
    if problems:
        raise KnowledgeError(problems)
    return found
