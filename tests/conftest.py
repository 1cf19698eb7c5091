"""Shared by all tests: one running product per session, for the tests that are marked for it."""

from collections.abc import Iterator

import pytest

from tests.system import System, running_system


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("system")) as running:
        yield running
