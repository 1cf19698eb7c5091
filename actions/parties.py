"""Who the other party is, as far as the words say it. The rules are data: parties.yml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LOOK_BACK = 8
LONGEST_NAME = 12


@cache
def rules() -> Mapping[str, Any]:
    with (Path(__file__).parent / "parties.yml").open(encoding="utf8") as file:
        read: dict[str, Any] = yaml.safe_load(file)
    for name in ("joined", "of_others", "done_by", "person"):
        read[name] = re.compile(str(read[name]).replace("SURNAMES", read["surnames"]))
    return read


@dataclass(frozen=True, slots=True)
class Role:
    """One person named in the words: 刘老板, 我哥. `before` is what stands in front of the name."""

    code: str
    words: str
    before: str

    @property
    def accused(self) -> bool:
        """被我哥占了: whoever they are, it is they who did it."""
        return bool(rules()["done_by"].search(self.before))

    @property
    def joined(self) -> bool:
        """我和老伴: named on the speaker's side, or beside somebody else (他媳妇)."""
        return self.code in rules()["family"] and bool(rules()["joined"].search(self.before))

    @property
    def of_others(self) -> bool:
        return self.code in rules()["family"] and bool(rules()["of_others"].search(self.before))


def roles(text: str, entities: Iterable[Mapping[str, Any]]) -> list[Role]:
    """The persons in the order they were named, with the surname that stands before (老板 → 刘老板)."""
    found, after = [], 0
    for one in entities:
        if one.get("entity") != "party_role":
            continue
        words = str(one.get("text") or one.get("value"))
        at = text.find(words, after)
        start = max(at, 0)
        if at > 0 and text[at - 1] in rules()["surnames"] and one.get("value") not in rules()["without_surname"]:
            start -= 1
            words = text[start] + words
        found.append(Role(str(one.get("value")), words, text[max(0, start - LOOK_BACK) : start]))
        after = at + 1 if at >= 0 else after
    return found


def other_party(text: str, entities: Iterable[Mapping[str, Any]], category: str | None) -> str | None:
    """Whose doing it is: those who did it first, then people from outside the family, never the speaker's own side.

    None when nobody can be named; it is then asked for.
    """
    known, at_home = rules(), category in rules()["between_spouses"]
    fitting = [one for one in roles(text, entities) if _may_be(one, at_home=at_home)]

    def weight(one: Role) -> tuple[bool, bool]:
        return not one.accused, not at_home and one.code in known["family"]

    best = min(fitting, key=weight, default=None)
    return best.words if best else None


def _may_be(one: Role, *, at_home: bool) -> bool:
    if one.of_others:
        return False
    if at_home and one.code == "spouse":
        return True
    if one.code in rules()["own_side"]:
        return one.accused
    return at_home or not one.joined


def person_like(words: str) -> bool:
    """老李他儿子, 刘老板, 邻居张家: could be somebody; not 一组, not 三千."""
    return len(words) <= LONGEST_NAME and bool(rules()["person"].search(words))
