"""One sum or paper in the making, as the slot `task` keeps it between two messages."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KIND_OF_ACT = {"calculate": "calculator", "draft_paper": "paper"}
ACT_OF_KIND = {kind: act for act, kind in KIND_OF_ACT.items()}


@dataclass
class Task:
    """`wanted` is what was asked last; `outcome` is None while it goes on."""

    kind: str
    code: str
    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    wanted: dict[str, Any] | None = None
    skipped: list[str] = field(default_factory=list)
    asked: int = 0
    misses: int = 0
    outcome: str | None = None

    @classmethod
    def from_slot(cls, stored: Mapping[str, Any] | None) -> "Task | None":
        return cls(**stored) if stored else None

    @classmethod
    def from_wish(cls, wish: Mapping[str, Any]) -> "Task":
        return cls(wish["kind"], wish["code"], wish["title"], dict(wish["facts"]))

    @property
    def stored(self) -> dict[str, Any] | None:
        return None if self.outcome else asdict(self)
