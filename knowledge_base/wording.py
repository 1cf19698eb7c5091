"""The fixed sentences the app itself says (wording.yml)."""

from collections.abc import Mapping
from pathlib import Path

import yaml


def load_wording() -> Mapping[str, str]:
    with (Path(__file__).parent / "wording.yml").open(encoding="utf8") as file:
        loaded = yaml.safe_load(file)
    return {key: str(value).strip() for key, value in loaded.items()}
