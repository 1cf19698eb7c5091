"""The one question that separates the two likeliest categories, when a text could be either."""

from collections.abc import Mapping, Sequence
from typing import Any


def clarifying(
    rules: Mapping[str, Any], best: tuple[str, str | None], confidence: float, others: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """`question` and `options` (category, subcategory, title), or None when the first is sure enough.

    `rules` is clarify.yml; `others` are the triage's alternatives, best first.
    """
    rival = next((one for one in others if one["category"] != best[0] and one["category"] in rules["plain"]), None)
    if rival is None or best[0] not in rules["plain"]:
        return None
    if confidence >= rules["unsure_below"] and confidence - float(rival["confidence"]) >= rules["close_within"]:
        return None
    told = {best[0]: best[1], rival["category"]: rival.get("subcategory")}
    for pair in rules["pairs"]:
        if set(pair["between"]) == set(told):
            options = [_option(code, title, told) for code, title in pair["buttons"].items()]
            return {"question": pair["question"], "options": options}
    options = [_option(f"{code}.{sub or ''}", rules["plain"][code], told) for code, sub in told.items()]
    return {"question": rules["question"], "options": options}


def perhaps(rules: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """For a text taken for idle talk that may well be a matter after all: is it one of these?"""
    if not others or float(others[0]["confidence"]) < rules["perhaps_from"]:
        return None
    told = {one["category"]: one.get("subcategory") for one in others if one["category"] in rules["plain"]}
    options = [_option(code, rules["plain"][code], told) for code in list(told)[:2]]
    return {"question": rules["question"], "options": options} if options else None


def _option(code: str, title: str, told: Mapping[str, str | None]) -> dict[str, Any]:
    """A pair's own subcategory is what its button says; without one the classifier's stands."""
    category, _, subcategory = code.partition(".")
    return {"category": category, "subcategory": subcategory or told.get(category), "title": title}
