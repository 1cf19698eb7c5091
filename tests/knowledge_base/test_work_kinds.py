"""The kinds of work beside tickets load, cite articles that exist, and cannot be bent into lists of people."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.desk.work import FILE, load_work
from knowledge_base.schema import KnowledgeError
from knowledge_base.statutes.catalogue import load_catalogue


def changed(tmp_path: Path, change: Any) -> Path:
    raw = yaml.safe_load(FILE.read_text("utf-8"))
    change(raw["kinds"])
    path = tmp_path / "work_kinds.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path


def test_every_cited_article_exists() -> None:
    content, catalogue = load_work(), load_catalogue()
    cited = [*content.persons["basis"], *(one for kind in content.kinds.values() for one in kind.raw.get("basis", ()))]
    assert cited
    assert [why for one in cited if (why := catalogue.refusal(one, on=date(2026, 11, 29)))] == []


@pytest.mark.parametrize(
    "field",
    [
        {"id": "person", "label": "对象", "question": "谁？", "type": "text"},
        {"id": "target", "label": "人员姓名", "question": "谁？", "type": "text"},
        {"id": "contact", "label": "联系", "question": "电话？", "type": "phone"},
    ],
)
def test_a_sweep_with_a_field_for_a_person_does_not_load(tmp_path: Path, field: dict[str, str]) -> None:
    with pytest.raises(KnowledgeError, match="只能按地点和时段"):
        load_work(changed(tmp_path, lambda kinds: kinds["sweep"]["fields"].append(field)))


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("due", "found", "不是日期项"),
        ("counts", ["starts"], "不是计数项"),
        ("seen_by", "everybody", "只能是"),
        ("waits", ["nowhere"], "没有“nowhere”"),
        ("parent", ["nothing"], "没有“nothing”"),
        ("moves", {"x": {"zh": "跳", "from": ["planned"], "to": "gone", "needs": ["y"]}}, "没有“gone”"),
    ],
)
def test_a_wrong_kind_is_refused_with_its_place(tmp_path: Path, key: str, value: Any, why: str) -> None:
    with pytest.raises(KnowledgeError, match=why):
        load_work(changed(tmp_path, lambda kinds: kinds["sweep"].update({key: value})))
