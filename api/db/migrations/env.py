"""Alembic's entry: runs the migrations over the URL it is given, offline mode is not needed."""

from alembic import context
from sqlalchemy import Connection, create_engine

from api.db import tables
from api.db.base import Base
from api.db.migrate import sync_url

assert tables
config = context.config


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(sync_url(config.get_main_option("sqlalchemy.url") or "")).connect() as opened:
        run(opened)
