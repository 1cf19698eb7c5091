"""A villager who talks at random, always the same for the same seed: lines of the dialogues, buttons, scraps, nonsense.

Whatever is said, there is an answer fit to be shown, never the same three times in a row, and no ticket comes about
without the person having confirmed the application that was read to them.
"""

import random
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.conversations.dialogue import UNFIT, text_of

WORDS = yaml.safe_load((Path(__file__).parents[1] / "load" / "monkey_words.yml").read_text("utf8"))
FILES = sorted(Path(__file__).parent.glob("*.yml"))


def lines() -> list[str]:
    """Everything people say in the dialogues that needs no ticket number put in."""
    steps = [step for path in FILES for one in yaml.safe_load_all(path.read_text("utf8")) for step in one["steps"]]
    said = {step["user"] for step in steps if "user" in step}
    return sorted(line for line in said if "{" not in line or line.startswith("/"))


@dataclass
class Monkey:
    """`problems` says what went wrong, with the turns before it."""

    client: httpx.Client
    seed: int
    pool: list[str] = field(default_factory=lines)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._start()

    def _start(self) -> None:
        self._sender = uuid.UUID(int=self._chance.getrandbits(128)).hex
        self._number = 0
        self._buttons: list[str] = []
        self._recent: deque[str] = deque(maxlen=3)
        self._read = ""
        self._log: deque[str] = deque(maxlen=8)

    def talk(self, turns: int) -> Iterator[int]:
        """Yields the number of each turn done."""
        for number in range(1, turns + 1):
            self._turn()
            yield number

    def _turn(self) -> None:
        text = self._next()
        self._number += 1
        body = {"channel": "web", "sender": self._sender, "message_id": f"{self._sender}-{self._number}", "text": text}
        response = self.client.post("/api/v1/chat/messages", json=body)
        self._log.append(f">> {text}")
        if response.status_code != 200:
            refused = response.status_code == 422 and response.json().get("detail")
            if not refused:
                self._problem(f"status {response.status_code}: {response.text[:300]}")
            return
        answer = response.json()
        self._judge(text, answer)
        self._buttons = [button["payload"] for reply in answer["replies"] for button in reply["buttons"]]
        if answer["owner"] == "human" or self._chance.random() < 0.01:
            self._start()

    def _next(self) -> str:
        dice = self._chance.random()
        if self._buttons and dice < 0.3:
            return self._chance.choice(self._buttons)
        if dice < 0.65:
            return self._chance.choice(self.pool)
        if dice < 0.9:
            return self._chance.choice(WORDS["scraps"])
        return "".join(self._chance.choices(WORDS["letters"], k=self._chance.randint(1, 25)))

    def _judge(self, said: str, answer: Mapping[str, Any]) -> None:
        text = text_of(answer)
        self._log.append(f"<< {text[:200]}")
        if not text.strip():
            self._problem("silence")
        if UNFIT.search(text):
            self._problem(f"not fit to be shown: {text[:200]}")
        self._recent.append(text if not answer["crisis"] else uuid.uuid4().hex)
        if len(self._recent) == 3 and len(set(self._recent)) == 1:
            self._problem("the same answer three times")
        opened = answer["ticket_no"] and not answer["crisis"]
        if opened and "确认提交" not in self._read and "/affirm" not in self._buttons:
            self._problem("a ticket that nobody was shown")
        if opened and not any(word in said for word in WORDS["confirming"]):
            self._problem("a ticket that nobody confirmed")
        self._read = text

    def _problem(self, what: str) -> None:
        self.problems.append("\n".join([f"seed {self.seed}: {what}", *self._log]))
