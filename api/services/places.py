"""Finds the place in what a villager says: 东沟一组, 东沟村一社, 我是柳树村的."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from opencc import OpenCC
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations
from api.domain.organisation import Place

DIGITS = "一二三四五六七八九"
GROUP = re.compile(r"第?([一二三四五六七八九十]{1,3}|\d{1,2})(?:村民小组|居民小组|小组|组|社|小队|生产队|队)")
SUFFIXES = ("镇", "乡", "街道", "村", "社区")
SIMILAR = 0.6
CANDIDATES = 6


@dataclass(frozen=True)
class PlaceMatch:
    """`place` only when there is no doubt; `candidates` are what to ask about."""

    place: Place | None
    candidates: tuple[Place, ...] = ()


async def match(session: AsyncSession, text: str) -> PlaceMatch:
    """Names of today first; a name that is no longer in use leads to the place it is part of now."""
    found = find_place(text, await organisations.places(session))
    if found.place and found.place.village:
        return found
    former = await organisations.successors(session)
    old = find_place(text, list(former)) if former else PlaceMatch(None)
    if old.place is None or not old.place.village:
        return found
    return PlaceMatch(_with_county(former[old.place], await organisations.places(session)))


def _with_county(place: Place, known: Iterable[Place]) -> Place:
    return next((one for one in known if one.local == place), place)


def find_place(text: str, known: Sequence[Place]) -> PlaceMatch:
    """Pure part: exact names first, names without their suffix next, then names that only look alike."""
    said = simplified().convert("".join(unicodedata.normalize("NFKC", text).split()))
    towns = [place for place in known if place.town and not place.village and _named(place.town, said)]
    villages = [place for place in known if place.village and not place.group and _named(place.village, said)]
    if towns:
        villages = [place for place in villages if any(town.contains(place) for town in towns)] or villages
    villages = _most_exact(villages, said)
    if len(villages) == 1:
        return PlaceMatch(_with_group(villages[0], said, known))
    if villages:
        return PlaceMatch(None, tuple(villages[:CANDIDATES]))
    alike = _alike(said, known)
    if alike:
        return PlaceMatch(None, tuple(_with_group(place, said, known) for place in alike))
    if len(towns) == 1:
        inside = [place for place in known if place.village and not place.group and towns[0].contains(place)]
        return PlaceMatch(towns[0], tuple(inside[:CANDIDATES]))
    return PlaceMatch(None, tuple(towns[:CANDIDATES]))


@cache
def simplified() -> OpenCC:
    """Traditional to simplified characters; the tables are read once."""
    return OpenCC("t2s")


def stem(name: str) -> str:
    """东沟村 → 东沟; a name that would shrink to one character stays whole."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name.removesuffix(suffix)
    return name


def group_said(text: str) -> str:
    """The group in the form of the directory (一组); empty when none was named."""
    found = GROUP.search(text)
    if not found:
        return ""
    number = found[1]
    return f"{chinese_number(int(number)) if number.isdecimal() else number}组"


def chinese_number(number: int) -> str:
    """1 to 99, as groups are counted."""
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens - 1]}十"
    return ten + (DIGITS[ones - 1] if ones else "")


def _named(name: str, said: str) -> bool:
    return stem(name) in said


def _most_exact(places: list[Place], said: str) -> list[Place]:
    """Full names beat stems, and a longer name beats one that is part of it (小东沟 / 东沟)."""
    full = [place for place in places if place.village in said] or places
    stems = {stem(place.village) for place in full}
    return [place for place in full if not any(stem(place.village) in other for other in stems - {stem(place.village)})]


def _with_group(village: Place, said: str, known: Iterable[Place]) -> Place:
    wanted = Place(village.county, village.town, village.village, group_said(said))
    return wanted if wanted.group and wanted in known else village


def _alike(said: str, known: Iterable[Place]) -> list[Place]:
    """Villages written with a wrong character: 东构村 for 东沟村. Only windows that end like a village name count."""
    windows = {said[max(0, end - size) : end] for end in _village_ends(said) for size in (2, 3, 4)}
    scored = []
    for place in known:
        if place.village and not place.group:
            best = max((SequenceMatcher(None, place.village, window).ratio() for window in windows), default=0.0)
            if best >= SIMILAR:
                scored.append((best, place))
    top = max((score for score, _ in scored), default=0.0)
    return [place for score, place in scored if score > top - 0.05][:CANDIDATES]


def _village_ends(said: str) -> list[int]:
    return [found.end() for found in re.finditer("村|社区", said)]
