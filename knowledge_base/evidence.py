"""What evidence files may be, and what is said when one is refused (evidence.yml)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def load_evidence_rules() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return found
