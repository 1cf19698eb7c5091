"""What a single emoji says (signs.yml)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml


@cache
def load_signs() -> Mapping[str, str]:
    loaded: Mapping[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded
