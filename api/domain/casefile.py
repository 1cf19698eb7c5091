"""The case file (案卷): which of its items are there, and which are missing for closing or for the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STAGES = ("close", "archive")


@dataclass(frozen=True)
class FileItem:
    """`needed`: stage → conditions (fact → values); no conditions mean always. `of`: the move or the kind of record."""

    number: int
    key: str
    zh: str
    source: str
    of: str = ""
    states: frozenset[str] = frozenset()
    needed: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Papers:
    """What the ticket has: moves made, (kind, state) of its records, whether there is evidence."""

    moves: frozenset[str]
    records: Sequence[tuple[str, str]]
    evidence: bool


@dataclass(frozen=True)
class ItemState:
    item: FileItem
    present: bool
    needed: bool

    @property
    def missing(self) -> bool:
        return self.needed and not self.present


def file_state(items: Sequence[FileItem], papers: Papers, facts: Mapping[str, str], stage: str) -> list[ItemState]:
    """`stage` "archive" asks for everything that closing asked for, too."""
    stages = STAGES[: STAGES.index(stage) + 1]
    return [
        ItemState(item, _present(item, papers), any(_needed(item, facts, one, papers) for one in stages))
        for item in items
    ]


def _present(item: FileItem, papers: Papers) -> bool:
    match item.source:
        case "record":
            found = [state for kind, state in papers.records if kind == item.of]
            # Every obligation must have come to its end, while one held meeting is enough.
            return bool(found) and (_all_done(item, found) if item.of == "obligation" else _any_done(item, found))
        case "move":
            return item.of in papers.moves
        case "evidence":
            return papers.evidence
    return True


def _any_done(item: FileItem, states: list[str]) -> bool:
    return not item.states or any(state in item.states for state in states)


def _all_done(item: FileItem, states: list[str]) -> bool:
    return all(state in item.states for state in states)


def _needed(item: FileItem, facts: Mapping[str, str], stage: str, papers: Papers) -> bool:
    if stage not in item.needed:
        return False
    if item.of == "obligation" and not any(kind == "obligation" for kind, _ in papers.records):
        return False
    return all(facts.get(fact) in values for fact, values in item.needed[stage].items())
