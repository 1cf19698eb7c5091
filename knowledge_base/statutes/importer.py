"""Brings the official text of the law into the store and builds the search index. Running it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge_base.statutes import store
from knowledge_base.statutes.index import build_index, index_folder, index_is_fresh
from knowledge_base.statutes.raw import BadSource
from knowledge_base.statutes.sources import find_sources, read_source

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ImportReport:
    """`changed` laws were new or different, `unchanged` were stored already; `bad` was left out."""

    laws: int
    articles: int
    changed: int
    unchanged: int
    bad: tuple[BadSource, ...]
    indexed: bool

    def text(self) -> str:
        lines = [
            f"法律 {self.laws} 部，条文 {self.articles} 条；新增或更新 {self.changed} 部，未变 {self.unchanged} 部。"
        ]
        lines.append("检索索引已重建。" if self.indexed else "检索索引无须重建。")
        lines += [f"未收：{one.where}：{one.why}" for one in self.bad]
        return "\n".join(lines)


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def import_laws(source: Path, database: Path, *, on: date, progress: Progress = _silent) -> ImportReport:
    """Imports a JSONL file, a Markdown file or a folder of them into the SQLite file `database`.

    `on` decides which version of a law is current. `progress(stage, done, total)` is called as the work advances,
    stages 读取 and 建索引. Broken files or lines are left out and listed; SourceError only when `source` is missing.
    """
    files = find_sources(source)
    bad: list[BadSource] = []
    changed = unchanged = 0
    with store.opened(database) as db:
        for done, path in enumerate(files, 1):
            laws, broken = read_source(path)
            bad += broken
            for law in laws:
                if store.save(db, law):
                    changed += 1
                else:
                    unchanged += 1
            progress("读取", done, len(files))
        store.choose_current(db, on)
        articles = list(store.current_articles(db))
        sign = store.fingerprint(db)
    folder = index_folder(database)
    stale = not index_is_fresh(folder, sign)
    if stale:
        build_index(articles, folder, sign, progress=lambda done, total: progress("建索引", done, total))
    names = {article.law for article in articles}
    return ImportReport(len(names), len(articles), changed, unchanged, tuple(bad), stale)
