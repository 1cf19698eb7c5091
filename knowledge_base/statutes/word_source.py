"""Reads a law from the Word file the national law database offers: title, how it came to be, articles."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from docx import Document
from docx.opc.exceptions import PackageNotFoundError

from knowledge_base.citations import label_key
from knowledge_base.statutes.raw import PREFIX, RawLaw, SourceError

MOST_BYTES = 64 * 1024 * 1024  # unpacked; the longest law takes about 2 MB
MOST_RATIO = 200
_RATIO_FROM = 1024 * 1024  # small parts may compress as well as they like
_ARTICLE = re.compile(r"^(第[零一二三四五六七八九十百千]+条(?:之[零一二三四五六七八九十]+)?)[\s　]+(.*)$")
_HEADING = re.compile(r"^第[零一二三四五六七八九十百千]+(?:编|分编|章|节)[\s　]|^(?:附\s*则|目\s*录|附件)")
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_EFFECTIVE = re.compile(r"自(\d{4})年(\d{1,2})月(\d{1,2})日起(?:施行|实施|生效)")
_IN_NAME = re.compile(r"_(\d{4})(\d{2})(\d{2})$")


def refuse_danger(path: Path) -> None:
    """Raises SourceError for macros, for what is no Word file, and for an archive that unpacks to far too much."""
    if path.suffix.lower() == ".docm":
        raise SourceError("带宏的文件（.docm）不收")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError("不是完好的 docx 文件") from error
    if any("vbaproject" in part.filename.lower() for part in parts):
        raise SourceError("文件里有宏，不收")
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise SourceError("解开以后太大，不收")
    if any(part.file_size > MOST_RATIO * max(part.compress_size, 1) and part.file_size > _RATIO_FROM for part in parts):
        raise SourceError("压缩得不正常（像压缩炸弹），不收")


def _day(found: Sequence[str]) -> str:
    try:
        return date(*map(int, found)).isoformat()
    except ValueError:
        return ""


def _paragraphs(path: Path) -> list[str]:
    try:
        document = Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise SourceError("不是完好的 docx 文件") from error
    return [text for one in document.paragraphs if (text := one.text.strip(" \t\u3000\r\n"))]


def _articles(lines: Sequence[str]) -> dict[str, str]:
    out: dict[str, list[str]] = {}
    label: str | None = None
    for line in lines:
        if found := _ARTICLE.match(line):
            label = found[1] if found[1] not in out and label_key(found[1]) else None
            if label:
                out[label] = [found[2].strip()]
        elif _HEADING.match(line):
            label = None
        elif label:
            out[label].append(line)
    return {name: "\n".join(part for part in parts if part) for name, parts in out.items()}


def read_docx(path: Path) -> RawLaw:
    """Raises SourceError. The version is the last day named before the first article, else the day in the file name."""
    refuse_danger(path)
    lines = _paragraphs(path)
    first = next((at for at, line in enumerate(lines) if _ARTICLE.match(line)), len(lines))
    articles = _articles(lines)
    if not articles:
        raise SourceError("没有找到任何条文")
    named = _IN_NAME.search(path.stem)
    told = sorted(filter(None, (_day(one) for line in lines[1:first] for one in _DATE.findall(line))))
    version = told[-1] if told else _day(named.groups()) if named else ""
    if not version:
        raise SourceError("没有找到公布日期")
    starts = [_day(one) for text in articles.values() for one in _EFFECTIVE.findall(text)]
    return RawLaw(lines[0].removeprefix(PREFIX), version, max(starts, default=""), articles=articles)
