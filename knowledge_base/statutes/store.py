"""The imported text of the law in one SQLite file: every version kept, one of them current."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge_base.citations import label_key
from knowledge_base.statutes.raw import RawLaw

_SCHEMA = """
CREATE TABLE IF NOT EXISTS laws (
  law TEXT NOT NULL, version TEXT NOT NULL, effective TEXT NOT NULL, status TEXT NOT NULL, grp TEXT NOT NULL,
  url TEXT NOT NULL, digest TEXT NOT NULL, current INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (law, version));
CREATE TABLE IF NOT EXISTS articles (
  law TEXT NOT NULL, version TEXT NOT NULL, label TEXT NOT NULL, article INTEGER NOT NULL, sub INTEGER NOT NULL,
  text TEXT NOT NULL, PRIMARY KEY (law, version, article, sub)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_CURRENT = """
SELECT a.law || '#' || a.label, a.law, a.label, a.text, a.version, l.effective
FROM articles a JOIN laws l USING (law, version) WHERE l.current = 1
"""


@dataclass(frozen=True)
class Article:
    """`effective` is ISO text, empty when the source does not say."""

    id: str
    law: str
    label: str
    text: str
    version: str
    effective: str


def digest(law: RawLaw) -> str:
    parts = [law.name, law.version, law.effective, law.status, law.group, law.url]
    parts += [text for pair in law.articles.items() for text in pair]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept only if the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(_SCHEMA)
        yield db


def save(db: sqlite3.Connection, law: RawLaw) -> bool:
    """Stores one version of a law; False when exactly this was stored already."""
    sign = digest(law)
    row = db.execute("SELECT digest FROM laws WHERE law = ? AND version = ?", (law.name, law.version)).fetchone()
    if row is not None and row[0] == sign:
        return False
    db.execute("DELETE FROM articles WHERE law = ? AND version = ?", (law.name, law.version))
    db.execute(
        "INSERT OR REPLACE INTO laws (law, version, effective, status, grp, url, digest) VALUES (?,?,?,?,?,?,?)",
        (law.name, law.version, law.effective, law.status, law.group, law.url, sign),
    )
    keys = {label: label_key(label) or (0, 0) for label in law.articles}
    db.executemany(
        "INSERT INTO articles (law, version, label, article, sub, text) VALUES (?,?,?,?,?,?)",
        [(law.name, law.version, label, *keys[label], text) for label, text in law.articles.items()],
    )
    return True


def choose_current(db: sqlite3.Connection, on: date) -> None:
    """The newest version in force that day is current; a law with none in force yet keeps its newest version."""
    db.execute("UPDATE laws SET current = 0")
    db.execute(
        """UPDATE laws SET current = 1 WHERE (law, version) IN (
             SELECT law, version FROM (SELECT law, version, row_number() OVER (
               PARTITION BY law ORDER BY (effective <= ?) DESC, version DESC) AS place FROM laws) WHERE place = 1)""",
        (on.isoformat(),),
    )


def current_articles(db: sqlite3.Connection) -> Iterator[Article]:
    """In a fixed order: by law, then by article."""
    for row in db.execute(_CURRENT + "ORDER BY a.law, a.article, a.sub"):
        yield Article(*row)


def article(db: sqlite3.Connection, id: str) -> Article | None:
    law, _, label = id.partition("#")
    row = db.execute(_CURRENT + "AND a.law = ? AND a.label = ?", (law, label)).fetchone()
    return None if row is None else Article(*row)


def article_ids(path: Path) -> frozenset[str]:
    """Ids of all current articles; empty when nothing was imported there."""
    if not path.is_file():
        return frozenset()
    with opened(path) as db:
        return frozenset(row[0] for row in db.execute(_CURRENT))


def fingerprint(db: sqlite3.Connection) -> str:
    """Changes whenever the current text changes; the search index carries it."""
    rows: Sequence[tuple[str]] = db.execute("SELECT digest FROM laws WHERE current = 1 ORDER BY law").fetchall()
    return hashlib.sha256("".join(row[0] for row in rows).encode()).hexdigest()[:16]
