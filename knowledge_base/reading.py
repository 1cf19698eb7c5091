"""From words to the value of a field: the entities the bot found, numbers in the text, the words of a choice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from knowledge_base.fields import FactError, Field, check

Entity = Mapping[str, Any]
NUMERAL = r"\d[\d,，]*(?:\.\d+)?[万千百wWkK]?|[零一二两三四五六七八九十百千万半]+"
_NUMBER = re.compile(NUMERAL)
_YEARS = re.compile(rf"(?:({NUMERAL})年)?零?(?:({NUMERAL})个?月)?")
_DATE = re.compile(r"(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})")
_SCALES = {"万": 10_000, "w": 10_000, "W": 10_000, "千": 1000, "k": 1000, "K": 1000, "百": 100}
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_YES = re.compile(r"^(?:是|对|有|嗯|签了|要)")
_NO = re.compile(r"^(?:不|没|无|否)")


def number_of(text: str) -> float | None:
    """3.5, 8万, 四千五, 两万三; None when it is no number."""
    text = text.replace(",", "").replace("，", "")
    if text[-1:] in _SCALES and re.fullmatch(r"\d+(?:\.\d+)?", text[:-1]):
        return float(text[:-1]) * _SCALES[text[-1]]
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    return (
        _chinese(text) if text and all(sign in _DIGITS or sign in _UNITS or sign in "万半" for sign in text) else None
    )


def _chinese(text: str) -> float | None:
    if text == "半":
        return 0.5
    head, wan, tail = text.rpartition("万")
    if wan:
        high = _section(head) if head else None
        return None if high is None else high * 10_000 + _below(tail, 10_000)
    return _section(text)


def _below(tail: str, scale: int) -> float:
    """三 after 两万 is three thousand."""
    if len(tail) == 1 and tail in _DIGITS:
        return _DIGITS[tail] * scale / 10
    return _section(tail) or 0.0


def _section(text: str) -> float | None:
    if "半" in text:
        return None
    total, digit, unit = 0, 0, 1
    for sign in text:
        if sign in _UNITS:
            unit = _UNITS[sign]
            total += (digit or 1) * unit
            digit = 0
        else:
            digit = _DIGITS[sign]
            unit = 10 if sign == "零" else unit
    return float(total + (digit * unit / 10 if unit > 10 and text[-2:-1] in _UNITS else digit))


def _amount(text: str) -> float | None:
    return next((value for one in _NUMBER.findall(text) if (value := number_of(one)) is not None), None)


def _months(text: str) -> float | None:
    for found in _YEARS.finditer(text):
        half = 6 if found[1] and text[found.end() :].startswith("半") else 0
        years, months = (number_of(part) if part else None for part in found.groups())
        if years is not None or months is not None:
            return (years or 0) * 12 + (months or 0) + half
    return _amount(text)


def _day(text: str) -> str | None:
    found = _DATE.search(text)
    return f"{int(found[1]):04d}-{int(found[2]):02d}-{int(found[3]):02d}" if found else None


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


def _from_text(field: Field, text: str) -> Any:
    readers: dict[str, Any] = {
        "money": _amount,
        "number": _amount,
        "count": _amount,
        "months": _months,
        "date": _day,
        "flag": _flag,
    }
    if field.type == "choice":
        return _chosen(field, text)
    return readers[field.type](text) if field.type in readers else text


def answer(field: Field, text: str, entities: Sequence[Entity] = ()) -> Any:
    """The value in an answer to this field's question. Raises FactError with what to say instead."""
    kind = field.entity
    found = next((one.get("value") for one in entities if kind and one.get("entity") == kind), None)
    value = found if found is not None else _from_text(field, text)
    if value is None:
        raise FactError(field.id, f"“{field.label}”我没听明白，请再说一遍。")
    return check(field, value)


def prefill(fields: Sequence[Field], text: str, entities: Sequence[Entity]) -> dict[str, Any]:
    """What a message already says about these fields; one entity fills one field, in the order of the fields."""
    facts: dict[str, Any] = {}
    left = list(entities)
    for field in fields:
        value = _by_pattern(field, text, left)
        if value is None:
            value = _by_entity(field, left) if field.type != "choice" else _cued(field, text)
        if value is None:
            continue
        try:
            facts[field.id] = check(field, value)
        except FactError:
            continue
    return facts


def _cued(field: Field, text: str) -> str | None:
    """In a running text only the words written for a choice count, not its label's."""
    hits = [(len(cue), one.value) for one in field.choices for cue in one.cues if cue in text]
    return max(hits)[1] if hits else None


def _by_pattern(field: Field, text: str, left: list[Entity]) -> Any:
    """`{N}` in a pattern is a number; an entity on the same words is used up by it."""
    if not field.pattern:
        return None
    found = re.search(field.pattern.replace("{N}", NUMERAL), text)
    if found is None:
        return None
    number = number_of(found["n"])
    for one in list(left):
        if number is not None and str(one.get("text") or "") and found["n"] in str(one.get("text")):
            left.remove(one)
    return number


def _by_entity(field: Field, left: list[Entity]) -> Any:
    for one in left:
        if field.entity and one.get("entity") == field.entity:
            left.remove(one)
            return one.get("value")
    return None
