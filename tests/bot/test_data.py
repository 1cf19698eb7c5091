"""Rasa's own check of the domain, the sentences, the rules: no error and no warning."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ["-W", "ignore::DeprecationWarning", "-m", "rasa", "data", "validate", "--fail-on-warnings"]
FILES = ["--config", "bot/config.yml", "--domain", "bot/domain", "--data", "nlu_data/nlu", "nlu_data/rules"]


def test_rasa_data_validate_is_clean() -> None:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, *COMMAND, *FILES],
        cwd=ROOT,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    assert not re.search(r"UserWarning|conflict found", said), said[-3000:]
