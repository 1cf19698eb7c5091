"""Find amounts, areas, times, people, places and numbers in a normalised message, by pattern and by gazetteer.

spaCy with a character tokenizer carries the roles (PhraseMatcher) and aligns every span; nothing of Rasa here. Words
that hold a number but tell no quantity (万一, 五保户, 第三条) and endless runs of digits are covered up beforehand.
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
from bot.numbers import NUMERAL, NUMERAL_CHARACTERS
from bot.places import Gazetteer
from bot.quantities import READERS

LOOKUPS = Path(__file__).resolve().parent.parent / "nlu_data" / "lookups"
ZONE = ZoneInfo("Asia/Shanghai")
# Entities found by pattern before dates; a card number must never be read as a day.
_NUMBERS = ("ticket_no", "id_card", "phone", "bank_card", "plate")
_BEFORE_DATES = ("interest", "land_area")
_BEFORE_NAMES = ("clock", "age", "percent", "head_count")
_AFTER_NAMES = ("money", "duration", "place")
_COVER = "\0"
_ENDLESS = re.compile(
    rf"[{NUMERAL_CHARACTERS}]{{25,}}"
)  # no amount is that long, and patterns would try every part of it


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
        self._traps = _load_traps(lookups / "traps.yml")
        self._roles = _load_roles(lookups / "parties.yml")
        self._not_roles = frozenset(_no_roles(lookups / "parties.yml"))
        self._gazetteer = Gazetteer(lookups / "places.yml")
        self._matcher = PhraseMatcher(self._nlp.vocab)
        terms = [*self._roles, *self._not_roles]
        self._matcher.add("party_role", [self._nlp.make_doc(term) for term in terms])

    def extract(self, text: str, today: date) -> list[Found]:
        """Spans in the order of the text; no two overlap."""
        bounded = _ENDLESS.sub(_covered, text)
        plain = self._traps.sub(_covered, bounded)
        taken: list[Found] = []
        for source in (
            self._by_pattern(_NUMBERS, bounded),
            self._by_pattern(_BEFORE_DATES, plain),
            self._dates(plain, today),
            self._by_pattern(_BEFORE_NAMES, plain),
            self._by_gazetteer(text),
            self._by_pattern(_AFTER_NAMES, plain),
        ):
            for found in source:
                if all(found.end <= other.start or found.start >= other.end for other in taken):
                    taken.append(found)
        return sorted(taken, key=lambda found: found.start)

    def _by_pattern(self, entities: tuple[str, ...], text: str) -> Iterator[Found]:
        for entity, reader, pattern in self._patterns:
            for match in pattern.finditer(text) if entity in entities else ():
                groups = {name.rstrip("2"): value for name, value in match.groupdict().items() if value}
                value = READERS[reader](groups)
                if value is not None:
                    yield Found(entity, _start(match), match.end(), value)

    @staticmethod
    def _dates(text: str, today: date) -> Iterator[Found]:
        for start, end, period in dates.find(text, today):
            yield Found("date", start, end, period.as_value())

    def _by_gazetteer(self, text: str) -> Iterator[Found]:
        for place in self._gazetteer.find(text):
            yield Found("place", place.start, place.end, dict(place.value))
        doc = self._nlp.make_doc(text)
        for name, start, end in self._longest(doc):
            span = doc[start:end]
            if span.text in self._roles:
                yield Found(name, span.start_char, span.end_char, self._roles[span.text])

    def _longest(self, doc: Doc) -> Iterator[tuple[str, int, int]]:
        end_of_last = 0
        for key, start, end in sorted(self._matcher(doc), key=lambda hit: (hit[1], -hit[2])):
            if start >= end_of_last:
                end_of_last = end
                yield self._nlp.vocab.strings[key], start, end


def _covered(match: re.Match[str]) -> str:
    return _COVER * len(match[0])


def _start(match: re.Match[str]) -> int:
    """Where the amount itself begins: a cue such as 欠我 before it belongs to the pattern, not to the entity."""
    return match.start("n") if match.groupdict().get("n") else match.start()


def _load_patterns(path: Path) -> list[tuple[str, str, re.Pattern[str]]]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["patterns"]
    return [(row["entity"], row["reader"], re.compile(row["pattern"].replace("{N}", NUMERAL))) for row in rows]


def _load_traps(path: Path) -> re.Pattern[str]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = "|".join(re.escape(word) for word in sorted(content["words"], key=len, reverse=True))
    patterns = [pattern.replace("{N}", NUMERAL) for pattern in content["patterns"]]
    return re.compile("|".join([rf"(?<![{NUMERAL_CHARACTERS}])(?:{words})", *patterns]))


def _load_roles(path: Path) -> dict[str, str]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["roles"]
    return {term: row["code"] for row in rows for term in row["terms"]}


def _no_roles(path: Path) -> Iterator[str]:
    """Words that hold a role's name and mean something else (老师傅); longer, so they win."""
    yield from yaml.safe_load(path.read_text(encoding="utf-8"))["not_roles"]
