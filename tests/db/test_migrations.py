"""The migrations build what the tables say, on both databases."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.orm import Session

from api.db import tables
from api.db.base import Base, DataKeys
from api.db.migrate import SCRIPTS, migrate, sync_url
from api.db.tables.desk import PartyRow, TicketRow
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


def test_private_respondents_of_before_become_parties(connection: Connection) -> None:
    """An organisation's name stays; a person's goes from the plain columns to the parties, once."""
    DataKeys.use(["test-key"])
    person, company = "欧阳阿大", "某某建筑公司"
    named = {"facts": {"respondent_org": person}, "respondent_org": person}
    with Session(connection) as session:
        rows = [
            plain_ticket(1, **named),
            plain_ticket(2, **named, parties=[PartyRow(role="respondent", kind="person", name=person)]),
            plain_ticket(3, **named, parties=[PartyRow(role="respondent", kind="person", phone="13900000000")]),
            plain_ticket(4, facts={"respondent_org": company}, respondent_org=company),
            plain_ticket(
                5, respondent_org="老李家", parties=[PartyRow(role="respondent", kind="company", name="老李家")]
            ),
            plain_ticket(6, respondent_org=person),
        ]
        session.add_all(rows)
        session.commit()
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    for _ in range(2):
        command.downgrade(config, "0015_villagers")
        command.upgrade(config, "head")
    with Session(connection) as session:
        found = session.scalars(select(TicketRow).order_by(TicketRow.id)).all()
        assert [row.respondent_org for row in found] == ["", "", "", company, "老李家", ""]
        assert [row.facts.get("respondent_org") for row in found] == [*["个人"] * 3, company, None, None]
        parties = [[(one.role, one.name, one.phone) for one in row.parties] for row in found]
    alone = [("respondent", person, None)]
    assert parties == [
        alone,
        alone,
        [("respondent", person, "13900000000")],
        [],
        [("respondent", "老李家", None)],
        alone,
    ]


def plain_ticket(number: int, **given: Any) -> TicketRow:
    defaults: dict[str, Any] = {
        **{key: [] for key in ("flags", "reasons", "rejected", "due", "legal", "trail")},
        **dict.fromkeys(("county", "town", "village", "group_name", "merged_into", "head", "crisis", "key"), ""),
        **{"no": f"T-{number}", "scope": "x", "key": str(number), "fingerprint": "", "status": "submitted"},
        **{"category": "neighbor", "subcategory": "", "tier": "village", "tier_rank": 2, "complexity": "simple"},
        **{"warning_level": "general", "protective": False, "text": "院墙", "channel": "web", "sender": "a"},
        **{"opened_at": datetime(2026, 11, 20, tzinfo=UTC), "reopen_days": 30, "extended": False, "version": 1},
        "facts": {},
    }
    return TicketRow(**(defaults | given))
