"""The fixed sentences the app itself says (wording.yml), and what it calls the fields of its interface."""

from collections.abc import Mapping
from pathlib import Path

import yaml


def load_field_names() -> Mapping[str, str]:
    """What a field of the interface is called in Chinese (field_names.yml)."""
    with (Path(__file__).parent / "field_names.yml").open(encoding="utf8") as file:
        names: Mapping[str, str] = yaml.safe_load(file)
    return names


def load_wording() -> Mapping[str, str]:
    with (Path(__file__).parent / "wording.yml").open(encoding="utf8") as file:
        loaded = yaml.safe_load(file)
    return {key: str(value).strip() for key, value in loaded.items()}
