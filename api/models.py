"""The bot's models on disk: which one is live, how a candidate is trained, judged, taken or refused, and taken back."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from api.bot_world import ROOT, CannotServe, bot_env, bot_python, training_hash
from api.domain.model_gate import DANGER, LEVELS, Bar, Line, Verdict, judge
from api.settings import Settings
from knowledge_base.safety.second_opinion import load_second_opinion

GATE = ROOT / "nlu_data" / "gate.yml"
MOST_KEPT = 5
MOST_SHOWN = 20


class TrainingFailed(Exception):
    """Training or judging broke off; the message is for people and names the reason."""


class NothingToRollBack(Exception):
    """There is no earlier model on disk."""


@dataclass
class Registry:
    """`live` and `earlier` (newest first) are file names; `refused` are training hashes not to be tried again."""

    live: str | None = None
    earlier: list[str] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Registry":
        path = folder / "registry.json"
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / "registry.json.new"
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(folder / "registry.json")  # a reader sees the old one or the new one, never half

    def promote(self, name: str) -> list[str]:
        """Makes `name` the live model; returns the file names nobody needs any more."""
        if self.live and self.live != name:
            self.earlier = [self.live, *(one for one in self.earlier if one not in (self.live, name))]
        self.live = name
        gone, self.earlier = self.earlier[MOST_KEPT:], self.earlier[:MOST_KEPT]
        return gone

    def roll_back(self, folder: Path) -> str:
        """The newest earlier model that is still on disk becomes live. Raises NothingToRollBack."""
        there = [name for name in self.earlier if (folder / name).exists()]
        if not there:
            raise NothingToRollBack("没有更早的模型可以退回。")
        self.live, self.earlier = there[0], [*there[1:], *([self.live] if self.live else [])]
        return self.live


def load_bar(path: Path = GATE) -> Bar:
    return Bar(**yaml.safe_load(path.read_text(encoding="utf-8")))


def read_lines(path: Path) -> list[Line]:
    """The classifier of danger is judged at the confidence from which the app acts on it."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    crisis_from = load_second_opinion().crisis_from
    return [_line(row, crisis_from) for row in rows]


def _line(row: dict[str, Any], crisis_from: float) -> Line:
    got = {level: row[f"got_{level}"] for level in LEVELS}
    got[DANGER] = "danger" if row["danger_sure"] >= crisis_from else "calm"
    return Line(row["text"], {level: row[level] for level in (*LEVELS, DANGER)}, got, float(row["sure"]))


@dataclass(frozen=True)
class Workshop:
    """Runs the bot's world for training and judging; `python` is its interpreter, `env` its environment."""

    python: str
    env: dict[str, str]
    folder: Path

    def train(self, name: str, *, also: Path | None = None) -> Path:
        """Trains under a provisional name; only a whole model gets its own. Raises TrainingFailed."""
        command = [self.python, "-m", "bot", "train", "--out", str(self.folder), "--fixed-name", f"unfinished-{name}"]
        self._run([*command, *(["--also", str(also)] if also and also.exists() else [])])
        unfinished = self.folder / f"unfinished-{name}.tar.gz"
        return unfinished.replace(self.folder / f"{name}.tar.gz")

    def read(self, model: Path) -> list[Line]:
        """What the model says of the frozen sentences. Raises TrainingFailed when the model cannot be read."""
        out = model.with_suffix(".lines.jsonl")
        self._run([self.python, "-m", "bot", "evaluate", "--model", str(model), "--out", str(out)])
        lines = read_lines(out)
        out.unlink()
        return lines

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise TrainingFailed(f"机器人没有跑成：\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def weigh(workshop: Workshop, registry: Registry, candidate: Path) -> Verdict:
    """Judges a candidate against the live model; with none that this code can read, the candidate is taken."""
    live = workshop.folder / registry.live if registry.live else None
    if live is None or not live.exists() or live == candidate:
        return Verdict(True, (), ())
    try:
        before = workshop.read(live)
    except TrainingFailed:
        return Verdict(True, (), ())  # made by an older program: nothing to compare with
    return judge(before, workshop.read(candidate), load_bar())


def model_name(settings: Settings) -> str:
    """Named by what it is trained from: our files, and what reviewers labelled on this machine."""
    digest = hashlib.sha256(training_hash().encode())
    if (labelled := reviewed_path(settings)).exists():
        digest.update(labelled.read_bytes())
    return f"fengqiao-{digest.hexdigest()[:16]}"


def reviewed_path(settings: Settings) -> Path:
    """Sentences labelled in the review queue, as a Rasa file; beside the models, never in the project."""
    return settings.home / "reviewed.yml"


def workshop(settings: Settings) -> Workshop:
    return Workshop(bot_python(), dict(bot_env(settings)), settings.home / "models")


def ensure_model(settings: Settings, *, force: bool = False, say: Callable[[str], None] = print) -> Path:
    """The live model, trained anew when what it is made from changed; a worse one is refused and the old one stays.

    `force` takes the candidate however it compares. Raises CannotServe when there is no model and none can be made.
    """
    folder, name = settings.home / "models", model_name(settings)
    registry = Registry.load(folder)
    model = folder / f"{name}.tar.gz"
    live = folder / (registry.live or "")
    stay = registry.live == model.name or (name in registry.refused and not force)
    if stay and live.is_file():
        return live
    try:
        return _candidate(workshop(settings), registry, model, reviewed_path(settings), force=force, say=say)
    except TrainingFailed as error:
        raise CannotServe(str(error)) from error


def _candidate(
    bench: Workshop, registry: Registry, model: Path, reviewed: Path, *, force: bool, say: Callable[[str], None]
) -> Path:
    if not model.exists():
        say("正在训练机器人（约两分钟）…")
        model.parent.mkdir(parents=True, exist_ok=True)
        bench.train(model.name.removesuffix(".tar.gz"), also=reviewed)
    verdict = Verdict(True, (), ()) if force else weigh(bench, registry, model)
    if not verdict.accepted:
        registry.refused[model.name.removesuffix(".tar.gz")] = list(verdict.reasons)
        registry.save(bench.folder)
        say(
            "\n".join(
                ["新模型比现役的差，没有换上：", *verdict.reasons, "变差的句子：", *map(lost_line, verdict.lost[:20])]
            )
        )
        return bench.folder / str(registry.live)
    for gone in registry.promote(model.name):
        (bench.folder / gone).unlink(missing_ok=True)
    registry.save(bench.folder)
    return model


def lost_line(lost: tuple[Line, str]) -> str:
    line, level = lost
    return f"  {line.text[:40]}　应是 {line.want[level]}，成了 {line.got[level]}"
