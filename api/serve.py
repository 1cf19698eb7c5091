"""`fengqiao serve`: train if needed, migrate, seed the demo, and run bot, app and worker under one supervisor."""

import os
import shlex
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

from honcho.manager import Manager

from api.bot_world import ROOT, CannotServe, bot_env, bot_python
from api.models import ensure_model
from api.settings import Settings


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
