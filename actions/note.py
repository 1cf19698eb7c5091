"""Something about a ticket that stands already, as the slot `note` keeps it between two messages."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FIELDS = {
    "supplement": ("ticket", "text"),
    "change_mediator": ("ticket", "reason"),
    "disagree": ("ticket", "reason"),
    "rate": ("ticket", "score", "comment"),
    "claim": ("number", "code"),
    "statement": ("ticket", "statement", "sure"),
}

OTHER_SIDE_OF = "other_side_of"


@dataclass
class Note:
    """`values` by field, `wanted` the field asked last; `outcome` is None while it goes on.

    `unsure`: field and words of a voice message that have to be confirmed before they are a value.
    """

    kind: str
    values: dict[str, str] = field(default_factory=dict)
    wanted: str | None = None
    misses: int = 0
    unsure: tuple[str, str] | None = None
    outcome: str | None = None

    @classmethod
    def from_slot(cls, stored: Mapping[str, Any] | None) -> "Note | None":
        return cls(**stored) if stored and "kind" in stored else None

    @property
    def no(self) -> str:
        return self.values.get("ticket") or self.values.get("number") or ""

    @property
    def remembered(self) -> dict[str, str]:
        """What the slot keeps when the note has ended: the ticket in which this conversation is the other party."""
        return {OTHER_SIDE_OF: self.no} if self.kind == "statement" and self.no else {}

    @property
    def missing(self) -> str | None:
        return next((name for name in FIELDS[self.kind] if name not in self.values), None)

    @property
    def stored(self) -> dict[str, Any]:
        return asdict(self)
