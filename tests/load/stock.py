"""The bot to compare with: stock Rasa components and policies, unpatched, with a plain rasa_sdk action server.

It is trained from our own sentences and run from a folder of its own where our packages cannot be imported, so nothing
of `bot/` (and none of its patches) can be in force. The category of a matter is a retrieval intent, which is how stock
Rasa tells categories apart.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.load.resources import Training, timed, wait_for
from tests.system import ROOT, free_port, stop

SOURCE = Path(__file__).parent / "stock"
NLU = ROOT / "nlu_data" / "nlu"
PYTHON = ROOT / ".venv-bot" / "bin" / "python"
# At their defaults (300, 300, 100) training takes hours on two cores; the speed of serving does not depend on them.
EPOCHS = {"DIETClassifier": 1, "ResponseSelector": 1, "TEDPolicy": 20}
WITH_CATEGORIES = ("consultation", "dispute")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOG_LEVEL": "WARNING",
}
TRAIN_SECONDS = 30 * 60
READY_SECONDS = 240


@dataclass(frozen=True)
class Stock:
    base: str
    pids: dict[str, int]


def environment(**more: str) -> dict[str, str]:
    """Ours without anything that would let Python find our packages."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("FENGQIAO_", "PYTHON"))}
    return {**ours, **QUIET, **more}


def folder() -> Path:
    """One per content of the training data and of the stock configuration."""
    digest = hashlib.sha256(repr(sorted(EPOCHS.items())).encode())
    for path in sorted([*NLU.glob("*.yml"), *SOURCE.glob("*.yml")]):
        digest.update(path.read_bytes())
    return ROOT / "var" / "bench" / f"stock-{digest.hexdigest()[:16]}"


def labelled(block: dict[str, Any]) -> dict[str, Any]:
    """A block of our training data in stock terms: `dispute/labor` instead of metadata."""
    if block.get("intent") not in WITH_CATEGORIES:
        return {key: value for key, value in block.items() if key != "metadata"}
    category = (block.get("metadata") or {}).get("category", "other_civil")
    return {"intent": f"{block['intent']}/{category}", "examples": block["examples"]}


def write_data(target: Path) -> None:
    """Training data, domain and configuration of the stock bot."""
    data, domain = target / "data", target / "domain"
    shutil.rmtree(target, ignore_errors=True)
    data.mkdir(parents=True)
    domain.mkdir()
    retrieval: set[str] = set()
    for path in sorted(NLU.glob("*.yml")):
        blocks = [labelled(block) for block in yaml.safe_load(path.read_text("utf8"))["nlu"]]
        retrieval |= {name for block in blocks if "/" in (name := block.get("intent", ""))}
        dump(data / path.name, {"version": "3.1", "nlu": blocks})
    for name in ("rules.yml", "stories.yml", "regexes.yml"):
        shutil.copy(SOURCE / name, data)
    shutil.copy(SOURCE / "domain.yml", domain)
    answers = {f"utter_{name}": [{"text": f"这件事属于 {name.split('/')[1]} 类，先留好证据。"}] for name in retrieval}
    dump(domain / "answers.yml", {"version": "3.1", "responses": answers})
    config = yaml.safe_load((SOURCE / "config.yml").read_text("utf8"))
    for part in (*config["pipeline"], *config["policies"]):
        part |= {"epochs": EPOCHS[part["name"]]} if part["name"] in EPOCHS else {}
    dump(target / "config.yml", config)


def dump(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf8")


def ensure_trained() -> tuple[Path, Training]:
    """The folder of the trained model and what its training took; trained once per content, at low priority."""
    target = folder()
    model, record = target / "models" / "stock.tar.gz", target / "training.yml"
    if not (model.exists() and record.exists()):
        write_data(target)
        data = ["--config", "config.yml", "--domain", "domain", "--data", "data"]
        out = ["--out", "models", "--fixed-model-name", "stock"]
        command = ["nice", "-n", "15", str(PYTHON), "-W", "ignore", "-m", "rasa", "train", *data, *out]
        took = timed(command, cwd=target, env=environment(), log=target / "train.log", limit=TRAIN_SECONDS)
        dump(record, asdict(took))
    return target, Training(**yaml.safe_load(record.read_text("utf8")))


def is_unpatched(target: Path) -> bool:
    """True when a Python started in this folder cannot find our bot package."""
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('bot') is not None)"
    return subprocess.run([str(PYTHON), "-c", probe], cwd=target, env=environment()).returncode == 0


@contextmanager
def running_stock(target: Path, home: Path) -> Iterator[Stock]:
    """`rasa run` and the action server over a fresh data folder."""
    if not is_unpatched(target):
        raise RuntimeError("our bot package can be imported beside the stock bot; the comparison would be void")
    port, action_port = free_port(), free_port()
    paths = {"STOCK_TRACKER_DB": str(home / "tracker.db"), "STOCK_DESK_DB": str(home / "desk.db")}
    env = environment(STOCK_ACTION_URL=f"http://127.0.0.1:{action_port}/webhook", SANIC_HOST="127.0.0.1", **paths)
    sdk = [str(PYTHON), "-m", "rasa_sdk", "--actions", "stock_actions", "-p", str(action_port)]
    rasa = [str(PYTHON), "-W", "ignore", "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)]
    config = ["--endpoints", str(SOURCE / "endpoints.yml"), "--credentials", str(SOURCE / "credentials.yml")]
    rasa += ["-m", str(target / "models" / "stock.tar.gz"), *config]
    started: dict[str, subprocess.Popen[bytes]] = {}
    home.mkdir(parents=True, exist_ok=True)
    try:
        for name, command, cwd in (("actions", sdk, SOURCE), ("rasa", rasa, target)):
            with (home / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=log)
        wait_for(f"http://127.0.0.1:{action_port}/health", started["actions"], home / "actions.log", READY_SECONDS)
        wait_for(f"http://127.0.0.1:{port}/status", started["rasa"], home / "rasa.log", READY_SECONDS)
        yield Stock(f"http://127.0.0.1:{port}", {name: process.pid for name, process in started.items()})
    finally:
        stop(list(started.values()))
