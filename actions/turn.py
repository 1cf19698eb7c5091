"""What one action call knows about the turn: the words, what the NLU made of them, whose conversation it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

LEAST_MATTER = 4
SURE_MATTER = 0.4  # from here the words are about a matter, whatever act they were taken for
BUTTON_WORDS = {"affirm": "是", "deny": "不是"}


@dataclass(frozen=True, slots=True)
class Turn:
    """Read once from Rasa's tracker. `said` is the message as it was written, `text` what the NLU made it into;

    `triage` is the category classifier's result for this message; `desk_ticket` the ticket about which the desk wrote
    last, if nobody has answered that yet; `crisis`: kind, side (victim or offender), words and protective ticket of a
    crisis told not long ago; `by_voice`: the words were recognised from a voice message; `back`: with these words the
    bot was asked back from the operators.
    """

    text: str
    said: str
    intent: str
    confidence: float
    triage: Mapping[str, Any]
    entities: tuple[Mapping[str, Any], ...]
    channel: str
    sender: str
    message_id: str
    crisis_at: str | None
    crisis: Mapping[str, Any] | None = None
    desk_ticket: str = ""
    place_hint: str = ""
    by_voice: bool = False
    back: bool = False

    def values(self, kind: str) -> list[Any]:
        """Values of the entities of one type, in the order they were said."""
        return [entity["value"] for entity in self.entities if entity.get("entity") == kind]

    def first(self, kind: str) -> Any:
        return next(iter(self.values(kind)), None)

    @property
    def parse(self) -> dict[str, Any]:
        """The NLU's result in the shape the desk takes, so that it need not parse again."""
        return {
            "intent": {"name": self.intent, "confidence": self.confidence},
            "entities": [dict(entity) for entity in self.entities],
            "triage": dict(self.triage),
        }

    def tells_of_a_matter(self, *, from_: float) -> bool:
        """Whether the category classifier hears a legal matter, with at least this confidence."""
        heard = float(self.triage.get("confidence") or 0.0) >= from_
        told = self.triage.get("category") not in (None, "out_of_scope")
        return heard and told and not self.payload and len(self.text) >= LEAST_MATTER

    @property
    def spoken(self) -> str:
        """The message in words, also when a button gave it."""
        return BUTTON_WORDS.get(self.intent, "") if self.payload else self.said

    @property
    def payload(self) -> bool:
        """True when a button was pressed (Rasa's `/intent{...}` form)."""
        return self.text.startswith("/")


def turn_of(tracker: Tracker) -> Turn:
    message = tracker.latest_message
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    sender_channel, _, sender_id = tracker.sender_id.partition(":")
    return Turn(
        text=message.get("text") or "",
        said=str(metadata.get("said") or message.get("text") or ""),
        intent=intent.get("name") or "nlu_fallback",
        confidence=float(intent.get("confidence") or 0.0),
        triage=message.get("triage") or metadata.get("triage") or {},
        entities=tuple(message.get("entities") or ()),
        channel=metadata.get("channel") or sender_channel,
        sender=metadata.get("sender") or sender_id,
        message_id=str(metadata.get("message_id") or message.get("message_id") or ""),
        crisis_at=metadata.get("crisis_at"),
        crisis=metadata.get("crisis"),
        desk_ticket=str(metadata.get("desk_ticket") or ""),
        place_hint=str(metadata.get("place_hint") or ""),
        by_voice=metadata.get("kind") == "voice",
        back=bool(metadata.get("back")),
    )


def crisis_unspoken(turn: Turn, tracker: Tracker) -> bool:
    """True on the first turn after a crisis: everything else then waits for the person's lead."""
    return turn.crisis_at is not None and tracker.get_slot("crisis_seen") != turn.crisis_at
