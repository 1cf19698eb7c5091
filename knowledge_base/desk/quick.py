"""Reads the numbers and words of 随手调."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("quick.yml")


def load_quick(path: Path = FILE) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found
