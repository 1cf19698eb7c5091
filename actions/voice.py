"""Variety without chance: which wording is said in this turn, and nothing said three times in a row unchanged."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

REMEMBERED = 2  # turns; what stood in all of them would be a third time now
_speaking: ContextVar[tuple[str, int]] = ContextVar("speaking", default=("", 0))


@contextmanager
def speaking(conversation: str, turn: int) -> Iterator[None]:
    """Within it `pick` chooses for this turn of this conversation."""
    token = _speaking.set((conversation, turn))
    try:
        yield
    finally:
        _speaking.reset(token)


def pick(key: str, variants: Sequence[str]) -> str:
    """Where a conversation starts in the list depends on who speaks; from turn to turn it goes one further."""
    conversation, turn = _speaking.get()
    return variants[(crc32(f"{conversation}{key}".encode()) + turn) % len(variants)]


@dataclass
class Memory:
    """What was said in the last turns, as check sums; one message may take several action calls."""

    message: str = ""
    turn: int = 0
    said: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)

    @classmethod
    def at(cls, stored: Mapping[str, Any] | None, message: str) -> "Memory":
        memory = cls(**stored) if stored else cls()
        if memory.message != message:
            before = [*memory.before, memory.said][-REMEMBERED:]
            memory = cls(message, memory.turn + 1, [], before)
        return memory

    def third_time(self, text: str) -> bool:
        """Notes the text; True when it was said in each of the turns remembered."""
        check = crc32(text.encode())
        self.said.append(check)
        return len(self.before) == REMEMBERED and all(check in turn for turn in self.before)

    @property
    def stored(self) -> dict[str, Any]:
        return {"message": self.message, "turn": self.turn, "said": self.said, "before": self.before}
