"""What a mediator writes: 接单 单号, 结果 单号 调成 说明. Words and moves are data (commands.yml)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from api.domain.lifecycle import Move

NUMBER = re.compile(r"T-\d{8}-\d{4,}", re.IGNORECASE)


@dataclass(frozen=True)
class Command:
    """`moves` are made in order; those before the last are left out where the ticket has made them already."""

    no: str
    moves: tuple[Move, ...]
    note: str


@dataclass(frozen=True)
class Wording:
    commands: Mapping[str, Any]
    say: Mapping[str, str]


@cache
def wording() -> Wording:
    """Raises ValueError for a move that does not exist."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return Wording(raw["commands"], raw["say"])


def read(text: str) -> Command | None:
    """None when the words are no command."""
    number = NUMBER.search(text)
    if number is None:
        return None
    found = wording().commands.get(text[: number.start()].strip())
    rest = text[number.end() :].strip()
    if found and "outcomes" in found:
        outcome, _, rest = rest.partition(" ")
        found = found["outcomes"].get(outcome)
    if found is None:
        return None
    return Command(number[0].upper(), tuple(Move(move) for move in found["moves"]), rest.strip())
