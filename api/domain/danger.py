"""The bot's reading of danger, heard when the rules are silent: enough to act on, enough to ask, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.domain.safety import CrisisHit, SafetyGate

CLASSIFIER = "classifier"
WHY = "规则没有说话，机器人读着像有危险"


@dataclass(frozen=True, slots=True)
class Danger:
    """`confidence` (0 to 1) that there is any danger; `kinds` are the likely ones, the likeliest first."""

    kinds: tuple[str, ...]
    confidence: float

    @classmethod
    def read(cls, parsed: Mapping[str, Any] | None) -> "Danger | None":
        """From `danger` of the bot's parse; None when it says nothing (an older model, a button)."""
        if not parsed or not parsed.get("kind"):
            return None
        return cls(tuple(parsed.get("kinds") or (parsed["kind"],)), float(parsed["confidence"]))


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Confidence from which a danger is a crisis, and from which it is worth one question. `quiet`: contexts of the
    rules (a film, long ago, a question of law …) in which the opinion is not heard at all.

    `unlikely`: kind → contexts in which the opinion is no more than a doubt. `worrying`:
    context → kind; a text that holds it is a doubt whatever the bot thinks.
    """

    gate: SafetyGate
    crisis_from: float
    ask_from: float
    quiet: tuple[str, ...]
    unlikely: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    worrying: Mapping[str, str] = field(default_factory=dict)

    def heard(self, text: str) -> bool:
        return not self.gate.reads_as(text, self.quiet)

    def hits(self, danger: Danger | None, text: str) -> tuple[CrisisHit, ...]:
        """What the rules would have returned for this text."""
        if danger is None or danger.confidence < self.crisis_from or not self.heard(text):
            return ()
        if danger.kinds[0] in self.unfounded(text):
            return ()
        return tuple(CrisisHit(kind, (0, len(text)), CLASSIFIER, WHY) for kind in danger.kinds)

    def unfounded(self, text: str) -> tuple[str, ...]:
        """Kinds that in this text are not acted on by the opinion alone."""
        return tuple(kind for kind, contexts in self.unlikely.items() if self.gate.reads_as(text, contexts))

    def doubts(self, danger: Danger | None, text: str) -> tuple[str, ...]:
        """The kinds to ask about, the likeliest first; none when there is nothing to ask or enough to act on."""
        if not self.heard(text) or self.hits(danger, text):
            return ()
        if danger is not None and danger.confidence >= self.ask_from:
            return danger.kinds
        return tuple(kind for context, kind in self.worrying.items() if self.gate.reads_as(text, (context,)))

    def doubtful(self, danger: Danger | None, text: str) -> bool:
        return bool(self.doubts(danger, text))
