"""Append-only history: every event carries the hash of the one before, so a change in the middle shows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

Scalar = str | bool | None
Trail = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Event:
    """`changes` holds the fields that the move set; together with the opening event they rebuild the ticket."""

    ticket: str
    seq: int
    move: str
    at: datetime
    actor: str
    note: str
    changes: Mapping[str, Scalar | Trail]
    previous: str
    hash: str

    @classmethod
    def after(
        cls,
        ticket: str,
        seq: int,
        previous: str,
        move: str,
        at: datetime,
        actor: str,
        note: str,
        changes: Mapping[str, Scalar | Trail],
    ) -> "Event":
        digest = _digest(ticket, seq, previous, str(move), at, actor, note, changes)
        return cls(ticket, seq, str(move), at, actor, note, changes, previous, digest)

    @property
    def genuine(self) -> bool:
        """True while nothing in it was altered."""
        digest = _digest(self.ticket, self.seq, self.previous, self.move, self.at, self.actor, self.note, self.changes)
        return digest == self.hash


def chain_verifies(events: Iterable[Event], head: str = "") -> bool:
    """True when nothing was altered, left out or put in. `head` also shows a history cut off at its end."""
    previous = ""
    for seq, event in enumerate(events):
        if event.seq != seq or event.previous != previous or not event.genuine:
            return False
        previous = event.hash
    return not head or head == previous


def _digest(
    ticket: str,
    seq: int,
    previous: str,
    move: str,
    at: datetime,
    actor: str,
    note: str,
    changes: Mapping[str, Scalar | Trail],
) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = [ticket, seq, previous, move, moment, actor, note, dict(changes)]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
