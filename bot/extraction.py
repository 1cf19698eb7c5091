"""Find amounts, areas, times, people, places and numbers in a normalised message, by pattern and by gazetteer.

spaCy with a character tokenizer carries the gazetteers (PhraseMatcher) and aligns every span; nothing of Rasa here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import spacy
import yaml
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from bot import dates
from bot.numbers import NUMERAL
from bot.quantities import READERS, group_name

LOOKUPS = Path(__file__).resolve().parent.parent / "nlu_data" / "lookups"
ZONE = ZoneInfo("Asia/Shanghai")
# Entities found by pattern before dates; a card number must never be read as a day.
_BEFORE_DATES = ("ticket_no", "id_card", "phone", "bank_card", "land_area")
_BEFORE_NAMES = ("head_count",)
_AFTER_NAMES = ("money", "duration", "place")


@dataclass(frozen=True)
class Found:
    """One span of the text and what it means."""

    entity: str
    start: int
    end: int
    value: Any


def today_from(moment: str | None = None) -> date:
    """The day in Asia/Shanghai of an ISO moment, else of ``FENGQIAO_CLOCK`` (ISO, or a shift such as +3d), else now."""
    setting = moment or os.environ.get("FENGQIAO_CLOCK") or ""
    now = datetime.now(ZONE)
    shift = re.fullmatch(r"([+-]\d+)([smhd]?)", setting)
    if shift:
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "": "seconds"}[shift[2]]
        return (now + timedelta(**{unit: int(shift[1])})).date()
    if not setting:
        return now.date()
    given = datetime.fromisoformat(setting.replace("Z", "+00:00"))
    return (given if given.tzinfo is None else given.astimezone(ZONE)).date()


class Extractor:
    """Patterns and gazetteers of one `lookups` folder."""

    def __init__(self, lookups: Path = LOOKUPS) -> None:
        self._nlp = spacy.blank("zh")
        self._patterns = _load_patterns(lookups / "patterns.yml")
        roles, self._places, self._group = _load_gazetteers(lookups)
        self._roles = roles
        self._matcher = PhraseMatcher(self._nlp.vocab)
        self._matcher.add("party_role", [self._nlp.make_doc(term) for term in roles])
        self._matcher.add("place", [self._nlp.make_doc(name) for name in self._places])

    def extract(self, text: str, today: date) -> list[Found]:
        """Spans in the order of the text; no two overlap."""
        taken: list[Found] = []
        for source in (
            self._by_pattern(_BEFORE_DATES, text),
            self._dates(text, today),
            self._by_pattern(_BEFORE_NAMES, text),
            self._by_gazetteer(text),
            self._by_pattern(_AFTER_NAMES, text),
        ):
            for found in source:
                if all(found.end <= other.start or found.start >= other.end for other in taken):
                    taken.append(found)
        return sorted(taken, key=lambda found: found.start)

    def _by_pattern(self, entities: tuple[str, ...], text: str) -> Iterator[Found]:
        for entity, reader, pattern in self._patterns:
            for match in pattern.finditer(text) if entity in entities else ():
                groups = {name: value for name, value in match.groupdict().items() if value}
                value = READERS[reader](groups)
                if value is not None:
                    yield Found(entity, _start(match), match.end(), value)

    @staticmethod
    def _dates(text: str, today: date) -> Iterator[Found]:
        for start, end, period in dates.find(text, today):
            yield Found("date", start, end, period.as_value())

    def _by_gazetteer(self, text: str) -> Iterator[Found]:
        doc = self._nlp.make_doc(text)
        for name, start, end in self._longest(doc):
            span = doc[start:end]
            if name == "party_role":
                yield Found(name, span.start_char, span.end_char, self._roles[span.text])
            else:
                yield self._place(text, span.text, span.start_char, span.end_char)

    def _longest(self, doc: Doc) -> Iterator[tuple[str, int, int]]:
        end_of_last = 0
        for key, start, end in sorted(self._matcher(doc), key=lambda hit: (hit[1], -hit[2])):
            if start >= end_of_last:
                end_of_last = end
                yield self._nlp.vocab.strings[key], start, end

    def _place(self, text: str, name: str, start: int, end: int) -> Found:
        place = dict(self._places[name])
        group = self._group.match(text, end) if "village" in place else None
        number = group_name(group["n"]) if group else None
        if group is None or number is None:
            return Found("place", start, end, place)
        return Found("place", start, group.end(), {**place, "group": number})


def _start(match: re.Match[str]) -> int:
    """Where the amount itself begins: a cue such as 欠我 before it belongs to the pattern, not to the entity."""
    return match.start("n") if match.groupdict().get("n") else match.start()


def _load_patterns(path: Path) -> list[tuple[str, str, re.Pattern[str]]]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["patterns"]
    return [(row["entity"], row["reader"], re.compile(row["pattern"].replace("{N}", NUMERAL))) for row in rows]


def _load_gazetteers(lookups: Path) -> tuple[dict[str, str], dict[str, dict[str, str]], re.Pattern[str]]:
    parties = yaml.safe_load((lookups / "parties.yml").read_text(encoding="utf-8"))["roles"]
    roles = {term: row["code"] for row in parties for term in row["terms"]}
    geography = yaml.safe_load((lookups / "places.yml").read_text(encoding="utf-8"))
    words = "|".join(sorted(geography["group_words"], key=len, reverse=True))
    group = re.compile(rf"(?:的)?第?(?P<n>[一二三四五六七八九十]{{1,3}}|\d{{1,2}})(?:{words})")
    return roles, dict(_named_places(geography)), group


def _named_places(geography: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for town in geography["towns"]:
        for name in (town["name"], *town["aliases"]):
            yield name, {"town": town["name"]}
        for village in town["villages"]:
            for name in (village["name"], *village["aliases"]):
                yield name, {"town": town["name"], "village": village["name"]}
                yield town["name"] + name, {"town": town["name"], "village": village["name"]}
    yield geography["county"], {"county": geography["county"]}
