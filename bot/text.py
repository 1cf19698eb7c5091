"""Bring a citizen's message into one plain form; no Rasa here, so it can be tested in milliseconds."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from pathlib import Path

import yaml

MAX_CHARACTERS = 2000
LEAST_MATTER = 4
OPENINGS = Path(__file__).resolve().parent.parent / "nlu_data" / "lookups" / "openings.yml"
PAYLOAD = re.compile(r"/[A-Za-z_]")

_REPEATS = re.compile(r"([^\d〇零])\1{2,}")
_CHAT_EMOTICON = re.compile(r"\[(?!图片|语音|视频|位置|链接|文件)[\u4e00-\u9fff]{1,3}\]")
_CJK = r"\u3000-\u303f\u3400-\u9fff"
_SPACE_BESIDE_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "So", "Sk"})
_KEPT_SYMBOLS = frozenset("°")


def is_payload(text: str) -> bool:
    """True for a button's payload such as ``/affirm`` or ``/inform{"place": "东沟村"}``."""
    return PAYLOAD.match(text) is not None


def normalise(text: str) -> str:
    """Simplified Chinese, half-width, no emoji or control characters, at most 2,000 characters; idempotent.

    A payload comes back untouched.
    """
    if is_payload(text):
        return text
    plain = unicodedata.normalize("NFKC", text[: 2 * MAX_CHARACTERS])
    plain = "".join(_plain_character(character) for character in plain)
    plain = to_simplified(_CHAT_EMOTICON.sub("", plain))
    plain = _SPACE_BESIDE_CJK.sub("", " ".join(plain.split()))
    return _REPEATS.sub(r"\1\1", plain)[:MAX_CHARACTERS].strip()


def _plain_character(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in _DROPPED_CATEGORIES and character not in _KEPT_SYMBOLS:
        return ""
    return character


def matter(text: str) -> str:
    """The text without the courtesies it opens with, as long as at least `LEAST_MATTER` characters are left."""
    rest = text[_openings().match(text).end() :]  # type: ignore[union-attr]  # matches the empty text too
    return rest if len(rest) >= LEAST_MATTER else text


@lru_cache(maxsize=1)
def _openings() -> re.Pattern[str]:
    listed = yaml.safe_load(OPENINGS.read_text(encoding="utf-8"))["openings"]
    longest_first = "|".join(sorted(map(re.escape, listed), key=len, reverse=True))
    return re.compile(rf"(?:(?:{longest_first})[\s,，.。!！?？~、:：…]*)*")


def to_simplified(text: str) -> str:
    """Traditional to simplified; text without a traditional character comes back as it is, the dictionaries unread."""
    if _traditional_characters().isdisjoint(text):
        return text
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _traditional_characters() -> frozenset[str]:
    table = resources.files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return frozenset(source for source, targets in pairs if targets.split() != [source])


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]  # opencc ships no types
    from opencc import OpenCC

    return OpenCC("t2s")
