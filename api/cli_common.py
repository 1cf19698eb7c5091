"""What every command of the command line needs: settings, a database, and a plain way to fail."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer
from pydantic import ValidationError
from rich.progress import Progress, TaskID
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.base import DataKeys
from api.db.migrate import migrate
from api.db.session import Database
from api.services.working_days import County
from api.settings import Settings

T = TypeVar("T")


def fail(message: str) -> typer.Exit:
    typer.secho(message, fg="red", err=True)
    return typer.Exit(1)


def configured() -> Settings:
    """The settings, or a plain sentence about what is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        raise fail("\n".join(one["msg"].removeprefix("Value error, ") for one in error.errors())) from error


def with_database(work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    """Runs over the configured database, which is brought up to date first."""
    settings = configured()
    DataKeys.use([settings.data_key.get_secret_value()])
    County.use(settings.home)
    migrate(settings.database_url)

    async def run() -> T:
        database = Database(settings.database_url)
        try:
            return await work(database, settings)
        finally:
            await database.close()

    return asyncio.run(run())


def in_database(work: Callable[[AsyncSession, Settings], Awaitable[T]], *, write: bool = True) -> T:
    """The same inside one transaction."""

    async def run(database: Database, settings: Settings) -> T:
        async with database.transaction() if write else database.reading() as session:
            return await work(session, settings)

    return with_database(run)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar per stage on a terminal; calls are (stage, done, total)."""
    with Progress() as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show
