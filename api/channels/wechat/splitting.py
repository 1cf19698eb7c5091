"""Cuts a long answer into parts WeChat accepts: one passive reply holds about 2,048 bytes."""

import re

MAX_CHARS = 600
MAX_BYTES = 1900
LONGEST_BYTES = 2048  # what WeChat takes; the rest is room for an opening line
_BREAKS = (re.compile(r"\n+"), re.compile(r"[。！？!?]+[”』）)]*"), re.compile(r"[；;，,、]"))


def split(text: str, *, reserve: int = 0) -> list[str]:
    """Parts of at most 600 characters and 1,900 bytes, cut at a line, a sentence or a pause when there is one.

    `reserve` characters (counted three bytes each) are left free in every part for a closing line.
    """
    rest, parts = text.strip(), []
    while rest:
        size = _fitting(rest, MAX_CHARS - reserve, MAX_BYTES - 3 * reserve)
        if size < len(rest):
            size = _good_cut(rest, size)
        parts.append(rest[:size].rstrip())
        rest = rest[size:].lstrip()
    return parts


def _fitting(text: str, max_chars: int, max_bytes: int) -> int:
    """How many leading characters fit both limits; a character is never cut."""
    head = text[:max_chars].encode()
    return len(head[:max_bytes].decode(errors="ignore"))


def _good_cut(text: str, size: int) -> int:
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(text, 0, size)]
        if ends and ends[-1] >= size // 2:
            return ends[-1]
    return size
