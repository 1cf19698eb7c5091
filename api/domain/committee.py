"""The register of a people's mediation committee, and what it still lacks (人民调解法 8 to 12)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class GapRule:
    text: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class CommitteeRules:
    """`kinds` of organisations that are committees, but for those of `not_tiers`, which arbitrate or judge.

    `checklist` and `seats` are code → Chinese.
    """

    kinds: frozenset[str]
    not_tiers: frozenset[str]
    min_seats: int
    max_seats: int
    term_years: int
    seats: Mapping[str, str]
    gaps: Mapping[str, GapRule]
    checklist: Mapping[str, str]

    def covers(self, kind: str, tier: str) -> bool:
        return kind in self.kinds and tier not in self.not_tiers


@dataclass(frozen=True)
class Register:
    seats: int
    elected_on: date | None = None
    term_ends_on: date | None = None
    multi_ethnic: bool = False
    minority_member: bool = False
    checklist: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seat:
    seat: str
    woman: bool


@dataclass(frozen=True)
class Gap:
    code: str
    text: str
    basis: tuple[str, ...]


def term_end(elected_on: date, rules: CommitteeRules) -> date:
    """The same day some years on; the 29th of February becomes the 28th."""
    year = elected_on.year + rules.term_years
    try:
        return elected_on.replace(year=year)
    except ValueError:
        return elected_on.replace(year=year, day=28)


def gaps(register: Register | None, seats: Sequence[Seat], rules: CommitteeRules, on: date) -> list[Gap]:
    """`seats`: those of the active members; appointed mediators without a seat do not count (13)."""
    found = [*_people(register, seats, rules), *_papers(register, rules, on)]
    return [Gap(code, rules.gaps[code].text.format(**values), rules.gaps[code].basis) for code, values in found]


Found = tuple[str, dict[str, object]]


def _people(register: Register | None, seats: Sequence[Seat], rules: CommitteeRules) -> Iterator[Found]:
    total = register.seats if register else len(seats)
    if not rules.min_seats <= total <= rules.max_seats:
        yield "seats", {"seats": total, "low": rules.min_seats, "high": rules.max_seats}
    if register and len(seats) != register.seats:
        yield "vacant", {"seats": register.seats, "filled": len(seats)}
    yield from _director(seats)
    if not any(one.woman for one in seats):
        yield "no_woman", {}


def _director(seats: Iterable[Seat]) -> Iterator[Found]:
    directors = sum(one.seat == "director" for one in seats)
    if directors == 0:
        yield "no_director", {}
    if directors > 1:
        yield "many_directors", {"count": directors}


def _papers(register: Register | None, rules: CommitteeRules, on: date) -> Iterator[Found]:
    if register is None:
        yield "no_register", {}
        return
    if register.multi_ethnic and not register.minority_member:
        yield "no_minority", {}
    if register.elected_on is None:
        yield "no_election", {}
    ends = register.term_ends_on or (register.elected_on and term_end(register.elected_on, rules))
    if ends and ends < on:
        yield "term_over", {"ends": f"{ends.year}年{ends.month}月{ends.day}日"}
    if missing := [zh for code, zh in rules.checklist.items() if code not in register.checklist]:
        yield "unchecked", {"items": "、".join(missing)}
