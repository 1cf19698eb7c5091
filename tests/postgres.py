"""A PostgreSQL cluster of our own for the tests: temporary folder, free loopback port, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.db import tables
from api.db.base import Base
from tests.system import free_port

assert tables
TABLES = Base.metadata.sorted_tables

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
OWNER = "desk"
READY_SECONDS = 30
FAST = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "autovacuum": "off",
}


class NoPostgres(Exception):
    """No server binaries on this machine."""


def find_binaries() -> Path:
    """The newest version that Debian or the PATH offers. Raises NoPostgres."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(versions), *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def unprivileged() -> dict[str, Any]:
    """Popen arguments: PostgreSQL refuses to run as root, so root lends it the account of another."""
    if os.geteuid() != 0:
        return {}
    names = {account.pw_name for account in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def running_cluster(**settings: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty cluster; it is stopped, by its own pid, and deleted at the end."""
    binaries = find_binaries()
    account = unprivileged()
    with tempfile.TemporaryDirectory(prefix="fengqiao-pg-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        if account:
            os.chown(home, account["user"], account["group"])
        make_cluster(binaries, home, account)
        port = free_port()
        options = [part for key, value in (FAST | settings).items() for part in ("-c", f"{key}={value}")]
        command = [binaries / "postgres", "-D", home / "data", "-p", str(port), *options]
        with (home / "server.log").open("wb") as log:
            server = subprocess.Popen(command, cwd=home, stdout=log, stderr=log, **account)
        try:
            wait_ready(server, port, home / "server.log")
            yield f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}/postgres"
        finally:
            stop(server)


def make_cluster(binaries: Path, home: Path, account: dict[str, Any]) -> None:
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={OWNER}", "--no-sync"]
    command = [binaries / "initdb", "-D", home / "data", *options]
    made = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, **account)
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stderr}")


def wait_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=OWNER, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-3000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast shutdown: open sessions are ended, not waited for."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def create_database(server_url: str, name: str) -> str:
    """The URL of a new, empty database."""
    with connect(server_url) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    return server_url.rpartition("/")[0] + f"/{name}"


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    yield create_database(server_url, name)
    with connect(server_url) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def remember(url: str) -> str:
    """Keep the present rows of a database for `rewind`; returns the URL again."""
    with connect(url) as connection:
        connection.execute("create schema kept")
        for table in TABLES:
            connection.execute(f"create table kept.{table.name} as table public.{table.name}")
    return url


def rewind(url: str) -> str:
    """Rows and counters as they were remembered; ten times quicker than a new database for every test."""
    with connect(url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        connection.execute("set session_replication_role = replica")
        with connection.transaction():
            for table in TABLES:
                connection.execute(f"delete from {table.name}")
                connection.execute(f"insert into {table.name} select * from kept.{table.name}")
                if table.autoincrement_column is not None and "id" in table.c:
                    connection.execute(
                        f"select setval(pg_get_serial_sequence('{table.name}', 'id'), coalesce(max(id), 0) + 1, false)"
                        f" from {table.name}"
                    )
    return url


def connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
