"""Reads the grades, guards and words of 一案一补."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("subsidy.yml")


def load_subsidy(path: Path = FILE) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found
