"""Golden dialogues against real Rasa, real actions and the real desk: what the villager sees, what the desk holds."""

import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.system import System

pytestmark = pytest.mark.rasa

FILES = sorted(Path(__file__).parent.glob("*.yml"))
DIALOGUES = [
    (f"{path.stem}-{number}", one)
    for path in FILES
    for number, one in enumerate(yaml.safe_load_all(path.read_text("utf8")), 1)
]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_step(wanted: Mapping[str, Any], answer: Mapping[str, Any], where: str) -> None:
    """Compare one answer with what the dialogue asks of it; every key is known, so that a typo cannot pass."""
    known = {"contains", "not_contains", "matches", "buttons", "owner", "crisis", "silent", "ticket"}
    assert set(wanted) <= known, f"{where}: unknown keys {set(wanted) - known}"
    text = "\n".join(reply["text"] for reply in answer["replies"])
    titles = [button["title"] for reply in answer["replies"] for button in reply["buttons"]]
    for piece in as_list(wanted.get("contains", [])):
        assert piece in text, f"{where}: {piece!r} is missing in\n{text}"
    for piece in as_list(wanted.get("not_contains", [])):
        assert piece not in text, f"{where}: {piece!r} must not stand in\n{text}"
    for pattern in as_list(wanted.get("matches", [])):
        assert re.search(pattern, text), f"{where}: no {pattern!r} in\n{text}"
    for title in as_list(wanted.get("buttons", [])):
        assert title in titles, f"{where}: no button {title!r} among {titles}"
    assert answer["owner"] == wanted.get("owner", answer["owner"]), where
    assert answer["crisis"] in as_list(wanted.get("crisis")), where
    assert bool(text) != bool(wanted.get("silent", False)), f"{where}: {text!r}"
    if "ticket" in wanted:
        assert (answer["ticket_no"] is not None) == wanted["ticket"], where


def check_tickets(wanted: Mapping[str, Any], client: httpx.Client, sender: str) -> None:
    numbers = client.get(f"/api/v1/conversations/web/{sender}").json()["tickets"]
    expected = wanted.get("tickets", 1 if "ticket" in wanted else 0)
    assert len(numbers) == expected, numbers
    if "ticket" not in wanted:
        return
    ticket = client.get(f"/api/v1/tickets/{numbers[-1]}").json()
    for key, value in wanted["ticket"].items():
        if key == "organisation":
            assert value in ticket["organisation"]["name"], ticket["organisation"]
        elif key == "reasons_include":
            assert any(value in reason for reason in ticket["reasons"]), ticket["reasons"]
        elif key == "flags_include":
            assert value in ticket["flags"], ticket["flags"]
        elif key == "flags_exclude":
            assert value not in ticket["flags"], ticket["flags"]
        elif key == "text_includes":
            assert value in ticket["text"], ticket["text"]
        else:
            assert ticket[key] == value, (key, ticket[key])


@pytest.mark.parametrize(("name", "dialogue"), DIALOGUES, ids=[name for name, _ in DIALOGUES])
def test_dialogue(name: str, dialogue: Mapping[str, Any], system: System) -> None:
    sender = uuid.uuid4().hex
    with system.client() as client:
        for number, step in enumerate(dialogue["steps"], 1):
            body = {"channel": "web", "sender": sender, "message_id": f"{sender}-{number}", "text": step["user"]}
            response = client.post("/api/v1/chat/messages", json=body)
            where = f"{name} «{dialogue['name']}» step {number} ({step['user']})"
            assert response.status_code == 200, f"{where}: {response.text}"
            check_step(step["bot"], response.json(), where)
        check_tickets(dialogue.get("expect", {}), client, sender)


def test_there_are_dialogues_for_every_act() -> None:
    assert len(DIALOGUES) >= 15
