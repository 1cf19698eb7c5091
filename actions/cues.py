"""Ways of speaking that the application listens for, read from cues.yml."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml


@cache
def _cues() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    with (Path(__file__).parent / "cues.yml").open(encoding="utf8") as file:
        read = yaml.safe_load(file)
    return {
        name: tuple(re.compile(one) for one in ([given] if isinstance(given, str) else given))
        for name, given in read.items()
    }


def heard(cue: str, text: str) -> re.Match[str] | None:
    """The first way of saying it found in the text."""
    return next((match for pattern in _cues()[cue] if (match := pattern.search(text))), None)


def without(cue: str, text: str) -> str:
    """The text behind an opening phrase; the whole text when it has none."""
    match = heard(cue, text)
    return text[match.end() :].strip() if match else text.strip()


def removed(cue: str, text: str) -> str:
    """The text with every such phrase taken out."""
    for pattern in _cues()[cue]:
        text = pattern.sub("", text)
    return text.strip()
