"""Shared by all tests: one running product and one PostgreSQL per session, for the tests that are marked for them."""

import os
from collections.abc import Iterator

import pytest

from tests.fakes.account import ACCOUNT
from tests.postgres import NoPostgres, running_cluster
from tests.services.desk_fixtures import database, database_url, desk, seeded_file, seeded_postgres
from tests.system import System, running_system

# The bot's own tests run in its own environment, see `make test`.
collect_ignore = ["bot"]
__all__ = ["database", "database_url", "desk", "postgres_url", "seeded_file", "seeded_postgres", "system"]


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("system"), **ACCOUNT) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL server. Without its binaries CI fails, while a developer is told and goes on."""
    try:
        with running_cluster() as url:
            yield url
    except NoPostgres as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
