"""Work beside tickets: a dated record of a kind, in a place, by an organisation, with a status, a due day, a history.

A kind is data; what is alike in sweeps, meetings, decisions, courses or suggestion letters is written once, here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from api.domain.access import Viewer, ViewerKind
from api.domain.errors import InvalidInput, TransitionNotAllowed
from api.domain.masking import masked
from api.domain.organisation import Place
from api.domain.tier import Tier
from api.domain.work_checks import Value, WorkChecks


class SeenBy(StrEnum):
    SCOPE = "scope"
    STAFF = "staff"
    PUBLIC = "public"


@dataclass(frozen=True)
class WorkMove:
    """`needs`: fields that must be filled (a yes/no one with yes). `owner_may`: also the organisation it is up to.

    `past`: dates that cannot lie in the future once the move is made.
    """

    code: str
    zh: str
    sources: frozenset[str]
    to: str
    needs: tuple[str, ...] = ()
    note: bool = False
    owner_may: bool = False
    past: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkKind:
    """`statuses` in order, the first one is that of a new record. `level`: how exact its place must be.

    `day` and `due` name the date fields it happens on and must be done by; `counts` the fields that add up;
    `waits`: the statuses in which the due day still runs.
    """

    code: str
    zh: str
    statuses: Mapping[str, str]
    moves: Mapping[str, WorkMove]
    labels: Mapping[str, str]
    level: int = 0
    seen_by: SeenBy = SeenBy.SCOPE
    parents: frozenset[str] = frozenset()
    owned: bool = False
    no_persons: bool = False
    day: str = ""
    due: str = ""
    counts: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    checked_by: str = ""
    waits: frozenset[str] = frozenset()
    checks: WorkChecks = field(default_factory=WorkChecks)

    @property
    def first(self) -> str:
        return next(iter(self.statuses))

    def from_here(self, status: str) -> list[WorkMove]:
        return [move for move in self.moves.values() if status in move.sources]

    def check(self, status: str, values: Mapping[str, Value], today: date) -> None:
        """Raises InvalidInput for values that cannot be true in this status."""
        done = (one for move in self.moves.values() if move.to == status for one in move.past)
        self.checks.check(values, self.labels, today, past=(*self.checks.past, *done))

    def moved(self, status: str, code: str, filled: Mapping[str, Value], note: str) -> WorkMove:
        """The move, when it may be made. Raises TransitionNotAllowed, InvalidInput (note_required, field_required)."""
        move = self.moves.get(code)
        if move is None or status not in move.sources:
            ways = "、".join(one.zh for one in self.from_here(status)) or "没有"
            asked = f"不能{move.zh}" if move else "没有这一步"
            raise TransitionNotAllowed(f"{self.zh}现在是“{self.statuses[status]}”，{asked}；现在能办的：{ways}")
        if move.note and not note.strip():
            raise InvalidInput(f"{move.zh}要写明理由", code="note_required")
        for name in move.needs:
            if filled.get(name) in (None, "", False):
                raise InvalidInput(f"{move.zh}前要填好“{self.labels[name]}”", code="field_required")
        return move


@dataclass(frozen=True)
class WorkPersons:
    """Words that turn a record of places into one of people; `says` is the answer to whoever writes them."""

    refused: re.Pattern[str]
    says: str
    basis: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str], says: str, basis: Iterable[str]) -> "WorkPersons":
        return cls(re.compile("|".join(map(re.escape, words))), says, tuple(basis))

    def check(self, texts: Iterable[str]) -> None:
        """Raises InvalidInput (person_refused) for a label on people, or a number that names one."""
        for text in texts:
            if self.refused.search("".join(text.split())) or masked(text) != text:
                raise InvalidInput(self.says, code="person_refused")


@dataclass(frozen=True)
class WorkRecord:
    """What access and history need to know of a stored record; ids of organisations as text, "" for none."""

    no: str
    kind: WorkKind
    status: str
    place: Place
    tier: Tier
    organisation: str
    owner: str = ""
    due: date | None = None
    version: int = 1
    head: str = field(default="", repr=False)

    def overdue(self, on: date) -> bool:
        return self.due is not None and self.due < on and self.status in self.kind.waits


def may_see(viewer: Viewer, record: WorkRecord) -> bool:
    """Staff see what their organisation keeps or owes and what lies in the place they supervise, as with tickets."""
    if record.kind.seen_by is SeenBy.PUBLIC:
        return True
    if viewer.kind is ViewerKind.APPLICANT:
        return False
    if viewer.everything or record.kind.seen_by is SeenBy.STAFF:
        return True
    return _theirs(viewer, record) or supervises(viewer, record.place, record.tier)


def may_write(viewer: Viewer, record: WorkRecord) -> bool:
    """The organisation that keeps it, who supervises the place, administrators and tools."""
    if viewer.kind is ViewerKind.APPLICANT:
        return False
    keeps = bool(viewer.organisation) and viewer.organisation == record.organisation
    return viewer.everything or keeps or supervises(viewer, record.place, record.tier)


def may_move(viewer: Viewer, record: WorkRecord, move: WorkMove) -> bool:
    owes = bool(viewer.organisation) and viewer.organisation == record.owner
    return may_write(viewer, record) or (move.owner_may and owes and viewer.kind is not ViewerKind.APPLICANT)


def supervises(viewer: Viewer, place: Place, tier: Tier) -> bool:
    if viewer.scope is None or viewer.scope_tier is None:
        return False
    inside = any(scope.local.contains(place.local) for scope in (viewer.scope, *viewer.former))
    return inside and tier.rank <= viewer.scope_tier.rank


def _theirs(viewer: Viewer, record: WorkRecord) -> bool:
    return bool(viewer.organisation) and viewer.organisation in (record.organisation, record.owner)
