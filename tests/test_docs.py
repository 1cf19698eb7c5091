"""What can be set or called is written down, and the glossary knows every word of the core."""

from enum import Enum
from pathlib import Path

import pytest
import typer

from api import cli
from api.domain.lifecycle import Status
from api.domain.organisation import OrganisationKind
from api.domain.tier import Tier
from api.settings import Settings
from knowledge_base.glossary import load_glossary

ROOT = Path(__file__).resolve().parent.parent
INTERNAL = {"setup", "app", "worker", "announce"}


def test_every_setting_is_in_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text("utf8")
    missing = [name for name in Settings.model_fields if f"FENGQIAO_{name.upper()}" not in example]
    assert missing == []


def commands(app: typer.Typer, prefix: str = "") -> list[str]:
    found = [f"{prefix}{command.name}" for command in app.registered_commands]
    for group in app.registered_groups:
        found += commands(group.typer_instance, f"{prefix}{group.name} ")
    return found


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf8")
    missing = [name for name in commands(cli.app) if name not in INTERNAL and f"fengqiao {name}" not in readme]
    assert missing == []


def plain(code: str) -> str:
    return code.replace("_", "").lower()


@pytest.mark.parametrize("enum", [Status, Tier, OrganisationKind])
def test_the_glossary_knows_the_words_of_the_core(enum: type[Enum]) -> None:
    known = {plain(code) for code in load_glossary().by_code()}
    assert [member.value for member in enum if plain(member.value) not in known] == []
