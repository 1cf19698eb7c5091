"""The thresholds and wording of the second opinion: refused when they contradict themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.safety import FOLDER, SafetyContentError
from knowledge_base.safety.second_opinion import load_second_opinion


def test_the_question_names_110_and_its_answers_differ() -> None:
    content = load_second_opinion()
    assert "110" in content.question
    assert content.unsafe[0] != content.safe[0]
    assert len(content.question) <= 60


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(ask_from=0.9), "crisis_from"),
        (lambda raw: raw["quiet"].append("nowhere"), "nowhere"),
        (lambda raw: raw["safe"]["also"].append(raw["unsafe"]["button"]), "既算安全"),
        (lambda raw: raw.update(question="您好吗？"), "110"),
    ],
)
def test_a_contradiction_is_refused(change: Callable[[dict[str, Any]], None], message: str, tmp_path: Path) -> None:
    raw = yaml.safe_load((FOLDER / "second_opinion.yml").read_text(encoding="utf-8"))
    change(raw)
    path = tmp_path / "second_opinion.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SafetyContentError, match=message):
        load_second_opinion(path)
