"""The migrations build what the tables say, on both databases."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect

from api.db import tables
from api.db.base import Base
from api.db.migrate import SCRIPTS, migrate, sync_url
from tests.postgres import BOTH, fresh_database

assert tables


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database without tables."""
    if request.param == "postgres":
        with fresh_database(request.getfixturevalue("postgres_url")) as made:
            yield made
    else:
        yield f"sqlite+aiosqlite:///{tmp_path / 'new folder' / 'desk.db'}"


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """To a migrated database."""
    migrate(url)
    engine = create_engine(sync_url(url))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def names_in(connection: Connection) -> list[tuple[str, str]]:
    """(table, name) of every constraint and index that the database itself knows; one name may serve both."""
    found = inspect(connection)
    named: set[tuple[str, str]] = set()
    for table in found.get_table_names():
        kinds = (found.get_unique_constraints, found.get_foreign_keys, found.get_indexes)
        rows = [found.get_pk_constraint(table), *(row for kind in kinds for row in kind(table))]
        named |= {(table, str(row["name"])) for row in rows if table != "alembic_version"}
    return sorted(named)


def test_the_migrations_build_exactly_the_tables(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_a_name_of_its_own(connection: Connection) -> None:
    named = names_in(connection)
    assert len(named) > len(Base.metadata.tables)
    assert [name for name, times in Counter(name for _, name in named).items() if times > 1 or name == "None"] == []


def test_again_changes_nothing(connection: Connection, url: str) -> None:
    before = names_in(connection)
    connection.rollback()
    migrate(url)
    assert names_in(connection) == before


def test_down_and_up_again(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    built = names_in(connection)
    command.downgrade(config, "base")
    assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    command.upgrade(config, "head")
    assert names_in(connection) == built


@pytest.mark.postgres
def test_processes_that_start_together_migrate_once(postgres_url: str) -> None:
    with fresh_database(postgres_url) as url, ThreadPoolExecutor(4) as pool:
        list(pool.map(create_and_count, [url] * 4))
        assert create_and_count(url) == len(Base.metadata.tables) + 1


def create_and_count(url: str) -> int:
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        count = len(inspect(connection).get_table_names())
    engine.dispose()
    return count
