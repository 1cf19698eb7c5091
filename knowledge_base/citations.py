"""Article ids: `法名#第X条` and `法名#第X条之Y`, with Chinese numerals in their one canonical spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九"
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[零一二三四五六七八九十百千]+"
_ID = re.compile(rf"(?P<law>[^#]+)#第(?P<article>{_NUMERAL})条(?:之(?P<sub>{_NUMERAL}))?")
_MENTION = re.compile(rf"第?(?P<article>\d{{1,4}}|{_NUMERAL})条(?:之(?P<sub>\d|{_NUMERAL}))?")


class CitationError(ValueError):
    """Not an article id; the message is Chinese."""


@dataclass(frozen=True, order=True)
class Citation:
    """An article of a law by the law's full name. `sub` is the Y of 第X条之Y, 0 when there is none."""

    law: str
    article: int
    sub: int = 0

    @property
    def label(self) -> str:
        tail = f"之{to_chinese(self.sub)}" if self.sub else ""
        return f"第{to_chinese(self.article)}条{tail}"

    @property
    def id(self) -> str:
        return f"{self.law}#{self.label}"


def to_chinese(number: int) -> str:
    """1 → 一, 10 → 十, 110 → 一百一十, 1005 → 一千零五; statutes number up to 9999."""
    if not 0 < number < 10_000:
        raise CitationError(f"条号 {number} 超出范围")
    out, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if gap and out else "") + _DIGITS[digit] + sign
            gap = False
        else:
            gap = True
    return out.removeprefix("一") if out.startswith("一十") else out


def to_int(numeral: str) -> int:
    """The value of a canonical Chinese numeral; any other spelling is refused."""
    total, digit = 0, 0
    for sign in numeral:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        elif sign in _DIGITS:
            digit = _DIGITS.index(sign)
        else:
            raise CitationError(f"“{numeral}”不是条号用的中文数字")
    total += digit
    if total == 0 or to_chinese(total) != numeral:
        raise CitationError(f"“{numeral}”不是规范的条号写法")
    return total


def parse(text: str) -> Citation:
    found = _ID.fullmatch(text)
    if found is None:
        raise CitationError(f"“{text}”不是“法名#第X条”的写法")
    return Citation(found["law"], to_int(found["article"]), to_int(found["sub"]) if found["sub"] else 0)


def label_key(label: str) -> tuple[int, int] | None:
    """(article, sub) of 第X条 / 第X条之Y, None for anything else; sorts articles in the order of the law."""
    try:
        citation = parse(f"法#{label}")
    except CitationError:
        return None
    return citation.article, citation.sub


def _number(text: str) -> int:
    return int(text) if text.isdigit() else to_int(text)


def find_mentions(text: str, names: Mapping[str, str]) -> list[Citation]:
    """Articles named in running text (民法典第1079条, 承包法27条). `names` maps every known name to the full one."""
    out: list[Citation] = []
    for found in _MENTION.finditer(text):
        before = text[: found.start()].rstrip("》〉 ")
        name = max((name for name in names if before.endswith(name)), key=len, default=None)
        if name is None:
            continue
        try:
            sub = _number(found["sub"]) if found["sub"] else 0
            out.append(Citation(names[name], _number(found["article"]), sub))
        except CitationError:
            continue
    return list(dict.fromkeys(out))
