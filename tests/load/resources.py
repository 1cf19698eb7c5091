"""What a process takes: seconds and memory. Memory is read from /proc, so on other systems it shows as unknown."""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

MB = 1024


@dataclass(frozen=True)
class Training:
    seconds: float
    cpu_seconds: float
    peak_mb: float


def timed(command: list[str], *, cwd: Path, env: Mapping[str, str], log: Path, limit: float) -> Training:
    """Run to the end; raises RuntimeError with the end of the log when it fails or takes more than `limit` seconds."""
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=out, stderr=out)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() - began > limit:
            process.kill()
        time.sleep(0.2)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{log.read_text(errors='replace')[-3000:]}")
    return Training(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MB)


def rss_mb(pid: int) -> float | None:
    """Resident memory of a process and everything it started; None where there is no /proc."""
    own = resident(pid)
    return None if own is None else own + sum(rss_mb(child) or 0.0 for child in children(pid))


def resident(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / MB for line in lines if line.startswith("VmRSS:")), None)


def children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def started_here(words: Iterable[str]) -> dict[str, int]:
    """Pids of our own children by the word that stands among their arguments."""
    found: dict[str, int] = {}
    for pid in children(os.getpid()):
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        found |= {word: pid for word in words if word in arguments}
    return found


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path, seconds: float) -> None:
    """Until the address answers 200; raises RuntimeError when the process ends first or time runs out."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def load_average() -> str:
    return " ".join(f"{value:.2f}" for value in os.getloadavg())
