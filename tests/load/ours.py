"""What the bench does with our own bot before it runs: train it from nothing, import the law."""

import shutil
import subprocess
import sys
from pathlib import Path

from api.bot_world import bot_env, bot_python
from api.models import model_name
from api.settings import Settings
from tests.load.resources import Training, timed
from tests.system import ROOT

TRAIN_SECONDS = 600


def train_ours(folder: Path) -> Training:
    """A training from nothing, as on a fresh machine."""
    settings = Settings(_env_file=None, home=folder)  # type: ignore[call-arg]
    command = [bot_python(), "-m", "bot", "train", "--force", "--out", str(folder / "models"), "--fixed-name", "bench"]
    took = timed(command, cwd=ROOT, env=bot_env(settings), log=folder / "train.log", limit=TRAIN_SECONDS)
    keep_model(folder / "models" / "bench.tar.gz")
    return took


def keep_model(trained: Path) -> None:
    """Leave the model where the system looks for it, so that it is not trained a second time."""
    settings = Settings(_env_file=None, home=ROOT / "var")  # type: ignore[call-arg]
    wanted = settings.home / "models" / f"{model_name(settings)}.tar.gz"
    if not wanted.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        half = wanted.with_suffix(".half")
        shutil.copy(trained, half)
        half.rename(wanted)


def import_laws(home: Path, laws: Path) -> None:
    settings = Settings(_env_file=None, home=home)  # type: ignore[call-arg]
    command = [sys.executable, "-m", "api.cli", "laws", "import", str(laws)]
    env = {**bot_env(settings), "FENGQIAO_HOME": str(home)}
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
