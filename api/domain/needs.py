"""Which records must stand on a ticket before a move is made: the rules and the records in, what is missing out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.domain.lifecycle import Move


@dataclass(frozen=True, slots=True)
class RecordNeed:
    """One record of `kind` in one of `states` is enough. `says`: how to come by it, for people."""

    kind: str
    zh: str
    states: frozenset[str]
    says: str
    basis: tuple[str, ...]

    def met(self, records: Iterable[tuple[str, str]]) -> bool:
        """`records`: (kind, state) of everything on the ticket."""
        return any(kind == self.kind and state in self.states for kind, state in records)


Needs = Mapping[Move, tuple[RecordNeed, ...]]
NOTHING: Needs = {}


def lacking(needs: Needs, records: Iterable[tuple[str, str]]) -> Needs:
    """Of every move what it still lacks; a move that lacks nothing is not in it."""
    have = list(records)
    found = {move: tuple(one for one in wanted if not one.met(have)) for move, wanted in needs.items()}
    return {move: missing for move, missing in found.items() if missing}
