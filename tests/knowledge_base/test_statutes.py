from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from knowledge_base.statutes import store
from knowledge_base.statutes.importer import import_laws
from knowledge_base.statutes.index import index_folder, load_index
from knowledge_base.statutes.sources import SourceError, read_markdown
from tests.knowledge_base.conftest import LINES, ON

MARKDOWN = """---
title: 中华人民共和国试验养殖法
publication_date: '2020-05-01'
effective_date: '2020-06-01'
status: 有效
group: 法律
urls:
  - https://example.org/law
---

**中华人民共和国试验养殖法**

## 第一章　　总则

- **第一条**　　养鹅的人应当：

  - （一）管好鹅；

  - （二）清扫粪便。

  有困难的，可以请人帮忙。

### 第二节　　责任

- **第二条之一**　　鹅上路的，应当驱赶。
"""


def folder_of(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "laws"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf8")
    return folder


def test_jsonl_goes_in_and_comes_out(jsonl: Path, tmp_path: Path) -> None:
    database = tmp_path / "statutes.db"
    steps: list[tuple[str, int, int]] = []
    report = import_laws(jsonl, database, on=ON, progress=lambda *step: steps.append(step))
    assert (report.laws, report.articles, report.changed, report.unchanged, report.bad) == (5, len(LINES), 5, 0, ())
    assert report.indexed
    assert {step[0] for step in steps} == {"读取", "建索引"}
    assert steps[-1][1] == steps[-1][2]
    assert store.article_ids(database) == {f"{law}#{label}" for law, label, _ in LINES}
    with store.opened(database) as db:
        found = store.article(db, "试验养殖法#第二条之一")
        assert found == store.Article(
            "试验养殖法#第二条之一",
            "试验养殖法",
            "第二条之一",
            "鹅鸭在公路上行走的，饲养人应当驱赶。",
            "2020-05-01",
            "2020-06-01",
        )
        assert store.article(db, "试验养殖法#第九条") is None


def test_importing_twice_changes_nothing(jsonl: Path, tmp_path: Path) -> None:
    database = tmp_path / "statutes.db"
    import_laws(jsonl, database, on=ON)
    stamp = (index_folder(database) / "fingerprint.txt").stat().st_mtime_ns
    again = import_laws(jsonl, database, on=ON)
    assert (again.changed, again.unchanged, again.indexed) == (0, 5, False)
    assert (index_folder(database) / "fingerprint.txt").stat().st_mtime_ns == stamp
    with store.opened(database) as db:
        assert len(list(store.current_articles(db))) == len(LINES)


def test_markdown_keeps_paragraphs_and_dates(tmp_path: Path) -> None:
    law = read_markdown(folder_of(tmp_path, goose=MARKDOWN) / "goose.md")
    assert (law.name, law.version, law.effective, law.status, law.url) == (
        "试验养殖法",
        "2020-05-01",
        "2020-06-01",
        "有效",
        "https://example.org/law",
    )
    assert law.articles == {
        "第一条": "养鹅的人应当：\n（一）管好鹅；\n（二）清扫粪便。\n有困难的，可以请人帮忙。",
        "第二条之一": "鹅上路的，应当驱赶。",
    }


def test_a_half_broken_folder_imports_the_rest(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        goose=MARKDOWN,
        bare="只有正文",
        titleless="---\nstatus: 有效\n---\n",
        undated="---\ntitle: 无日期法\n---\n- **第一条**　　甲\n",
        empty="---\ntitle: 空法\npublication_date: '2020-01-01'\n---\n没有条文\n",
        baddate="---\ntitle: 错法\npublication_date: 去年\n---\n- **第一条**　　甲\n",
    )
    (folder / "binary.md").write_bytes(b"\xff\xfe\x00")
    report = import_laws(folder, tmp_path / "statutes.db", on=ON)
    assert (report.laws, report.articles) == (1, 2)
    why = {one.where: one.why for one in report.bad}
    assert sorted(why) == ["baddate.md", "bare.md", "binary.md", "empty.md", "titleless.md", "undated.md"]
    assert "UTF-8" in why["binary.md"]
    assert "title" in why["titleless.md"]
    assert "bare.md" in report.text()


def test_broken_lines_are_left_out_and_numbered(jsonl: Path, tmp_path: Path) -> None:
    good = json.loads(jsonl.read_text(encoding="utf8").split("\n")[0])
    broken = [
        "{",
        "[]",
        json.dumps(good | {"label": "第1条"}),
        json.dumps(good | {"text": "另一种写法"}),
        json.dumps(good),
    ]
    with jsonl.open("a", encoding="utf8") as out:
        out.write("\n".join(broken) + "\n")
    report = import_laws(jsonl.parent, tmp_path / "statutes.db", on=ON)
    assert report.articles == len(LINES)
    first = len(LINES) + 1
    assert [one.where for one in report.bad] == [f"articles.jsonl:{first + at}" for at in range(4)]
    assert "留用前一条" in report.bad[3].why


def test_facts_beside_the_jsonl_are_kept(jsonl: Path, tmp_path: Path) -> None:
    facts = [{"law": "试验养殖法", "status": "有效", "group": "法律", "url": "https://example.org/goose"}]
    jsonl.with_name("laws.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf8")
    database = tmp_path / "statutes.db"
    import_laws(jsonl, database, on=ON)
    with store.opened(database) as db:
        row = db.execute("SELECT status, grp, url FROM laws WHERE law = '试验养殖法'").fetchone()
    assert row == ("有效", "法律", "https://example.org/goose")


def test_the_version_in_force_is_current(tmp_path: Path) -> None:
    newer = (
        MARKDOWN.replace("2020-05-01", "2026-10-01").replace("2020-06-01", "2027-01-01").replace("清扫粪便", "天天清扫")
    )
    folder = folder_of(tmp_path, old=MARKDOWN, new=newer)
    database = tmp_path / "statutes.db"
    for day, words in ((ON, "清扫粪便"), (date(2027, 1, 1), "天天清扫")):
        import_laws(folder, database, on=day)
        with store.opened(database) as db:
            found = store.article(db, "试验养殖法#第一条")
            assert found is not None
            assert words in found.text
            assert db.execute("SELECT count(*) FROM laws").fetchone() == (2,)


def test_a_changed_law_replaces_its_text_and_index(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, goose=MARKDOWN)
    database = tmp_path / "statutes.db"
    import_laws(folder, database, on=ON)
    (folder / "goose.md").write_text(MARKDOWN.replace("应当驱赶", "应当抱走"), encoding="utf8")
    report = import_laws(folder, database, on=ON)
    assert (report.changed, report.indexed) == (1, True)
    index = load_index(index_folder(database))
    assert index.text(index.ids().index("试验养殖法#第二条之一")) == "鹅上路的，应当抱走。"


def test_a_missing_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="找不到"):
        import_laws(tmp_path / "nothing", tmp_path / "statutes.db", on=ON)


def test_an_unknown_kind_of_file_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "law.pdf"
    path.write_bytes(b"%PDF")
    assert [one.where for one in import_laws(path, tmp_path / "statutes.db", on=ON).bad] == ["law.pdf"]


def test_nothing_imported_means_no_ids(tmp_path: Path) -> None:
    assert store.article_ids(tmp_path / "none.db") == frozenset()
    assert not (tmp_path / "none.db").exists()
