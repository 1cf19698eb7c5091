"""A desk database built by the migrations and filled with the demo place."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.db.base import DataKeys
from api.db.migrate import migrate
from api.db.session import Database
from api.domain.access import Viewer
from api.domain.organisation import Place
from api.services import accounts, seed
from api.services.policy import build_policy
from api.services.routing import RoutingDesk
from api.services.ticket_opening import Applicant, Application
from knowledge_base.routing import load, load_demo_place
from tests.postgres import BOTH, create_database, remember, rewind

FRIDAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PASSWORD = "demo-password"


def build(url: str) -> None:
    """Migrate and fill with the demo place; nobody is connected afterwards."""
    DataKeys.use(["test-key"])
    migrate(url)

    async def fill() -> None:
        database = Database(url)
        async with database.transaction() as session:
            await seed.seed_demo(session, load_demo_place(), password=PASSWORD)
        await database.close()

    asyncio.run(fill())


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once; every test works on its own copy."""
    path = tmp_path_factory.mktemp("desk") / "seeded.db"
    build(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def seeded_postgres(postgres_url: str) -> str:
    """The same as a PostgreSQL database, rewound before every test that uses it."""
    url = create_database(postgres_url, "seeded")
    build(url)
    return remember(url)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the demo place and nothing else: every test that uses it runs on both."""
    DataKeys.use(["test-key"])
    if request.param == "postgres":
        return rewind(request.getfixturevalue("seeded_postgres"))
    path = tmp_path / "desk.db"
    path.write_bytes(request.getfixturevalue("seeded_file").read_bytes())
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def desk() -> RoutingDesk:
    return RoutingDesk(build_policy(load()))


def application(**changed: Any) -> Application:
    """A neighbour dispute in 东沟村一组, reported on the web."""
    defaults: dict[str, Any] = {
        "channel": "web",
        "sender": "visitor-1",
        "category": "neighbor",
        "subcategory": "boundary",
        "text": "院墙滴水到我家",
        "place": Place(town="青石镇", village="东沟村", group="一组"),
        "applicant": Applicant("申请人", "13800000000"),
        "facts": {"parties_same_group": True},
    }
    return Application(**(defaults | changed))


async def staff(database: Database, username: str) -> Viewer:
    async with database.reading() as session:
        return await accounts.viewer_of(session, username)
