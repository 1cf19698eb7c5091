"""Which of the fixed texts is said: the usual one, the short one of a second alarm, or the one for who does harm."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from api.domain.conversation import Reply
from api.domain.safety import CrisisHit, SafetyGate
from knowledge_base.safety import HelpText

MOST = 2


@dataclass(frozen=True, slots=True)
class HelpTexts:
    """By kind. The danger is the same and so is the alarm; only who is spoken to differs."""

    gate: SafetyGate
    by_kind: Mapping[str, HelpText]

    def offender(self, kind: str, text: str) -> bool:
        """Whether the one who writes is about to do this, or did it."""
        spoken_to = self.by_kind[kind].offender
        return spoken_to is not None and self.gate.reads_as(text, spoken_to.when)

    def replies(self, hits: Sequence[CrisisHit], text: str, told: Collection[str] = ()) -> tuple[Reply, ...]:
        """Of the most urgent kind, and of a second kind when there is one. `told`: the kinds of a short while ago."""
        kinds = list(dict.fromkeys(hit.kind for hit in hits))[:MOST]
        return tuple(dict.fromkeys(Reply(self._text(kind, text, told)) for kind in kinds))

    def _text(self, kind: str, text: str, told: Collection[str]) -> str:
        known = self.by_kind[kind]
        if known.offender is not None and self.offender(kind, text):
            return known.offender.text
        return known.again if known.again and kind in told else known.text
