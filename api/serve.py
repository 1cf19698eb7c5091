"""`fengqiao serve`: train if needed, migrate, seed the demo, and run bot, app and worker under one supervisor."""

import hashlib
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

from honcho.manager import Manager

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


def model_path(settings: Settings) -> Path:
    return settings.home / "models" / f"fengqiao-{training_hash()}.tar.gz"


def ensure_model(settings: Settings) -> Path:
    """The model for the present training data; trained when it is not there yet."""
    model = model_path(settings)
    if not model.exists():
        print("正在训练机器人（约一分钟）…", flush=True)  # noqa: T201
        model.parent.mkdir(parents=True, exist_ok=True)
        name = f"unfinished-{os.getpid()}"
        command = [bot_python(), "-m", "bot", "train", "--out", str(model.parent), "--fixed-name", name]
        done = subprocess.run(command, cwd=ROOT, env=bot_env(settings), capture_output=True, text=True)
        unfinished = model.with_name(f"{name}.tar.gz")
        if done.returncode or not unfinished.exists():
            raise CannotServe(f"训练没有成功：\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        # Only a whole model gets its name: an interrupted training leaves nothing that could be taken for one.
        unfinished.replace(model)
    return model


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


def port_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_ports(settings: Settings) -> None:
    bot = urlparse(settings.rasa_url)
    wanted = [
        (settings.host, settings.port, "FENGQIAO_PORT"),
        (str(bot.hostname), bot.port or 5005, "FENGQIAO_RASA_URL"),
    ]
    for host, port, name in wanted:
        if not port_free(host, port):
            raise CannotServe(f"端口 {port} 已被别的程序占用。请先停掉它，或者用 {name} 换一个端口再启动。")


def processes(settings: Settings, model: Path) -> list[tuple[str, list[str], Mapping[str, str]]]:
    """Name, command and environment of everything that runs."""
    port = str(urlparse(settings.rasa_url).port or 5005)
    here = [sys.executable, "-m", "api.cli"]
    env = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}
    return [
        ("bot", [bot_python(), "-m", "bot", "run", "--model", str(model), "--port", port], bot_env(settings)),
        ("app", [*here, "app"], env),
        ("worker", [*here, "worker"], env),
        ("ready", [*here, "announce"], env),
    ]


def serve(settings: Settings) -> int:
    """Runs until Ctrl-C; returns the exit code. All children end with it."""
    check_ports(settings)
    model = ensure_model(settings)
    manager = Manager()
    for name, command, env in processes(settings, model):
        manager.add_process(name, "exec " + shlex.join(command), env=dict(env), cwd=str(ROOT))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    stopped_by_hand = manager.returncode in (130, 143)
    return 0 if stopped_by_hand else int(manager.returncode or 0)
