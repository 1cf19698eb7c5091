"""The bot's world as the app sees it: its interpreter, its environment, and what a model is trained from."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from api.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TRAINED_FROM = ("bot", "nlu_data", "knowledge_base/retrieval/asked")
SOURCES = {".py", ".yml", ".txt", ".json"}


class CannotServe(Exception):
    """Something stands in the way; the message says in plain Chinese what to do."""


def bot_python() -> str:
    given = os.environ.get("FENGQIAO_BOT_PYTHON")
    python = Path(given) if given else ROOT / ".venv-bot" / "bin" / "python"
    if not python.exists():
        raise CannotServe("没有找到机器人的 Python 环境 .venv-bot，请先运行 make setup。")
    return str(python)


def training_hash(root: Path = ROOT) -> str:
    """Changes exactly when something the model is trained from changes."""
    digest = hashlib.sha256()
    files = [path for folder in TRAINED_FROM for path in (root / folder).rglob("*") if path.suffix in SOURCES]
    for path in sorted(files):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def bot_env(settings: Settings) -> Mapping[str, str]:
    """What the bot's world needs to know, and no secret of the desk."""
    host, port = settings.host, settings.port
    ours = {key: value for key, value in os.environ.items() if not key.startswith("FENGQIAO_")}
    return {
        **ours,
        "FENGQIAO_HOME": str(settings.home.resolve()),
        "FENGQIAO_TRACKER_URL": settings.tracker_url or f"sqlite:///{(settings.home / 'tracker.db').resolve()}",
        "FENGQIAO_ACTION_URL": f"http://{host}:{port}/webhook",
    }
