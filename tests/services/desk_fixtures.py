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

FRIDAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PASSWORD = "demo-password"


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated and seeded once; every test works on its own copy."""
    DataKeys.use(["test-key"])
    path = tmp_path_factory.mktemp("desk") / "seeded.db"
    migrate(f"sqlite+aiosqlite:///{path}")

    async def fill() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        async with database.transaction() as session:
            await seed.seed_demo(session, load_demo_place(), password=PASSWORD)
        await database.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def database(seeded_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    DataKeys.use(["test-key"])
    path = tmp_path / "desk.db"
    path.write_bytes(seeded_file.read_bytes())
    opened = Database(f"sqlite+aiosqlite:///{path}")
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
