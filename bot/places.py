"""The county's towns and villages in a text: by name, by homophone (洞沟村, 东钩一组), with the group behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.features import to_syllables
from bot.quantities import group_name


@dataclass(frozen=True)
class Place:
    """Where in the text, and where in the county."""

    start: int
    end: int
    value: Mapping[str, str]


class Gazetteer:
    """Names of one `places.yml`. A homophone counts only with what makes it a place: 村, 镇, 县, a group."""

    def __init__(self, path: Path) -> None:
        geography = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.names = dict(_named_places(geography))
        words = "|".join(sorted(geography["group_words"], key=len, reverse=True))
        self._group = re.compile(rf"(?:的)?第?(?P<n>[一二三四五六七八九十]{{1,3}}|\d{{1,2}})(?:{words})(?![长里会])")
        # Longest first: 青石镇东沟村 before 东沟村 before 东沟.
        sounds = sorted(((_sound(name), name) for name in self.names), key=lambda pair: -len(pair[0]))
        self._sounds = re.compile("|".join(f"(?P<n{i}>{re.escape(sound)})" for i, (sound, _) in enumerate(sounds)))
        self._name_of = {f"n{i}": name for i, (_, name) in enumerate(sounds)}
        self._kinds = frozenset("村镇县乡")

    def find(self, text: str) -> Iterator[Place]:
        """In the order of the text; no two overlap."""
        for match in self._sounds.finditer(_sound(text)):
            name, said = self._name_of[match.lastgroup or ""], text[match.start() : match.end()]
            place = self._with_group(text, name, match.start(), match.end())
            if said == name or self._is_said(name, said, place):
                yield place

    def _is_said(self, name: str, said: str, place: Place) -> bool:
        if name[-1] in self._kinds:
            return said[-1] == name[-1]
        return "group" in place.value and said[-1] not in self._kinds

    def _with_group(self, text: str, name: str, start: int, end: int) -> Place:
        place = dict(self.names[name])
        group = self._group.match(text, end) if "village" in place else None
        number = group_name(group["n"]) if group else None
        if group is None or number is None:
            return Place(start, end, place)
        return Place(start, group.end(), {**place, "group": number})


def _sound(text: str) -> str:
    return to_syllables(text)[1:-1]


def _named_places(geography: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for town in geography["towns"]:
        for name in (town["name"], *town["aliases"]):
            yield name, {"town": town["name"]}
        for village in town["villages"]:
            for name in (village["name"], *village["aliases"]):
                yield name, {"town": town["name"], "village": village["name"]}
                yield town["name"] + name, {"town": town["name"], "village": village["name"]}
    yield geography["county"], {"county": geography["county"]}
