"""What happened in the turn under way: whether it failed, and which conversation was stored. One record per task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


class TurnAborted(BaseException):
    """Stops a turn before anything is stored.

    A BaseException, because Rasa catches Exception around every action and would carry on without its events.
    """


class TurnFailed(RuntimeError):
    """The turn did not take place: nothing was stored, the same message may be sent again."""


@dataclass
class Turn:
    """Filled in by the tracker store."""

    tracker: Any = None
    events: int = 0

    def saved(self, tracker: Any, events: int) -> None:
        self.tracker = tracker
        self.events += events


_current: ContextVar[Turn | None] = ContextVar("turn", default=None)


def current_turn() -> Turn:
    return _current.get() or Turn()


@contextmanager
def turn() -> Iterator[Turn]:
    """Open a record for the task that handles one message."""
    record = Turn()
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)
