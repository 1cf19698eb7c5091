"""From words to the value of a field: words around a number, the words of a choice, else what the bot found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from knowledge_base.bare import bare
from knowledge_base.fields import FactError, Field, check
from knowledge_base.numbers import number_of
from knowledge_base.quantities import ADDEND, READERS, age_of, days_of
from knowledge_base.said import Said
from knowledge_base.spoken import MONTHS_A_YEAR

Entity = Mapping[str, Any]
# Dates cover nothing; then money: in 一个月4500 the month belongs to the wage and is no length of time.
_ORDER = {"date": -1, "money": 0, "number": 1, "count": 1, "months": 2}
_YES = re.compile(r"^(?:是|对|有|嗯|签了|要)")
_NO = re.compile(r"^(?:不|没|无|否)")


def prefill(fields: Sequence[Field], text: str, entities: Sequence[Entity]) -> dict[str, Any]:
    """What a message already says about these fields: first by their patterns, then one entity fills one field."""
    said = Said(text, entities)
    facts: dict[str, Any] = {}
    for field in sorted(fields, key=lambda one: _ORDER.get(one.type, 3)):
        values = _cued(field, text) if field.type == "choice" else _by_pattern(field, said)
        facts |= _checked(fields, field, values)
    for field in fields:
        if field.id not in facts and (field.alone or not field.patterns):
            facts |= _checked(fields, field, said.only(field) if field.alone else said.take(field))
    return {field.id: facts[field.id] for field in fields if field.id in facts}


def answer(fields: Sequence[Field], field: Field, text: str, entities: Sequence[Entity] = ()) -> dict[str, Any]:
    """The facts in an answer to this field's question: its value, and for a rate its unit.

    Raises FactError with what to say instead.
    """
    said = Said(text, entities)
    value = _chosen(field, text) if field.type == "choice" else _flag(text) if field.type == "flag" else None
    if field.type not in ("choice", "flag"):
        value = _by_pattern(field, said)
        value = bare(field, said) if value is None else value
    if value is None:
        raise FactError(field.id, f"“{field.label}”我没听明白，请再说一遍。")
    return _told(fields, field, value)


def _checked(fields: Sequence[Field], field: Field, value: Any) -> dict[str, Any]:
    try:
        return {} if value is None else _told(fields, field, value)
    except FactError:
        return {}


def _told(fields: Sequence[Field], field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or "unit" not in value:
        return {field.id: check(field, value)}
    facts = {field.id: check(field, value["rate"])}
    unit = next(one for one in fields if one.id == field.with_unit)
    return facts | ({unit.id: check(unit, value["unit"])} if value["unit"] else {})


def _by_pattern(field: Field, said: Said) -> Any:
    """The value of the surest pattern that fits; none when the message gives two different ones."""
    for pattern in field.patterns:
        found = [(match, _value(field, match, said)) for match in pattern.finditer(said.text)]
        values = [value for _, value in found if value is not None]
        if not values:
            continue
        summed, least = ADDEND in pattern.groupindex, field.pick == "least"
        if not summed and not least and any(value != values[0] for value in values):
            return None
        for match, _ in found:
            said.use(match)
        return sum(values) if summed else min(values) if least else values[0]
    return None


def _value(field: Field, match: re.Match[str], said: Said) -> Any:
    groups = {name: text for name, text in match.groupdict().items() if text}
    if "d" in groups:
        return said.day(groups["d"], field)
    if "y" in groups:
        yearly = number_of(groups["y"])
        return None if yearly is None else yearly / MONTHS_A_YEAR
    if "t" in groups and field.unit == "天":
        return days_of(groups["t"])
    if "t" in groups and field.unit == "岁":
        return age_of(f"{groups['t']}大")
    for name, read in READERS.items():
        if name in groups:
            return read(groups[name])
    return True if field.type == "flag" else None


def _cued(field: Field, text: str) -> str | None:
    """In a running text only the words written for a choice count, not its label's."""
    hits = [(len(cue), one.value) for one in field.choices for cue in one.cues if cue in text]
    return max(hits)[1] if hits else None


def _chosen(field: Field, text: str) -> str | None:
    exact = next((one.value for one in field.choices if text.strip() in (one.label, one.value)), None)
    if exact:
        return exact
    hits = [(len(cue), one.value) for one in field.choices for cue in (one.label, *one.cues) if cue in text]
    return max(hits)[1] if hits else None


def _flag(text: str) -> bool | None:
    if _NO.search(text.strip()):
        return False
    return True if _YES.search(text.strip()) else None
