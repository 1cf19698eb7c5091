"""Where Rasa keeps conversations: SQL, only the current session is loaded, and every database error is raised.

Rasa's own store answers a failing database with an empty conversation. Here a failed read or write fails the turn, and
the position of every event is unique, so that two processes working on one conversation cannot both win.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from bot import patches
from bot.turns import current_turn

patches.apply()

_POSITION = "_stored_position"
metadata = sa.MetaData()
events = sa.Table(
    "bot_events",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type_name", sa.String(64), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("ix_bot_events_type", "sender_id", "type_name", "position"),
)


class ConversationMoved(RuntimeError):
    """Another process stored events of this conversation meanwhile; the turn must be done again."""


def default_url() -> str:
    """`FENGQIAO_TRACKER_URL`, else a SQLite file in `FENGQIAO_HOME` (./var)."""
    home = Path(os.environ.get("FENGQIAO_HOME") or "var")
    return os.environ.get("FENGQIAO_TRACKER_URL") or f"sqlite:///{home / 'tracker.sqlite'}"


def make_engine(url: str) -> Engine:
    """A pool that notices dead connections; SQLite in WAL mode."""
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # A database that does not answer must not hold up the one event loop for long.
        options = {"connect_timeout": 3, "options": "-c statement_timeout=5000"} if "postgresql" in url else {}
        return sa.create_engine(
            parsed, pool_pre_ping=True, pool_size=5, max_overflow=5, pool_timeout=3, connect_args=options
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed, poolclass=QueuePool, pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


class SessionTrackerStore(TrackerStore):
    """The tracker store named in `bot/endpoints.yml`."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.engine = make_engine(host or default_url())
        metadata.create_all(self.engine)

    # Rasa assigns the domain of a freshly loaded model here.
    @property
    def domain(self) -> Domain:
        return self._domain

    @domain.setter
    def domain(self, domain: Domain | None) -> None:
        self._domain = domain or Domain.empty()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The current session; None for a new conversation."""
        with self.engine.connect() as connection:
            first = _session_start(connection, sender_id)
            rows = _rows(connection, sender_id, first)
        return self._tracker(sender_id, rows)

    async def retrieve_full_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        with self.engine.connect() as connection:
            return self._tracker(sender_id, _rows(connection, sender_id, 0))

    def _tracker(self, sender_id: str, rows: list[Any]) -> DialogueStateTracker | None:
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row.data) for row in rows], self.domain.slots)
        setattr(tracker, _POSITION, (len(rows), rows[-1].position + 1))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new; raises ConversationMoved when somebody else was faster."""
        await self.stream_events(tracker)
        known, position = getattr(tracker, _POSITION, None) or self._position_of(tracker.sender_id)
        fresh = list(tracker.events)[known:]
        if fresh:
            self._insert(tracker.sender_id, position, fresh)
        setattr(tracker, _POSITION, (known + len(fresh), position + len(fresh)))
        current_turn().saved(tracker, len(fresh))

    def _insert(self, sender_id: str, position: int, fresh: list[Event]) -> None:
        rows = [
            {
                "sender_id": sender_id,
                "position": position + n,
                "type_name": event.type_name,
                "data": json.dumps(event.as_dict()),
            }
            for n, event in enumerate(fresh)
        ]
        try:
            with self.engine.begin() as connection:
                connection.execute(events.insert(), rows)
        except sa.exc.IntegrityError as error:
            raise ConversationMoved(sender_id) from error

    def _position_of(self, sender_id: str) -> tuple[int, int]:
        """For a tracker that was not read from here: nothing of it is stored, it continues after the last event."""
        last = sa.select(sa.func.max(events.c.position)).where(events.c.sender_id == sender_id)
        with self.engine.connect() as connection:
            found = connection.execute(last).scalar()
        return 0, 0 if found is None else found + 1

    async def keys(self) -> Iterable[str]:
        with self.engine.connect() as connection:
            return [row.sender_id for row in connection.execute(sa.select(events.c.sender_id).distinct())]

    async def last_turn(self, sender_id: str) -> list[dict[str, Any]]:
        """The last user event and what followed it, as dictionaries; empty for a new conversation."""
        newest = sa.select(sa.func.max(events.c.position)).where(
            events.c.sender_id == sender_id, events.c.type_name == UserUttered.type_name
        )
        with self.engine.connect() as connection:
            first = connection.execute(newest).scalar()
            return [] if first is None else [json.loads(row.data) for row in _rows(connection, sender_id, first)]

    async def forget(self, sender_id: str) -> int:
        """Delete every event of a conversation; how many there were."""
        with self.engine.begin() as connection:
            return int(connection.execute(events.delete().where(events.c.sender_id == sender_id)).rowcount)

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(sa.select(events.c.position).limit(1)).first()


def _session_start(connection: Connection, sender_id: str) -> int:
    query = sa.select(sa.func.max(events.c.position)).where(
        events.c.sender_id == sender_id, events.c.type_name == SessionStarted.type_name
    )
    return connection.execute(query).scalar() or 0


def _rows(connection: Connection, sender_id: str, first: int) -> list[Any]:
    query = sa.select(events.c.position, events.c.data).where(
        events.c.sender_id == sender_id, events.c.position >= first
    )
    return list(connection.execute(query.order_by(events.c.position)))
