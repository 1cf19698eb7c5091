"""Golden dialogues against real Rasa, real actions and the real desk: what the villager sees, what the desk holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conversations.dialogue import play
from tests.system import System

pytestmark = pytest.mark.rasa

FILES = sorted(Path(__file__).parent.glob("*.yml"))
DIALOGUES = [
    (f"{path.stem}-{number}", one)
    for path in FILES
    for number, one in enumerate(yaml.safe_load_all(path.read_text("utf8")), 1)
]
GOALS = {"answers", "crisis", "group", "intake", "limits", "people", "progress", "questions", "tasks", "tickets"}


@pytest.mark.parametrize(("name", "dialogue"), DIALOGUES, ids=[name for name, _ in DIALOGUES])
def test_dialogue(name: str, dialogue: Mapping[str, Any], system: System) -> None:
    with system.client() as client:
        play(client, f"{name} «{dialogue['name']}»", dialogue["steps"], dialogue.get("expect", {}))


def test_there_are_dialogues_for_every_goal() -> None:
    assert len(DIALOGUES) >= 120
    assert {path.stem for path in FILES} >= GOALS
    names = [dialogue["name"] for _, dialogue in DIALOGUES]
    assert len(set(names)) == len(names)
