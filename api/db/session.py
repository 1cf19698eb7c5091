"""The database of one process: engine, sessions, and the pragmas that make SQLite safe under load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from api.db.base import Base


class Database:
    """`transaction()` commits at the end and rolls back on any error; nothing else in the product commits."""

    def __init__(self, url: str) -> None:
        sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"pool_size": 20} if sqlite else {"pool_pre_ping": True, "pool_size": 10}
        self.engine = create_async_engine(url, **options)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine.sync_engine, "connect", set_pragmas)
            event.listen(self.engine.sync_engine, "begin", begin_immediate)
        # SQLite has one writer: waiting here is cheap and fair, waiting in its busy handler is a sleep.
        self._writing = asyncio.Lock() if sqlite else nullcontext()
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self._writing, self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Like `transaction()`, for work that only reads: SQLite then takes no write lock."""
        async with self._sessions() as session, session.begin():
            await session.connection(execution_options={"read_only": True})
            yield session

    async def ping(self) -> None:
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def insert_into(session: AsyncSession, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say `on_conflict_…`: the same words on both databases, but not the same class."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


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
