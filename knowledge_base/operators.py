"""When people answer, how soon they ring back, and what is said around a hand-over (operators.yml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SAID = frozenset(
    {
        "open",
        "ahead",
        "closed",
        "taken",
        "callback_kept",
        "callback_phone_bad",
        "returned",
        "abuse_warning",
        "out_of_scope",
        "photo_coming",
        "photo_coming_ask",
        "photo_kept",
        "photo_lost",
        "photo_refused",
        "photo_without_ticket",
    }
)

WAITING = frozenset({"channels", "back_to_bot", "open", "closed", "again", "buttons"})


@dataclass(frozen=True)
class OperatorRules:
    """`clocks`: answer_seconds and wait_minutes are what is aimed at, window_hours what is counted over.

    `waiting`: what is said, and what brings the bot back, while nobody has taken a conversation that was handed over.
    """

    opens: time
    closes: time
    callback_working_days: int
    rest_minutes: int
    clocks: Mapping[str, int]
    marks: Mapping[str, str]
    outcomes: Mapping[str, str]
    waiting: Mapping[str, Any]
    say: Mapping[str, str]


@cache
def load_operator_rules() -> OperatorRules:
    """Raises ValueError when a sentence is missing or one too many."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    if set(raw["say"]) != SAID:
        raise ValueError(f"operators.yml：say 的条目不齐 {sorted(set(raw['say']) ^ SAID)}")
    if set(raw["waiting"]) != WAITING or not raw["waiting"]["again"]:
        raise ValueError(f"operators.yml：waiting 的条目不齐 {sorted(set(raw['waiting']) ^ WAITING)}")
    hours = raw.pop("hours")
    opens, closes = time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"])
    return OperatorRules(opens=opens, closes=closes, **raw)
