"""Reads statutes as published: JSONL (one article a line), Markdown with front matter or Word (one law a file)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.citations import label_key
from knowledge_base.statutes.raw import PREFIX, BadSource, RawLaw, SourceError
from knowledge_base.statutes.word_source import read_docx

_ARTICLE = re.compile(r"^-\s+\*\*(第[零一二三四五六七八九十百千]+条(?:之[零一二三四五六七八九十]+)?)\*\*[\s　]*(.*)$")
_WORD = (".docx", ".docm")
_HEADING = re.compile(r"^#{1,6}\s")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso(value: object, where: str) -> str:
    text = str(value or "")
    if text and not _DATE.fullmatch(text):
        raise SourceError(f"{where}“{text}”不是 2026-11-21 这样的日期")
    return text


def _front_matter(text: str) -> tuple[Mapping[str, Any], list[str]]:
    parts = text.split("\n---", 1)
    if not text.startswith("---") or len(parts) != 2:
        raise SourceError("开头没有成对的 --- 说明栏")
    try:
        meta = yaml.safe_load(parts[0].removeprefix("---"))
    except yaml.YAMLError as error:
        raise SourceError("说明栏不是合格的 YAML") from error
    if not isinstance(meta, dict) or not meta.get("title"):
        raise SourceError("说明栏没有 title")
    return meta, parts[1].split("\n")


def _articles(lines: list[str]) -> dict[str, str]:
    out: dict[str, list[str]] = {}
    label = None
    for line in lines:
        if found := _ARTICLE.match(line):
            label = found[1] if found[1] not in out else None
            if label:
                out[label] = [found[2].strip()]
        elif _HEADING.match(line):
            label = None
        elif label and line.startswith("  ") and line.strip():
            out[label].append(line.strip().removeprefix("- ").strip())
    return {name: "\n".join(part for part in parts if part) for name, parts in out.items()}


def read_markdown(path: Path) -> RawLaw:
    try:
        text = path.read_text(encoding="utf8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SourceError("不是 UTF-8 文本") from error
    meta, lines = _front_matter(text)
    name = str(meta["title"]).strip().removeprefix(PREFIX)
    version = _iso(meta.get("publication_date") or meta.get("date"), "公布日期")
    if not version:
        raise SourceError("说明栏没有公布日期")
    urls = meta.get("urls") or [""]
    law = RawLaw(
        name,
        version,
        _iso(meta.get("effective_date"), "施行日期"),
        str(meta.get("status") or ""),
        str(meta.get("group") or ""),
        str(urls[0]),
        _articles(lines),
    )
    if not law.articles:
        raise SourceError("没有找到任何条文")
    return law


def _facts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Status, group and link of the laws, from a laws.json lying beside the JSONL."""
    beside = path.with_name("laws.json")
    if not beside.is_file():
        return {}
    try:
        rows = json.loads(beside.read_text(encoding="utf8"))
        return {row["law"]: row for row in reversed(rows)}
    except (ValueError, KeyError, TypeError):
        return {}


def _line(line: str) -> tuple[str, str, str, str, str]:
    """law, label, text, version, effective of one JSONL line."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise SourceError("不是合格的 JSON") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("law", "label", "text")):
        raise SourceError("缺少 law、label 或 text")
    if label_key(row["label"]) is None:
        raise SourceError(f"“{row['label']}”不是条号")
    law = row["law"].removeprefix(PREFIX)
    return law, row["label"], row["text"], _iso(row.get("version"), "版本"), _iso(row.get("effective"), "施行日期")


def read_jsonl(path: Path) -> tuple[list[RawLaw], list[BadSource]]:
    """All laws of the file; a broken or repeated line is left out and listed."""
    facts = _facts(path)
    laws: dict[tuple[str, str], RawLaw] = {}
    bad: list[BadSource] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            name, label, text, version, effective = _line(line)
        except SourceError as error:
            bad.append(BadSource(f"{path.name}:{number}", str(error)))
            continue
        law = laws.get((name, version))
        if law is None:
            fact = facts.get(name, {})
            status, group, url = (str(fact.get(key) or "") for key in ("status", "group", "url"))
            law = laws[name, version] = RawLaw(name, version, effective, status, group, url)
        if label in law.articles:
            if law.articles[label] != text:
                bad.append(BadSource(f"{path.name}:{number}", f"{name}{label}已经有了，内容不同，留用前一条"))
            continue
        law.articles[label] = text
    return list(laws.values()), bad


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as source:
        for raw in source:
            yield raw.decode("utf8", errors="replace")


def find_sources(path: Path) -> list[Path]:
    """The JSONL files of a folder when it has any, else its Markdown and Word files at any depth; a file is itself."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"找不到 {path.name}")
    jsonl = sorted(path.glob("*.jsonl"))
    found = (one for suffix in (".md", *_WORD) for one in path.rglob(f"*{suffix}"))
    return jsonl or sorted(one for one in found if not one.name.startswith((".", "~$", "README")))


def read_source(path: Path) -> tuple[list[RawLaw], list[BadSource]]:
    if path.suffix == ".jsonl":
        return read_jsonl(path)
    if path.suffix not in {".md", ".markdown", *_WORD}:
        return [], [BadSource(path.name, "不认识的文件，只收 .jsonl、.md 和 .docx")]
    try:
        return [read_docx(path) if path.suffix in _WORD else read_markdown(path)], []
    except SourceError as error:
        return [], [BadSource(path.name, str(error))]
