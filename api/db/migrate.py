"""Bring a database to the newest shape; the same call serves the demo, production and the tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

SCRIPTS = Path(__file__).parent / "migrations"
LOCK_KEY = 20261122


def sync_url(url: str) -> str:
    """The driver alembic can use: sqlite3 for SQLite; psycopg serves both ways."""
    return url.replace("sqlite+aiosqlite", "sqlite")


def migrate(url: str) -> None:
    """Idempotent, also for several processes at once; creates the folder of a SQLite file when it is missing."""
    target = sync_url(url)
    if target.startswith("sqlite:///"):
        Path(target.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = create_engine(target)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
