"""The database of one process: engine, sessions, and the pragmas that make SQLite safe under load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from time import monotonic
from typing import Any

from sqlalchemy import Dialect, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from api.db.base import Base


class Database:
    """`transaction()` commits at the end and rolls back on any error; nothing else in the product commits."""

    def __init__(self, url: str) -> None:
        sqlite = url.startswith("sqlite")
        self.engine = create_async_engine(url, pool_size=20 if sqlite else 10)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine.sync_engine, "connect", set_pragmas)
            event.listen(self.engine.sync_engine, "begin", begin_immediate)
        else:
            rested = Rested(self.engine.sync_engine.dialect)
            event.listen(self.engine.sync_engine, "checkin", rested.rests)
            event.listen(self.engine.sync_engine, "checkout", rested.is_alive)
        # Every statement of a reader sees what is committed by then, inside a transaction as without one: so it has
        # none on PostgreSQL, and saves two round trips. SQLite needs one, but not the write lock.
        self._reading = {"read_only": True} if sqlite else {"isolation_level": "AUTOCOMMIT"}
        # SQLite has one writer: waiting here is cheap and fair, waiting in its busy handler is a sleep.
        self._writing = asyncio.Lock() if sqlite else nullcontext()
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self._writing, self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Like `transaction()`, for work that only reads: no write lock on SQLite, no transaction on PostgreSQL."""
        async with self._sessions() as session, session.begin():
            await session.connection(execution_options=self._reading)
            yield session

    async def ping(self) -> None:
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        await self.engine.dispose()


Insert = postgresql.Insert | sqlite.Insert


class Rested:
    """A connection that lay in the pool for a while is asked whether it still lives, before anybody uses it."""

    SECONDS = 1.0

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def rests(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = monotonic()

    def is_alive(self, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or monotonic() - since < self.SECONDS:
            return
        try:
            self._dialect.do_ping(connection)
        except self._dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def insert_into(session: AsyncSession, table: type[Base]) -> Insert:
    """An insert that can say `on_conflict_…`: the same words on both databases, but not the same class."""
    return upsert(dialect_of(session), table)


def dialect_of(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def upsert(dialect: str, table: type[Base] | Table) -> Insert:
    """`insert_into` by the name of the dialect; a plain table leaves the ORM out."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def set_pragmas(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while one writes; foreign keys are off in SQLite unless asked for."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_immediate(connection: Any) -> None:
    """A transaction takes SQLite's write lock at its start, so it waits its turn instead of failing half-way."""
    if connection.get_execution_options().get("read_only"):
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
