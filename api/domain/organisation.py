"""Who can take a dispute: places, organisations, their members, and a directory indexed once for fast routing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from api.domain.tier import Tier


class OrganisationKind(StrEnum):
    GRID_STATION = "grid_station"
    VILLAGE_COMMITTEE = "village_committee"
    JUDICIAL_OFFICE = "judicial_office"
    TOWN_COMMITTEE = "town_committee"
    TRIBUNAL = "tribunal"
    SPECIALIST_COMMITTEE = "specialist_committee"
    PERSONAL_STUDIO = "personal_studio"
    DEPARTMENT = "department"
    LEGAL_AID_CENTRE = "legal_aid_centre"
    POLICE_STATION = "police_station"
    WOMENS_FEDERATION = "womens_federation"
    LABOUR_INSPECTION = "labour_inspection"
    GOVERNANCE_CENTRE = "governance_centre"


@dataclass(frozen=True, slots=True)
class Place:
    """A path from county to group; an empty part means "all of it" (or not known)."""

    county: str = ""
    town: str = ""
    village: str = ""
    group: str = ""

    def __str__(self) -> str:
        return "".join(self.parts)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        return (self.county, self.town, self.village, self.group)

    @property
    def level(self) -> int:
        """0 county, 1 town, 2 village, 3 group; everywhere counts as 0."""
        return max((index for index, part in enumerate(self.parts) if part), default=0)

    @property
    def local(self) -> "Place":
        """Without the county: towns are named once per directory."""
        return Place("", self.town, self.village, self.group)

    def contains(self, other: "Place") -> bool:
        return all(mine in ("", theirs) for mine, theirs in zip(self.parts, other.parts, strict=True))

    def widening(self) -> Iterator["Place"]:
        """Itself, then village, town, county and everywhere."""
        parts = list(self.parts)
        yield self
        for index in (3, 2, 1, 0):
            if parts[index]:
                parts[index] = ""
                yield Place(*parts)


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` up to, not including, `until`."""

    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True)
class Member:
    """`load`: open cases; `limit`: the most they take; `duty_days`: weekdays (Monday 0), `shifts`: dated duty.

    Without days and shifts they are on duty whenever they are not absent. `household`: where they live, in words.
    """

    id: str
    name: str
    role: str
    specialties: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    load: int = 0
    limit: int = 30
    absences: tuple[Span, ...] = ()
    duty_days: frozenset[int] = frozenset()
    shifts: tuple[Span, ...] = ()
    household: str = ""
    relations: frozenset[str] = frozenset()
    last_assigned: datetime | None = None

    def on_duty(self, at: datetime) -> bool:
        """`at` in local time, so that the weekday is the one people mean."""
        if any(absence.covers(at) for absence in self.absences):
            return False
        if not self.duty_days and not self.shifts:
            return True
        return at.weekday() in self.duty_days or any(shift.covers(at) for shift in self.shifts)

    @property
    def turn(self) -> tuple[int, float, str]:
        """Sort key: lowest load first, then longest idle."""
        idle_since = self.last_assigned.timestamp() if self.last_assigned else 0.0
        return (self.load, idle_since, self.id)


@dataclass(frozen=True, eq=False)
class Organisation:
    """`subjects` is empty for those who take everything."""

    id: str
    name: str
    kind: OrganisationKind
    tier: Tier
    serves: tuple[Place, ...]
    subjects: frozenset[str] = frozenset()
    members: tuple[Member, ...] = ()

    @cached_property
    def in_turn(self) -> tuple[Member, ...]:
        return tuple(sorted(self.members, key=lambda member: member.turn))

    @cached_property
    def by_specialty(self) -> dict[str, tuple[Member, ...]]:
        found: dict[str, list[Member]] = defaultdict(list)
        for member in self.in_turn:
            for specialty in member.specialties:
                found[specialty].append(member)
        return {specialty: tuple(members) for specialty, members in found.items()}


class Directory:
    """All organisations, indexed by place and kind when built; looking up costs a handful of dictionary reads.

    `successors` lead from places of the past (without their county) to those of today.
    """

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.successors: Mapping[Place, Place] = {}
        self._at: dict[tuple[Place, OrganisationKind], list[Organisation]] = defaultdict(list)
        self._inside: dict[tuple[Place, OrganisationKind], list[Organisation]] = defaultdict(list)
        self._by_id: dict[str, Organisation] = {}
        self._towns: dict[str, list[str]] = defaultdict(list)
        self._counties: dict[str, str] = {}
        for organisation in organisations:
            self.update(organisation)

    def update(self, organisation: Organisation, *, active: bool = True) -> None:
        """Put in, replace or (when no longer active) take out one organisation."""
        if known := self._by_id.pop(organisation.id, None):
            for shelf in self._shelves(known):
                shelf.remove(known)
        if not active:
            return
        self._by_id[organisation.id] = organisation
        for shelf in self._shelves(organisation):
            shelf.append(organisation)
        for place in organisation.serves:
            self._counties[place.town] = place.county
            if place.village and place.town not in self._towns[place.village]:
                self._towns[place.village].append(place.town)

    def occupy(self, organisation: str, member: str, load: int, last_assigned: datetime | None) -> None:
        """How much a member has to do now; nothing else has changed, nor its place among the others."""
        known = self._by_id.get(organisation)
        if known is None:
            return
        members = tuple(
            replace(one, load=load, last_assigned=last_assigned) if one.id == member else one for one in known.members
        )
        now = self._by_id[organisation] = replace(known, members=members)
        for shelf in self._shelves(known):
            shelf[shelf.index(known)] = now

    def _shelves(self, organisation: Organisation) -> Iterator[list[Organisation]]:
        for place in organisation.serves:
            yield self._at[place.local, organisation.kind]
            if place.group:
                yield self._inside[Place(town=place.town, village=place.village), organisation.kind]

    def county_of(self, town: str) -> str:
        """Of an unknown town: the county of those who serve all of it."""
        return self._counties.get(town) or self._counties.get("", "")

    def towns_of(self, village: str) -> list[str]:
        return self._towns.get(village, [])

    def today(self, place: Place) -> Place:
        """The place that a former village, town or group is part of today; every other place is itself."""
        for wider in place.local.widening():
            if now := self.successors.get(wider):
                return Place(place.county, now.town, now.village or place.village, now.group or place.group)
        return place

    def get(self, id: str) -> Organisation | None:
        return self._by_id.get(id)

    def serving(self, place: Place, kind: OrganisationKind, subject: str = "") -> list[Organisation]:
        """Nearest first: group, village, town, county. When the group is not known, all groups of the village."""
        found: list[Organisation] = []
        if place.village and not place.group:
            found += self._inside.get((Place(town=place.town, village=place.village), kind), ())
        for wider in place.local.widening():
            found += self._at.get((wider, kind), ())
        return [one for one in found if not subject or subject in one.subjects]

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._by_id.values())
