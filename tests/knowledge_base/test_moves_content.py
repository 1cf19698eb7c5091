"""What a move needs first is explained, and names records that exist; anything else is refused with its place."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.desk.policy import HERE, load_desk
from knowledge_base.schema import KnowledgeError
from knowledge_base.statutes.catalogue import load_catalogue

TODAY = date(2026, 11, 20)
BASIS = ["人民调解法#第二十八条"]
NEED = {"kind": "agreement", "states": ["effective"], "says": "先登记", "because": "要有", "basis": BASIS}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"kind": "promise"}, "promise"),
        ({"states": ["signed"]}, "signed"),
        ({"because": ""}, "because"),
        ({"basis": ["人民调解法#第九百条"]}, "basis"),
    ],
)
def test_a_need_that_cannot_be_met_is_refused(tmp_path: Path, changed: dict[str, Any], named: str) -> None:
    for file in HERE.glob("*.yml"):
        shutil.copy(file, tmp_path)
    content = {"needs": {"record_agreement": [NEED | changed]}}
    (tmp_path / "moves.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with pytest.raises(KnowledgeError) as refusal:
        load_desk(load_catalogue(), today=TODAY, folder=tmp_path)
    assert "moves.yml" in str(refusal.value)
    assert named in str(refusal.value)


def test_the_needs_we_ship_load() -> None:
    assert list(load_desk(load_catalogue(), today=TODAY).moves["needs"]) == ["record_agreement"]
