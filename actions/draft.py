"""The application being written: what is known, what comes next. Nothing of it is stored before 确认提交."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.events import EventType, SlotSet

STEPS = ("story", "kind", "place", "respondent", "details", "contact", "confirmation")
MAX_QUESTIONS = 5


@dataclass
class Draft:
    """Mirrors the slots of `intake_form`; a step that is None has still to be asked.

    `place` and `contact` are {} when left out on purpose. `details` holds the answers by question key, `told` the
    questions that the story answered by itself. `clarify` is the question between two categories while it is open;
    `behalf` names the person it is told for; `later` are the matters told beside this one; `misses` counts answers in
    a row that nothing could be made of; `unsure` is a voice message that waits to be confirmed (actions/hearing.py);
    `whole`: the summary shows a long story to its end; `name`: their own, said before it was asked.
    """

    story: str | None = None
    triage: dict[str, Any] = field(default_factory=dict)
    place: dict[str, Any] | None = None
    respondent: str | None = None
    questions: list[dict[str, Any]] | None = None
    details: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, str] | None = None
    clarify: dict[str, Any] | None = None
    behalf: str = ""
    later: list[dict[str, Any]] = field(default_factory=list)
    misses: int = 0
    unsure: dict[str, Any] | None = None
    whole: bool = False
    name: str = ""
    outcome: str | None = None

    @classmethod
    def from_slot(cls, stored: Mapping[str, Any] | None) -> "Draft":
        return cls(**stored) if stored else cls()

    @property
    def question(self) -> Mapping[str, Any] | None:
        """The first of the category's questions that was not asked yet."""
        return next((q for q in self.questions or () if q["key"] not in self.details), None)

    def asked(self, key: str) -> str:
        """The question behind an answer, short; answers of no question carry their own name."""
        texts = {**self.told, **{q["key"]: str(q["text"]) for q in self.questions or ()}}
        return texts.get(key, key).split("？")[0]

    @property
    def step(self) -> str:
        """The first thing still missing."""
        missing = {
            "story": self.story is None,
            "kind": self.clarify is not None,
            "place": self.place is None,
            "respondent": self.respondent is None,
            "details": self.questions is None or self.question is not None,
            "contact": self.contact is None,
        }
        return next((step for step in STEPS[:-1] if missing[step]), "confirmation")

    def add(self, words: str) -> bool:
        """Puts words behind the story; False when there is none yet or they stand in it already."""
        words = words.strip("。，, ")
        if self.story is None or not words or words in self.story:
            return False
        self.story = f"{self.story.rstrip('。，, ')}。{words}"
        return True

    def back(self) -> bool:
        """Opens the step answered last before this one again; False when there is none."""
        at = STEPS.index(self.step)
        asked = [question["key"] for question in self.questions or () if question["key"] in self.details]
        if at > STEPS.index("contact"):
            self.contact = None
        elif at >= STEPS.index("details") and asked:
            self._open_again(asked[-1])
        elif at > STEPS.index("respondent"):
            self.respondent = None
        elif at > STEPS.index("place"):
            self.place = None
        elif self.story is not None:
            self.story, self.questions, self.clarify, self.triage = None, None, None, {}
        else:
            return False
        return True

    def _open_again(self, key: str) -> None:
        del self.details[key]
        question = next(one for one in self.questions or () if one["key"] == key)
        self.facts.pop(question.get("fact") or "", None)

    def skip_rest(self) -> None:
        """Everything not answered is left open; only the confirmation remains."""
        self.clarify = None
        self.place = self.place if self.place is not None else {}
        self.respondent = self.respondent if self.respondent is not None else ""
        self.contact = self.contact if self.contact is not None else {}
        self.questions = self.questions or []
        for question in self.questions:
            self.details.setdefault(question["key"], "")

    @property
    def stored(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def events(self) -> list[EventType]:
        """Slots for Rasa: the whole draft, and which step the form asks next (None ends the form)."""
        step = None if self.outcome else self.step
        done = {name: (True if self._filled(name, step) else None) for name in STEPS}
        return [
            SlotSet("draft", self.stored),
            *(SlotSet(f"intake_{name}", value) for name, value in done.items()),
            SlotSet("requested_slot", f"intake_{step}" if step else None),
        ]

    def _filled(self, name: str, step: str | None) -> bool:
        return step is None or STEPS.index(name) < STEPS.index(step)

    def routing_facts(self) -> dict[str, Any]:
        """Facts in the words of the routing evaluator."""
        place = self.place or {}
        known = {
            "category": self.triage.get("category"),
            "subcategory": self.triage.get("subcategory"),
            **{level: place.get(level) for level in ("town", "village", "group")},
            "respondent_org": self.respondent or None,
            **self.facts,
        }
        return {key: value for key, value in known.items() if value is not None}
