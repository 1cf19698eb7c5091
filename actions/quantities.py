"""The sums and head-counts of a text as facts of a dispute: what is at stake, not what one mu or one day costs."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from actions.cues import heard

FACT_ENTITIES = {"money": "amount_yuan", "head_count": "people_involved"}
LOOK_AROUND = 12
DIGITS = "零一二三四五六七八九"
PLAIN = re.compile(r"([0-9]{1,9})个?|([一二三四五六七八九]?)十([一二三四五六七八九]?)个?|([一二两三四五六七八九])个?")


def as_number(value: object) -> int | None:
    """Whole number of a money or head-count entity; ranges count from their lower end."""
    if isinstance(value, Mapping):
        value = value.get("at_least") or value.get("yuan") or value.get("value")
    return int(value) if isinstance(value, int | float) else None


def plain_number(text: str) -> int | None:
    """12, 十二, 五个: a number and nothing else, below a hundred when it is in characters."""
    found = PLAIN.fullmatch(text.strip("。，, "))
    if not found:
        return None
    if found[1]:
        return int(found[1])
    if found[4]:
        return DIGITS.index(found[4].replace("两", "二"))
    return 10 * (DIGITS.index(found[2]) if found[2] else 1) + (DIGITS.index(found[3]) if found[3] else 0)


def at_stake(text: str, entities: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entities without prices of one unit (一亩八百块一年, 三百一天); a sum that is owed goes first."""
    kept: list[Mapping[str, Any]] = []
    first: list[Mapping[str, Any]] = []
    price = ""
    for one in entities:
        words = str(one.get("text") or "")
        before, after = around(text, words)
        if price and one.get("entity") == "duration" and f"{price}{words}" in text:
            continue
        if one.get("entity") == "money" and (heard("price_before", before) or heard("price_after", after)):
            price = words
            continue
        owed = one.get("entity") == "money" and heard("owed", before)
        (first if owed else kept).append(one)
    return [*first, *kept]


def facts_told(text: str, entities: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Fact → number, the first of each kind."""
    facts: dict[str, int] = {}
    for one in at_stake(text, entities):
        kind, number = str(one.get("entity")), as_number(one.get("value"))
        if kind in FACT_ENTITIES and number is not None:
            facts.setdefault(FACT_ENTITIES[kind], number)
    return facts


def around(text: str, words: str) -> tuple[str, str]:
    """What stands just before and just behind the words; nothing when they are not in the text."""
    at = text.find(words) if words else -1
    if at < 0:
        return "", ""
    return text[max(0, at - LOOK_AROUND) : at], text[at + len(words) : at + len(words) + LOOK_AROUND]
