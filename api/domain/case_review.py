"""The review of closed files: drawn at random, read by two people who do not know of each other's sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from api.domain.errors import InvalidInput


class ReviewStatus(StrEnum):
    READING = "reading"
    AGREED = "agreed"
    DISPUTED = "disputed"
    SETTLED = "settled"


@dataclass(frozen=True)
class Point:
    code: str
    zh: str
    most: int


@dataclass(frozen=True)
class Reader:
    """`organisation` tells whose files this person may not judge."""

    member: int
    organisation: str


def total_of(given: Mapping[str, int], points: Sequence[Point], words: Mapping[str, str]) -> int:
    """Raises InvalidInput when a point is missing, unknown or out of range."""
    missing = [one.zh for one in points if one.code not in given]
    if missing or len(given) != len(points):
        raise InvalidInput(words["points"].format(missing="、".join(missing) or "有不认识的项"), code="points_missing")
    for one in points:
        if not 0 <= given[one.code] <= one.most:
            raise InvalidInput(words["range"].format(zh=one.zh, most=one.most), code="out_of_range")
    return sum(given.values())


def outcome(first: int, second: int, gap: int) -> tuple[ReviewStatus, int | None]:
    """The mean, rounded half up, when the two are near; far apart, a person has to settle it."""
    if abs(first - second) > gap:
        return ReviewStatus.DISPUTED, None
    return ReviewStatus.AGREED, (first + second + 1) // 2


def two_readers(pool: Sequence[Reader], handled: frozenset[str], load: dict[int, int], luck: Random) -> list[Reader]:
    """Two of the least busy who had nothing to do with the file, from two organisations where that is possible.

    Fewer than two when there are not enough; `load` (files by member) is counted up for the ones chosen.
    """
    free = [one for one in pool if one.organisation not in handled]
    luck.shuffle(free)
    free.sort(key=lambda one: load.get(one.member, 0))
    if len(free) < 2:
        return free
    first = free[0]
    second = next((one for one in free[1:] if one.organisation != first.organisation), free[1])
    for one in (first, second):
        load[one.member] = load.get(one.member, 0) + 1
    return [first, second]
