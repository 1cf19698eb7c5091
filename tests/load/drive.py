"""Villagers talking: clients that hold dialogues with a bot over HTTP, one connection each, and note every answer."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import yaml

from knowledge_base.wording import load_wording

FILE = Path(__file__).parent / "dialogues.yml"
TIMEOUT = 120
TICKET_OPENED = "已经登记，"


@dataclass(frozen=True)
class Answer:
    """`text` is empty when nothing came back; `problem` says why this is a failure, if it is one."""

    text: str
    seconds: float
    problem: str | None = None


@dataclass
class Run:
    """All answers of some clients, and the wall time they took together."""

    answers: list[Answer] = field(default_factory=list)
    wall: float = 0.0

    @property
    def seconds(self) -> list[float]:
        return [answer.seconds for answer in self.answers]

    @property
    def failures(self) -> list[str]:
        return [answer.problem for answer in self.answers if answer.problem]

    @property
    def tickets(self) -> int:
        return sum(TICKET_OPENED in answer.text for answer in self.answers)

    @property
    def rate(self) -> float:
        return len(self.answers) / self.wall

    def __add__(self, other: "Run") -> "Run":
        return Run(self.answers + other.answers, self.wall + other.wall)


class Line:
    """One kept connection. `post` returns status and decoded body."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self._connection = http.client.HTTPConnection(str(urlparse(base).netloc), timeout=TIMEOUT)
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        self._connection.request("POST", path, json.dumps(body).encode(), self._headers)
        response = self._connection.getresponse()
        content = response.read()
        return response.status, json.loads(content) if response.status == 200 else content.decode(errors="replace")

    def close(self) -> None:
        self._connection.close()


Send = Callable[[Line, str, str], Answer]
"""(line, sender, text) -> the bot's answer."""


def timed_post(line: Line, path: str, body: Any, read: Callable[[Any], str]) -> Answer:
    began = time.perf_counter()
    try:
        status, content = line.post(path, body)
    except (OSError, http.client.HTTPException) as error:
        line.close()
        return Answer("", time.perf_counter() - began, type(error).__name__)
    seconds = time.perf_counter() - began
    if status != 200:
        return Answer("", seconds, f"HTTP {status}: {str(content)[:120]}")
    text = read(content)
    return Answer(text, seconds, problem_of(text, str(body.get("text") or body.get("message"))))


def problem_of(text: str, said: str) -> str | None:
    """An empty answer is a failure, and so is our own excuse for one."""
    if not text:
        return f"empty answer to {said!r}"
    excuses = {key: load_wording()[key] for key in ("turn_failed", "turn_busy")}
    return next((f"{key} on {said!r}" for key, excuse in excuses.items() if excuse in text), None)


def to_desk(line: Line, sender: str, text: str) -> Answer:
    """Our message path, as the web chat uses it."""
    body = {"channel": "web", "sender": sender, "message_id": uuid.uuid4().hex, "text": text}
    return timed_post(line, "/api/v1/chat/messages", body, lambda answer: said_in(answer["replies"]))


def to_rest_channel(line: Line, sender: str, text: str) -> Answer:
    """The REST channel that comes with Rasa."""
    return timed_post(line, "/webhooks/rest/webhook", {"sender": sender, "message": text}, said_in)


def said_in(messages: Sequence[dict[str, Any]]) -> str:
    return "\n".join(message.get("text") or "" for message in messages).strip()


def load() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text("utf8"))
    return content


def turns(dialogue: dict[str, Any], say: Callable[[str], Answer]) -> Iterator[Answer]:
    """Hold one dialogue, step by step."""
    for step in dialogue["steps"]:
        if isinstance(step, str):
            yield say(step)
            continue
        for _ in range(step["at_most"]):
            answer = say(step["say"])
            yield answer
            if step["until"] in answer.text:
                break


def client(base: str, send: Send, first: int, messages: int) -> list[Answer]:
    """One villager after another on one connection, until `messages` messages were sent; the last may break off."""
    line, answers, dialogues = Line(base), [], load()["dialogues"]
    try:
        for number in range(messages):
            sender, dialogue = uuid.uuid4().hex, dialogues[(first + number) % len(dialogues)]
            for answer in turns(dialogue, lambda text, sender=sender: send(line, sender, text)):
                answers.append(answer)
                if len(answers) == messages:
                    return answers
    finally:
        line.close()
    return answers


def crowd(base: str, send: Send, *, clients: int, messages: int) -> Run:
    """`clients` at once, each with its own conversations, beginning with different dialogues."""
    run, lock, offset = Run(), threading.Lock(), len(load()["dialogues"]) / clients

    def work(number: int) -> None:
        answers = client(base, send, round(number * offset), messages)
        with lock:
            run.answers += answers

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.wall = time.perf_counter() - began
    return run


def long_talk(base: str, send: Send, *, length: int) -> list[Answer]:
    """One conversation of `length` turns."""
    line, sender, texts = Line(base), uuid.uuid4().hex, load()["long"]
    try:
        return [send(line, sender, texts[number % len(texts)]) for number in range(length)]
    finally:
        line.close()
