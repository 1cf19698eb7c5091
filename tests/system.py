"""The whole product as processes of its own on free ports, for tests that want the real thing."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from api.models import ensure_model
from api.serve import processes
from api.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "test-service-token"
READY_SECONDS = 120
WORDINGS = ROOT / "var" / "wordings"
"""What was learned of our wordings, once for all tests."""


@dataclass(frozen=True)
class System:
    base: str
    home: Path
    token: str = TOKEN

    def client(self, *, token: str | None = TOKEN) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.base, headers=headers, timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_ready(base: str, running: list[subprocess.Popen[bytes]], logs: Path) -> None:
    """Until /readyz says yes; a process that dies first fails with its log."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for process in running:
            if process.poll() is not None:
                raise RuntimeError(f"a process ended:\n{tail(logs)}")
        try:
            if httpx.get(f"{base}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"not ready in time:\n{tail(logs)}")


def tail(logs: Path) -> str:
    return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in sorted(logs.glob("*.log")))


def prepare(env: dict[str, str]) -> None:
    """Migrate and seed the demo place, as `fengqiao serve` does."""
    command = [sys.executable, "-m", "api.cli", "setup"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)


@contextmanager
def running_system(home: Path, **overrides: str) -> Iterator[System]:
    """Bot, app and worker over a fresh data folder; the model is the one of the present training data."""
    port, rasa_port = free_port(), free_port()
    ours = {
        "FENGQIAO_HOME": str(home),
        "FENGQIAO_PORT": str(port),
        "FENGQIAO_RASA_URL": f"http://127.0.0.1:{rasa_port}",
        "FENGQIAO_API_TOKEN": TOKEN,
        **overrides,
    }
    env = {key: value for key, value in os.environ.items() if not key.startswith("FENGQIAO_")} | ours
    model = ensure_model(Settings(_env_file=None, home=ROOT / "var"), force=True)  # type: ignore[call-arg]
    settings = Settings(_env_file=None, home=home, port=port, rasa_url=ours["FENGQIAO_RASA_URL"])  # type: ignore[call-arg]
    WORDINGS.mkdir(parents=True, exist_ok=True)
    (home / "wordings").symlink_to(WORDINGS)
    prepare(env)
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, command, own in processes(settings, model):
            if name != "ready":
                with (logs / f"{name}.log").open("wb") as log:
                    full = {**own, **ours} if name != "bot" else dict(own)
                    running.append(subprocess.Popen(command, cwd=ROOT, env=full, stdout=log, stderr=log))
        wait_ready(f"http://127.0.0.1:{port}", running, logs)
        yield System(f"http://127.0.0.1:{port}", home)
    finally:
        stop(running)


def stop(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
