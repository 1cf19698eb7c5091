from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document

from knowledge_base.statutes import store
from knowledge_base.statutes.importer import import_laws
from knowledge_base.statutes.raw import SourceError
from knowledge_base.statutes.word_source import MOST_BYTES, read_docx
from tests.knowledge_base.conftest import ON

LINES = (
    "中华人民共和国试验养殖法",
    "（2018年3月1日试验大会通过　根据2020年5月1日《关于修改试验养殖法的决定》修正）",
    "目　　录",
    "第一章　总则",
    "第一章　总则",
    "第一条　养鹅的人应当：",
    "（一）管好鹅；",
    "（二）清扫粪便。",
    "第二章　附则",
    "第二条之一　鹅上路的，应当驱赶。",
    "第三条　本法自2020年6月1日起施行。",
)


def word(path: Path, *lines: str) -> Path:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))
    return path


def add(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def test_a_law_with_its_days_and_paragraphs(tmp_path: Path) -> None:
    law = read_docx(word(tmp_path / "goose.docx", *LINES))
    assert (law.name, law.version, law.effective) == ("试验养殖法", "2020-05-01", "2020-06-01")
    assert law.articles == {
        "第一条": "养鹅的人应当：\n（一）管好鹅；\n（二）清扫粪便。",
        "第二条之一": "鹅上路的，应当驱赶。",
        "第三条": "本法自2020年6月1日起施行。",
    }


def test_the_file_name_may_tell_the_day(tmp_path: Path) -> None:
    assert read_docx(word(tmp_path / "goose_20200501.docx", LINES[0], *LINES[5:])).version == "2020-05-01"
    with pytest.raises(SourceError, match="公布日期"):
        read_docx(word(tmp_path / "goose.docx", LINES[0], *LINES[5:]))


def test_what_is_dangerous_or_broken_is_listed_and_the_rest_imported(tmp_path: Path) -> None:
    folder = tmp_path / "laws"
    folder.mkdir()
    word(folder / "goose.docx", *LINES)
    add(word(folder / "macro.docx", *LINES), "word/vbaProject.bin", b"x")
    word(folder / "macro.docm", *LINES)
    add(word(folder / "bomb.docx", *LINES), "word/media/zeros.bin", bytes(8 * 1024 * 1024))
    word(folder / "empty.docx", "没有条文的通知")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 cut short")
    with zipfile.ZipFile(folder / "other.docx", "w") as archive:
        archive.writestr("readme.txt", "no Word file at all")
    report = import_laws(folder, tmp_path / "statutes.db", on=ON)
    assert (report.laws, report.articles) == (1, 3)
    why = {one.where: one.why for one in report.bad}
    assert set(why) == {"macro.docx", "macro.docm", "bomb.docx", "empty.docx", "broken.docx", "other.docx"}
    assert "宏" in why["macro.docx"]
    assert "宏" in why["macro.docm"]
    assert "炸弹" in why["bomb.docx"]
    with store.opened(tmp_path / "statutes.db") as db:
        found = store.article(db, "试验养殖法#第二条之一")
    assert found is not None
    assert found.effective == "2020-06-01"


def test_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = word(tmp_path / "huge.docx", *LINES)
    add(path, "word/media/zeros.bin", bytes(MOST_BYTES + 1))
    with pytest.raises(SourceError, match="太大"):
        read_docx(path)
