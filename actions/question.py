"""What is really being asked: the message itself, or the one before it together with what it was clarified by."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions.turn import Turn
from actions.wording import buttons

FIRST = re.compile(r"^(?:是|更像)?(?:第一|前面|前一|头一|上面|1$|①)")
SECOND = re.compile(r"^(?:是|更像)?(?:第二|后面|后一|后头|下面|2$|②)")
NEITHER = re.compile(r"^(?:都不是|两个都不是|不是这些|都不像|都不对)")


@dataclass(frozen=True, slots=True)
class Question:
    """`parse` is None where the text has to be read anew; `settled`: the person was asked once, not again."""

    text: str
    said: str
    parse: dict[str, Any] | None
    entities: tuple[Mapping[str, Any], ...]
    settled: bool = False
    neither: bool = False

    @classmethod
    def of(cls, turn: Turn, tracker: Tracker) -> "Question":
        waiting = tracker.get_slot("clarified") or {}
        plain = cls(turn.text, turn.said, turn.parse, turn.entities, settled=turn.intent == "clarify")
        if not waiting:
            return plain
        story = waiting["story"]
        entities = tuple(tracker.get_slot("last_entities") or ())
        if (turn.payload and not turn.first("category")) or NEITHER.search(turn.text):
            return cls(story, story, None, entities, settled=True, neither=True)
        chosen = chosen_of(waiting["options"], turn)
        if chosen:
            parse = {
                "intent": {"name": "dispute", "confidence": 1.0},
                "entities": [dict(entity) for entity in entities],
                "triage": {**chosen, "confidence": 1.0},
            }
            return cls(story, story, parse, entities, settled=True)
        if turn.intent == "consultation" and len(turn.text) > len(story):
            return plain  # another, longer question: the one before is let go
        text = f"{story}。{turn.said}"
        return cls(text, text, None, (*entities, *turn.entities), settled=True)


def chosen_of(options: list[dict[str, Any]], turn: Turn) -> dict[str, Any] | None:
    """Category and subcategory of the button pressed, or named by its words or its place."""
    if turn.first("category"):
        return {"category": turn.first("category"), "subcategory": turn.first("subcategory")}
    number = 0 if FIRST.search(turn.text) else 1 if SECOND.search(turn.text) else None
    found = next((one for one in options if one["title"] == turn.text.strip("。！!")), None)
    if found is None and number is not None and number < len(options):
        found = options[number]
    return {key: found[key] for key in ("category", "subcategory")} if found else None


def clarify_buttons(asked: Mapping[str, Any]) -> list[dict[str, str]]:
    offered = [
        {
            "title": one["title"],
            "payload": f"/clarify{json.dumps({k: one[k] for k in ('category', 'subcategory') if one[k]})}",
        }
        for one in asked["options"]
    ]
    return [*offered, *buttons("neither_of_them")]
