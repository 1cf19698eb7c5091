"""Reads the data of the directory: the committee register, the columns of the tables, the mappings of case files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def load_committee(folder: Path = HERE) -> Mapping[str, Any]:
    return _read(folder / "committee.yml")


def load_columns(folder: Path = HERE) -> Mapping[str, Any]:
    return _read(folder / "columns.yml")


def load_facts(folder: Path = HERE) -> Mapping[str, Any]:
    return _read(folder / "facts.yml")


def mapping_names(folder: Path = HERE) -> list[str]:
    return sorted(path.stem for path in (folder / "mappings").glob("*.yml"))


def load_mapping(name: str, folder: Path = HERE) -> Mapping[str, Any]:
    """Raises KeyError for a name that is none of `mapping_names`."""
    if name not in mapping_names(folder):
        raise KeyError(name)
    return _read(folder / "mappings" / f"{name}.yml")


def _read(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found
