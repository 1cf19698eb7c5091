"""The channel's own wording, from texts.yml beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).with_name("texts.yml")


@dataclass(frozen=True, slots=True)
class Topics:
    """What a menu key asks back; each of the `commonest` is a question as the person would put it."""

    ask: str
    commonest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    welcome: str
    scanned: str
    with_human: str
    waiting: str
    still_waiting: str
    pulled: str
    from_staff: str
    all_said: str
    more: str
    choices: str
    heard: str
    read_until: str
    voice_unclear: str
    image: str
    unsupported: str
    location_empty: str
    failed: str
    emergency: str
    unsupported_marks: tuple[str, ...]
    pull_words: frozenset[str]
    topics: Mapping[str, Topics]
    topics_end: str
    menu: Mapping[str, str]
    emergency_key: str
    menu_buttons: tuple[Mapping[str, Any], ...]


@lru_cache(maxsize=1)
def load_texts(path: Path = PATH) -> Texts:
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if set(raw) != {field.name for field in fields(Texts)}:
        raise ValueError(f"{path.name}：条目不齐 {sorted(set(raw) ^ {field.name for field in fields(Texts)})}")
    raw["topics"] = {key: Topics(one["ask"], tuple(one["commonest"])) for key, one in raw["topics"].items()}
    raw["unsupported_marks"] = tuple(raw["unsupported_marks"])
    raw["menu_buttons"] = tuple(raw["menu_buttons"])
    raw["pull_words"] = frozenset(raw["pull_words"])
    return Texts(**raw)
