"""A law as read from a source, and what can be wrong with a source."""

from __future__ import annotations

from dataclasses import dataclass, field

PREFIX = "中华人民共和国"


class SourceError(ValueError):
    """A file that cannot be read as statutes; the message is Chinese."""


@dataclass(frozen=True)
class BadSource:
    """Something left out of an import, and why."""

    where: str
    why: str


@dataclass
class RawLaw:
    """A law as read. Dates are ISO text, empty when the source does not give them; articles in reading order."""

    name: str
    version: str
    effective: str = ""
    status: str = ""
    group: str = ""
    url: str = ""
    articles: dict[str, str] = field(default_factory=dict)
