"""A backup restored elsewhere is the same desk; a broken, foreign or unwanted one changes nothing."""

import asyncio
import json
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from api.db.base import DataKeys
from api.db.session import Database
from api.db.tables.desk import PartyRow, TicketRow
from api.domain.access import Viewer
from api.domain.errors import Conflict, DomainError, InvalidInput, NotFound
from api.services import tickets
from api.services.backup import Manifest, Site, back_up, restore
from api.services.routing import RoutingDesk
from tests.postgres import BOTH, fresh_database
from tests.services.desk_fixtures import FRIDAY, application

NOW = datetime(2026, 11, 29, tzinfo=UTC)
KEY = "test-key"


def quiet(_stage: str, _done: int, _total: int) -> None:
    """No bar."""


def site(home: Path, url: str) -> Site:
    home.mkdir(exist_ok=True)
    return Site(home, url, KEY, evidence=home / "evidence", tracker=home / "tracker.db")


def fill(database_url: str, desk: RoutingDesk) -> str:
    async def go() -> str:
        database = Database(database_url)
        async with database.transaction() as session:
            row = await tickets.open_ticket(session, desk, application(), by=Viewer.tool(), at=FRIDAY, key=None)
        await database.close()
        return row.no

    return asyncio.run(go())


def told(url: str) -> list[tuple[str, str | None]]:
    """(number, applicant) of every ticket, decrypted."""

    async def go() -> list[tuple[str, str | None]]:
        database = Database(url)
        async with database.reading() as session:
            rows = await session.execute(select(TicketRow.no, PartyRow.name).join(PartyRow).order_by(TicketRow.id))
            found = [(no, name) for no, name in rows]
        await database.close()
        return found

    return asyncio.run(go())


@pytest.fixture
def here(tmp_path: Path, database_url: str, desk: RoutingDesk) -> Site:
    """An installation with one ticket, one evidence file and a local figure."""
    fill(database_url, desk)
    made = site(tmp_path / "here", database_url)
    (made.home / "evidence" / "1").mkdir(parents=True)
    (made.home / "evidence" / "1" / ("a" * 64)).write_bytes(b"sealed")
    (made.home / "local_figures.yml").write_text("x: 1", "utf-8")
    (made.home / "keys").mkdir()
    (made.home / "keys" / "data_key").write_text(KEY)
    return made


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    DataKeys.use([KEY])
    if request.param == "postgres":
        from tests.postgres import rewind

        return rewind(request.getfixturevalue("seeded_postgres"))
    path = tmp_path / "desk.db"
    path.write_bytes(request.getfixturevalue("seeded_file").read_bytes())
    return f"sqlite+aiosqlite:///{path}"


def made(here: Site, tmp_path: Path, *, with_keys: bool = False) -> tuple[Path, Manifest]:
    target = tmp_path / "backup.tar.gz"
    return target, back_up(here, target, with_keys=with_keys, now=NOW, progress=quiet)


def test_a_restored_box_is_the_same_desk(here: Site, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    target, manifest = made(here, tmp_path)
    assert (manifest.tickets, manifest.made_at) == (1, NOW.isoformat())
    assert oct(target.stat().st_mode)[-3:] == "600"
    if here.database_url.startswith("postgres"):
        with fresh_database(request.getfixturevalue("postgres_url")) as url:
            check_restored(here, site(tmp_path / "there", url), target)
    else:
        check_restored(here, site(tmp_path / "there", f"sqlite+aiosqlite:///{tmp_path / 'there' / 'desk.db'}"), target)


def check_restored(here: Site, there: Site, target: Path) -> None:
    restore(there, target, force=False, progress=quiet)
    assert told(there.database_url) == told(here.database_url)
    assert told(there.database_url)[0][1] == "申请人"
    assert (there.home / "evidence" / "1" / ("a" * 64)).read_bytes() == b"sealed"
    assert (there.home / "local_figures.yml").read_text("utf-8") == "x: 1"
    assert not (there.home / "keys" / "data_key").exists()
    from api.services.policy import build_policy
    from knowledge_base.routing import load

    second = fill(there.database_url, RoutingDesk(build_policy(load())))
    assert [no for no, _ in told(there.database_url)][-1] == second
    with pytest.raises(Conflict) as full:
        restore(there, target, force=False, progress=quiet)
    assert full.value.code == "not_empty"
    restore(there, target, force=True, progress=quiet)
    assert len(told(there.database_url)) == 1


# The archive itself does not depend on the database.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_the_key_goes_along_only_when_asked_and_must_fit(here: Site, tmp_path: Path) -> None:
    there = site(tmp_path / "there", f"sqlite+aiosqlite:///{tmp_path / 'there' / 'desk.db'}")
    target, _ = made(here, tmp_path)
    with pytest.raises(Conflict) as other:
        restore(replace(there, data_key="another"), target, force=False, progress=quiet)
    assert other.value.code == "other_key"
    target, _ = made(here, tmp_path, with_keys=True)
    restore(replace(there, data_key="another"), target, force=False, progress=quiet)
    assert (there.home / "keys" / "data_key").read_text() == KEY


def spoiled(target: Path, how: str) -> None:
    """Rewrites the archive with one thing wrong."""
    with tarfile.open(target) as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive.getmembers()}  # type: ignore[union-attr]
    if how == "changed":
        files["local_figures.yml"] = b"x: 2"
    if how == "missing":
        del files["local_figures.yml"]
    if how == "strange":
        files["../outside"] = b"x"
    if how == "future":
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | {"format": 9}).encode()
    with tarfile.open(target, "w:gz") as archive:
        for name, content in files.items():
            path = target.parent / "piece"
            path.write_bytes(content)
            archive.add(path, name)


@ON_SQLITE
@pytest.mark.parametrize("how", ["changed", "missing", "strange", "future"])
def test_a_spoiled_backup_changes_nothing(here: Site, tmp_path: Path, how: str) -> None:
    target, _ = made(here, tmp_path)
    spoiled(target, how)
    check_refused(here, target, InvalidInput)


@ON_SQLITE
def test_half_a_file_changes_nothing(here: Site, tmp_path: Path) -> None:
    target, _ = made(here, tmp_path)
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
    check_refused(here, target, InvalidInput)


def check_refused(here: Site, target: Path, kind: type[DomainError]) -> None:
    before = told(here.database_url)
    with pytest.raises(kind):
        restore(here, target, force=True, progress=quiet)
    assert told(here.database_url) == before
    assert not (here.home.parent / "outside").exists()


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    empty = site(tmp_path / "empty", f"sqlite+aiosqlite:///{tmp_path / 'empty' / 'desk.db'}")
    with pytest.raises(NotFound):
        made(empty, tmp_path)
