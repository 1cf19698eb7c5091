"""How people say numbers, as data: patterns several calculators share, words of a period, what is said back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.quantities import expanded

_DATA: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
PERIODS: Mapping[str, re.Pattern[str]] = {name: re.compile(words) for name, words in _DATA["periods"].items()}
MOST_BETWEEN = "){0,5}"
NONE = re.compile(_DATA["none"])
MONTHS_A_YEAR = float(_DATA["months_a_year"])
MOST_DAYS_OF_A_DATE = int(_DATA["most_days_of_a_date"])


def sentence(key: str, **values: object) -> str:
    return str(_DATA["heard"][key]).format(**values)


def patterns_of(given: str | Sequence[str]) -> tuple[re.Pattern[str], ...]:
    """Compiled, with what {about}, {N} … stand for; `@name` stands for the patterns shared under that name.

    Raises re.error or KeyError.
    """
    rows = [given] if isinstance(given, str) and given else given
    named = [one for row in rows for one in (_DATA["patterns"][row[1:]] if row.startswith("@") else [row])]
    return tuple(re.compile(expanded(_filled(one))) for one in named)


def periods_in(text: str) -> set[str]:
    """Which lengths of time a text speaks of a sum for: hour, day, week, month, year."""
    return {name for name, words in PERIODS.items() if words.search(text)}


def _filled(pattern: str) -> str:
    for name, words in _DATA["fillers"].items():
        pattern = pattern.replace(f"{{{name}}}", words)
    # Words that may stand between are few; without an end a text made of them alone would be tried for ever.
    return pattern.replace(")*", MOST_BETWEEN)
