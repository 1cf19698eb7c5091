"""The bot's own test environment (Python 3.10): `.venv-bot/bin/python -m pytest -c tests/bot/pytest.ini tests/bot`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

from bot import light  # noqa: E402

light.install(ROOT / "bot" / "config.yml")

from tests.bot.servers import ActionServer, BotServer, train_small_model  # noqa: E402


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained by `python -m bot train` on the small data of tests/bot/data."""
    return train_small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def action_server() -> Iterator[ActionServer]:
    server = ActionServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def bot(model: Path, action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotServer]:
    """A real server started by `python -m bot run`, in its own process."""
    server = BotServer(model, action_server.url, tmp_path_factory.mktemp("home"))
    yield server
    server.close()


@pytest.fixture
def actions(action_server: ActionServer) -> Iterator[ActionServer]:
    action_server.calls.clear()
    yield action_server
    action_server.healthy = True
