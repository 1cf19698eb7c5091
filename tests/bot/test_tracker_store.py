from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.patches import SESSION_TURNS, carried_over, recent_events
from bot.storage.tracker_store import ConversationMoved, SessionTrackerStore
from tests.bot.conftest import DATA


@pytest.fixture
def store(tmp_path: Path) -> SessionTrackerStore:
    return SessionTrackerStore(
        Domain.load(str(DATA / "domain.yml")), host=f"sqlite:///{tmp_path / 'deep' / 'tracker.sqlite'}"
    )


def start(tracker: DialogueStateTracker) -> None:
    for event in (SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)


async def taken_up(store: SessionTrackerStore, sender: str) -> DialogueStateTracker:
    return await store.get_or_create_tracker(sender, append_action_listen=False)


def test_only_the_current_session_is_loaded(store: SessionTrackerStore) -> None:
    async def scenario() -> None:
        for number in range(3):
            tracker = await taken_up(store, "a")
            start(tracker)
            tracker.update(UserUttered(f"第{number}次"))
            await store.save(tracker)
        loaded, whole = await store.retrieve("a"), await store.retrieve_full_tracker("a")
        assert loaded is not None
        assert whole is not None
        assert [e.text for e in loaded.events if isinstance(e, UserUttered)] == ["第2次"]
        assert len(whole.events) == 9

    asyncio.run(scenario())


def test_nothing_is_stored_twice(store: SessionTrackerStore) -> None:
    async def scenario() -> None:
        tracker = await taken_up(store, "a")
        start(tracker)
        await store.save(tracker)
        await store.save(tracker)
        assert await store.forget("a") == 2

    asyncio.run(scenario())


def test_of_two_processes_only_the_first_stores(store: SessionTrackerStore) -> None:
    async def scenario() -> None:
        first = await taken_up(store, "a")
        start(first)
        await store.save(first)
        one, other = await store.retrieve("a"), await store.retrieve("a")
        assert one is not None
        assert other is not None
        one.update(UserUttered("先"))
        other.update(UserUttered("后"))
        await store.save(one)
        with pytest.raises(ConversationMoved):
            await store.save(other)

    asyncio.run(scenario())


def test_a_broken_database_is_told(store: SessionTrackerStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("drop table bot_events"))
    for call in (store.retrieve("a"), store.ping(), taken_up(store, "a")):
        with pytest.raises(sa.exc.OperationalError):
            asyncio.run(call)


def test_rasa_does_not_wrap_the_store(store: SessionTrackerStore) -> None:
    assert Agent(tracker_store=store).tracker_store is store


def test_sqlite_writes_ahead(store: SessionTrackerStore) -> None:
    with store.engine.connect() as connection:
        assert connection.execute(sa.text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("pragma synchronous")).scalar() == 1


def test_a_new_session_carries_each_slot_once_and_the_form() -> None:
    slots = [
        TextSlot("what", [{}]),
        TextSlot("where", [{}]),
        TextSlot("requested_slot", [{}]),
        AnySlot("session_started_metadata", [{}]),
    ]
    tracker = DialogueStateTracker.from_events("a", [ActiveLoop("intake_form")], slots)
    for value in ("一", "二", "三"):
        tracker.update(SlotSet("what", value))
    tracker.update(SlotSet("requested_slot", "where"))
    tracker.update(SlotSet("session_started_metadata", {"x": 1}))
    assert carried_over(tracker) == [
        ActiveLoop("intake_form"),
        SlotSet("what", "三"),
        SlotSet("requested_slot", "where"),
    ]


def test_an_action_gets_the_last_three_turns() -> None:
    events = [event for n in range(SESSION_TURNS) for event in (UserUttered(str(n)), ActionExecuted("action_listen"))]
    sent = recent_events(DialogueStateTracker.from_events("a", events, []))
    assert [event.text for event in sent if isinstance(event, UserUttered)] == ["9", "10", "11"]
