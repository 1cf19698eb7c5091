"""Every paper renders with its blanks marked, holds what it was given as plain text, and prints as a PDF."""

import io
import os
import shutil
import subprocess
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from docx import Document

from knowledge_base.fields import FactError, Field, check_all, spoken
from knowledge_base.schema import KnowledgeError
from knowledge_base.statutes.catalogue import load_catalogue
from knowledge_base.templates import FOLDER, Paper, blank, load_papers, yuan_in_words
from knowledge_base.templates.render import render

PAPERS = load_papers(load_catalogue(), today=date(2026, 11, 25))
WORDING = yaml.safe_load((FOLDER / "wording.yml").read_text("utf8"))
SAMPLES: dict[str, Any] = {
    "text": "示范<b>&\"'{{ court }}",
    "money": 15750.5,
    "date": "2026-03-01",
    "phone": "13800000000",
    "id_card": "11010119900101123X",
    "number": 3,
}
each_paper = pytest.mark.parametrize("paper", PAPERS.values(), ids=lambda one: one.code)


def sample(field: Field) -> Any:
    return field.choices[0].value if field.choices else SAMPLES[field.type]


def everything(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def full(paper: Paper) -> dict[str, Any]:
    return check_all(paper.fields, {field.id: sample(field) for field in paper.fields})


@each_paper
def test_an_empty_paper_marks_every_blank(paper: Paper) -> None:
    text = everything(render(paper, {}, WORDING))
    assert [field.id for field in paper.fields if blank(field) not in text] == []
    assert paper.door in text
    assert "草稿" in text


@each_paper
def test_a_full_paper_holds_every_value_as_plain_text(paper: Paper) -> None:
    facts = full(paper)
    content = render(paper, facts, WORDING)
    text = everything(content)
    assert "待填：" not in text
    for field in paper.fields:
        assert spoken(field, facts[field.id]) in text
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert not any("vba" in name.lower() for name in names)


@each_paper
def test_at_most_six_questions_and_identity_only_when_given(paper: Paper) -> None:
    asked = paper.missing({})
    assert 0 < len(asked) <= 6
    assert not any(field.type in ("id_card", "phone") for field in asked)


def test_lines_become_paragraphs_and_rows() -> None:
    complaint = PAPERS["civil_complaint"]
    content = render(complaint, {"facts": "第一段\n\n第二段"}, WORDING)
    assert {"第一段", "第二段"} <= {one.text for one in Document(io.BytesIO(content)).paragraphs}
    listed = render(PAPERS["evidence_list"], {"items": "借条，证明借了三万元\n转账记录"}, WORDING)
    rows = [[cell.text for cell in row.cells] for row in Document(io.BytesIO(listed)).tables[0].rows]
    assert rows[1:] == [["1", "借条", "借了三万元", ""], ["2", "转账记录", "", ""]]


@pytest.mark.parametrize(
    ("sum_", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("10", "壹拾元整"),
        ("15750.50", "壹万伍仟柒佰伍拾元伍角整"),
        ("10200", "壹万零贰佰元整"),
        ("20003", "贰万零叁元整"),
        ("1000010.03", "壹佰万零壹拾元零叁分"),
        ("300000000", "叁亿元整"),
    ],
)
def test_sums_in_words(sum_: str, words: str) -> None:
    assert yuan_in_words(Decimal(sum_)) == words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"applicant": " \x00 "}, "空的"),
        ({"applicant": "名" * 41}, "最多写 40 个字"),
        ({"applicant_phone": "12"}, "核对"),
        ({"applicant_id": "123"}, "18 位"),
        ({"macro": "x"}, "不认识"),
        ({"applicant": 5}, "文字"),
    ],
)
def test_what_cannot_stand_on_paper_is_told(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(FactError, match=words):
        check_all(PAPERS["civil_complaint"].fields, facts)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("民法典#第六百八十条", "民法典#第九千条", "没有"),
        ("{{ purpose }}", "{{ hobby }}", "没有的空"),
        ("- text: 年利率", "- poem: 年利率", "段落"),
        ("type: choice", "type: colour", "读不懂"),
    ],
)
def test_a_wrong_paper_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    for name in ("common.yml", "iou.yml"):
        (tmp_path / name).write_text((FOLDER / name).read_text("utf8").replace(old, new, 1), "utf8")
    with pytest.raises(KnowledgeError, match=words):
        load_papers(load_catalogue(), today=date(2026, 11, 25), folder=tmp_path)


def test_all_papers_print(tmp_path: Path) -> None:
    """One run of LibreOffice for all of them, in a profile of its own; without it CI fails and a developer is told."""
    office = shutil.which("soffice")
    if office is None:
        missing = "缺 LibreOffice：apt-get install libreoffice-writer-nogui"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    for paper in PAPERS.values():
        (tmp_path / f"{paper.code}.docx").write_bytes(render(paper, full(paper), WORDING))
    files = sorted(str(path) for path in tmp_path.glob("*.docx"))
    command = [office, f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), *files], check=True, capture_output=True, timeout=120)
    printed = [path for path in tmp_path.glob("*.pdf") if path.read_bytes().startswith(b"%PDF")]
    assert len(printed) == len(PAPERS)
