"""Plays a dialogue of the YAML files against the running product and checks what people see and what the desk holds.

A step is one of
  {user: 话, bot: {…}}            a message and what its answer must be; `until: 话` sends it again till that is said
  {desk: {move: accept, note: …}} the desk moves the ticket opened last; {desk: {say: 话}} writes to the villager
  {kept: 2}                       so many lines of the villager's chat are left, once the worker has come to it
`as: name` lets somebody else speak, on `channel` when it is not the web. {no}, {code} and {other_code} in a message
stand for the last ticket's number and the check codes of its two sides.
"""

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

KEYS = {"contains", "contains_any", "not_contains", "matches", "buttons", "owner", "crisis", "silent", "ticket"}
STEP_KEYS = {"user", "bot", "until", "as", "channel", "desk", "kept"}
MOST_REPEATS = 10
WORKER_SECONDS = 30
UNFIT = re.compile(r"Traceback|Exception|KeyError|\bNone\b|\{[a-z_]+\}|Internal Server Error")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(answer: Mapping[str, Any]) -> str:
    return "\n".join(reply["text"] for reply in answer["replies"])


def titles_of(answer: Mapping[str, Any]) -> list[str]:
    return [button["title"] for reply in answer["replies"] for button in reply["buttons"]]


def check_step(wanted: Mapping[str, Any], answer: Mapping[str, Any], where: str) -> None:
    """Compare one answer with what the dialogue asks of it; every key is known, so that a typo cannot pass."""
    assert set(wanted) <= KEYS, f"{where}: unknown keys {set(wanted) - KEYS}"
    text, titles = text_of(answer), titles_of(answer)
    for piece in as_list(wanted.get("contains", [])):
        assert piece in text, f"{where}: {piece!r} is missing in\n{text}"
    some = as_list(wanted.get("contains_any", []))
    assert not some or any(piece in text for piece in some), f"{where}: none of {some} in\n{text}"
    for piece in as_list(wanted.get("not_contains", [])):
        assert piece not in text, f"{where}: {piece!r} must not stand in\n{text}"
    for pattern in as_list(wanted.get("matches", [])):
        assert re.search(pattern, text), f"{where}: no {pattern!r} in\n{text}"
    for title in as_list(wanted.get("buttons", [])):
        assert title in titles, f"{where}: no button {title!r} among {titles}"
    assert answer["owner"] == wanted.get("owner", answer["owner"]), where
    assert answer["crisis"] in as_list(wanted.get("crisis")), f"{where}: crisis {answer['crisis']!r}"
    assert bool(text) != bool(wanted.get("silent", False)), f"{where}: {text!r}"
    assert not UNFIT.search(text), f"{where}: not fit to be shown\n{text}"
    if "ticket" in wanted:
        assert (answer["ticket_no"] is not None) == wanted["ticket"], where


CHECKS: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "organisation": lambda ticket, name: name in ticket["organisation"]["name"],
    "reasons_include": lambda ticket, piece: any(piece in reason for reason in ticket["reasons"]),
    "flags_include": lambda ticket, flag: flag in ticket["flags"],
    "flags_exclude": lambda ticket, flag: flag not in ticket["flags"],
    "text_includes": lambda ticket, pieces: all(piece in ticket["text"] for piece in as_list(pieces)),
    "notes_include": lambda ticket, piece: any(piece in event["note"] for event in ticket["events"]),
    "facts": lambda ticket, facts: all(ticket["facts"].get(name) == value for name, value in facts.items()),
}


def check_ticket(wanted: Mapping[str, Any], ticket: Mapping[str, Any]) -> None:
    for key, value in wanted.items():
        assert CHECKS.get(key, lambda ticket, value, key=key: ticket[key] == value)(ticket, value), (key, value, ticket)


@dataclass
class Stage:
    """One dialogue being played. `people`: name → their conversation (channel, sender)."""

    client: httpx.Client
    name: str
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    tickets: list[str] = field(default_factory=list)

    def person(self, step: Mapping[str, Any]) -> tuple[str, str]:
        who = step.get("as", "villager")
        return self.people.setdefault(who, (step.get("channel", "web"), uuid.uuid4().hex))

    def say(self, text: str, channel: str, sender: str) -> dict[str, Any]:
        return self.stored(self.filled(text), channel, sender, uuid.uuid4().hex)

    def stored(self, text: str, channel: str, sender: str, message_id: str) -> dict[str, Any]:
        """The desk's answer to a message; for one it has, the answer it gave then."""
        body = {"channel": channel, "sender": sender, "message_id": message_id, "text": text}
        response = self.client.post("/api/v1/chat/messages", json=body)
        assert response.status_code == 200, f"{self.name} ({text}): {response.text}"
        answer: dict[str, Any] = response.json()
        if answer["ticket_no"]:
            self.tickets.append(answer["ticket_no"])
        return answer

    def filled(self, text: str) -> str:
        if not self.tickets or not re.search(r"\{(no|code|other_code)\}", text):
            return text
        codes = self.client.get(f"/api/v1/tickets/{self.tickets[-1]}/codes").json()
        values = {"no": self.tickets[-1], "code": codes["applicant"], "other_code": codes["respondent"]}
        return re.sub(r"\{(no|code|other_code)\}", lambda found: str(values[found[1]]), text)

    def play(self, number: int, step: Mapping[str, Any]) -> None:
        assert set(step) <= STEP_KEYS, f"{self.name} step {number}: unknown keys {set(step) - STEP_KEYS}"
        if "desk" in step:
            self.act(step["desk"])
            return
        if "kept" in step:
            self.look_at_the_chat(step["kept"])
            return
        answer = self.say(step["user"], *self.person(step))
        for _ in range(MOST_REPEATS if "until" in step else 0):
            if step["until"] in text_of(answer):
                break
            answer = self.say(step["user"], *self.person(step))
        check_step(step["bot"], answer, f"{self.name} step {number} ({step['user']})")

    def act(self, what: Mapping[str, Any]) -> None:
        path = f"/api/v1/tickets/{self.tickets[-1]}"
        if "say" in what:
            response = self.client.post(f"{path}/message", json={"text": what["say"]})
        else:
            body = {"note": what.get("note", "")}
            response = self.client.post(f"{path}/{what['move']}", json=body)
        assert response.status_code < 300, f"{self.name}: {response.text}"

    def look_at_the_chat(self, lines: int) -> None:
        channel, sender = self.people["villager"]
        give_up = time.monotonic() + WORKER_SECONDS
        while True:
            left = self.client.get(f"/api/v1/conversations/{channel}/{sender}/data").json()["messages"]
            if len(left) == lines:
                return
            assert time.monotonic() < give_up, f"{self.name}: still there is {left}"
            time.sleep(0.5)

    def check_end(self, wanted: Mapping[str, Any]) -> None:
        """How many tickets the first person has, and what the last one looks like."""
        channel, sender = self.people["villager"]
        numbers = self.client.get(f"/api/v1/conversations/{channel}/{sender}").json()["tickets"]
        assert len(numbers) == wanted.get("tickets", 1 if "ticket" in wanted else 0), f"{self.name}: {numbers}"
        if "ticket" in wanted:
            check_ticket(wanted["ticket"], self.client.get(f"/api/v1/tickets/{numbers[-1]}").json())


def play(client: httpx.Client, name: str, steps: Sequence[Mapping[str, Any]], expect: Mapping[str, Any]) -> None:
    play_on(Stage(client, name), steps, expect)


def play_on(stage: Stage, steps: Sequence[Mapping[str, Any]], expect: Mapping[str, Any]) -> None:
    """Every step and the end, on whatever channel this stage stands."""
    for number, step in enumerate(steps, 1):
        stage.play(number, step)
    stage.check_end(expect)
