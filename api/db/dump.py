"""Everything in the desk's database as one stream of bytes, and back: SQLite as a file, PostgreSQL table by table."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Integer, create_engine

from api.db import tables
from api.db.base import Base
from api.db.migrate import SCRIPTS, sync_url

assert tables
TABLES = Base.metadata.sorted_tables
Progress = Callable[[str, int, int], None]
PAGES = 2000


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def file_of(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(sync_url(url).removeprefix("sqlite:///"))


@contextmanager
def opened(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        yield connection


def revision(url: str) -> str:
    """The migration a database stands at, "" for one that was never migrated."""
    query = "select version_num from alembic_version"
    if is_sqlite(url):
        if not file_of(url).is_file():
            return ""
        with closing(sqlite3.connect(file_of(url))) as database:
            known = database.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone()
            row = database.execute(query).fetchone() if known else None
            return str(row[0]) if row else ""
    with opened(url) as connection:
        if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
            return ""
        found = connection.execute(query).fetchone()
        return str(found[0]) if found else ""


def tickets_in(url: str) -> int:
    """How many tickets there are; 0 for a database without tables."""
    if not revision(url):
        return 0
    query = "select count(*) from tickets"
    if is_sqlite(url):
        with closing(sqlite3.connect(file_of(url))) as database:
            return int(database.execute(query).fetchone()[0])
    with opened(url) as connection:
        row = connection.execute(query).fetchone()
        return int(row[0]) if row else 0


def copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    """A whole and consistent copy, also while others write."""

    def report(_status: int, left: int, total: int) -> None:
        progress("数据库", total - left, total)

    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=PAGES, progress=report)
        if new.execute("pragma integrity_check").fetchone() != ("ok",):
            raise ValueError("复制出来的数据库不完整")


def dump_postgres(url: str, folder: Path, progress: Progress) -> None:
    """One file per table, all of the same moment."""
    with opened(url) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        for done, table in enumerate(TABLES, 1):
            columns = sql.SQL(", ").join(map(sql.Identifier, table.columns.keys()))
            statement = sql.SQL("copy (select {} from {}) to stdout (format binary)")
            name = sql.Identifier(table.name)
            copied = connection.cursor().copy(statement.format(columns, name))
            with copied as rows, (folder / table.name).open("wb") as out:
                for block in rows:
                    out.write(block)
            progress("数据库", done, len(TABLES))


def load_postgres(url: str, folder: Path, at_revision: str, progress: Progress) -> None:
    """Into a database that is brought to the same migration first; what was in it goes. One transaction."""
    bring_to(url, at_revision)
    with opened(url) as connection:
        names = sql.SQL(", ").join(sql.Identifier(table.name) for table in TABLES)
        connection.execute(sql.SQL("truncate {}").format(names))
        for done, table in enumerate(TABLES, 1):
            columns = sql.SQL(", ").join(map(sql.Identifier, table.columns.keys()))
            statement = sql.SQL("copy {} ({}) from stdin (format binary)")
            copying = connection.cursor().copy(statement.format(sql.Identifier(table.name), columns))
            with copying as copy, (folder / table.name).open("rb") as rows:
                while block := rows.read(1 << 20):
                    copy.write(block)
            if "id" in table.columns and isinstance(table.columns["id"].type, Integer):
                connection.execute(_counter(table.name))
            progress("数据库", done, len(TABLES))


def _counter(table: str) -> sql.Composed:
    """The next id follows the largest one; tables whose id is not counted are left alone."""
    return sql.SQL(
        "select setval(found, coalesce((select max(id) from {table}), 0) + 1, false)"
        " from (select pg_get_serial_sequence({name}, 'id') as found) as sequence where found is not null"
    ).format(table=sql.Identifier(table), name=sql.Literal(table))


def bring_to(url: str, at_revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, at_revision)
    engine.dispose()
