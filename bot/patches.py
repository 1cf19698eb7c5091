"""Where Rasa 3.6.21 is changed, and why. Private interfaces: pinned to that version, refused on any other.

Called when `bot.storage.tracker_store`, `bot.channels.desk` or `bot.__main__` is imported, so it is in force under
`python -m bot`, under a plain `rasa run` with our endpoints, and under the tests.

1. An action's reply is checked for what Rasa reads of it (Rasa re-checks a constant JSON schema on each call), the
   connection to the action server is kept, and an event's class is looked up once.
2. An action that fails makes the whole turn fail; Rasa logs it, drops the form and carries on.
3. A failing tracker store is not covered up by an empty in-memory one.
4. A session is bounded: a long one is continued in a new session that starts from the current slots and form.
5. An action is sent the last few turns, not the whole session.
6. A turn that does not come to rest is a failed turn; Rasa stores it and never answers that conversation again. The
   fallback action ends the turn even when no rule says so.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import jsonschema
import rasa
from rasa.core.actions import action as rasa_actions
from rasa.core.agent import Agent
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils import endpoints

from bot.turns import TurnAborted, TurnFailed

RASA_VERSION = "3.6.21"
SESSION_TURNS = 12
TURNS_SENT = 3
FALLBACK_ACTION = "action_fallback"
ACTION_TIMEOUT_SECONDS = float(os.environ.get("FENGQIAO_ACTION_TIMEOUT", "20"))
_applied = False


def apply() -> None:
    """Put all changes in place, once; raises RuntimeError on another version of Rasa."""
    global _applied
    if rasa.__version__ != RASA_VERSION:
        raise RuntimeError(f"bot.patches knows Rasa {RASA_VERSION}, found {rasa.__version__}")
    if _applied:
        return
    _applied = True
    remote, processor = rasa_actions.RemoteAction, MessageProcessor
    remote._validate_action_result = _validate_action_result
    remote._action_call_format = _action_call_format
    remote.run = _abort_on_failure(remote.run)
    processor._run_action = _run_strictly(processor._run_action)
    processor.predict_next_with_tracker_if_should = _come_to_rest(processor.predict_next_with_tracker_if_should)
    processor._has_session_expired = _bounded(processor._has_session_expired)
    for name in ("handle_message", "execute_action", "trigger_external_user_uttered"):
        setattr(processor, name, _fail_turn(getattr(processor, name)))
    rasa_actions.ActionSessionStart.run = _start_session
    rasa_actions.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT_SECONDS
    Event.resolve_by_type = staticmethod(_event_class)
    endpoints.EndpointConfig.session = _kept_session
    Agent._create_tracker_store = staticmethod(_unwrapped_store)


def _validate_action_result(self: Any, result: Any) -> bool:
    """What Rasa reads of a reply: a list of events it knows by name, a list of responses."""
    parts = [result.get(key, []) for key in ("events", "responses")] if isinstance(result, dict) else [None]
    sound = all(isinstance(part, list) and all(isinstance(one, dict) for one in part) for part in parts)
    if not sound or not all(_known(event) for event in parts[0]):
        raise jsonschema.ValidationError(f"reply of action {self.name()} is malformed")
    return True


def _known(event: dict[str, Any]) -> bool:
    try:
        return _event_class(str(event.get("event"))) is not None
    except ValueError:
        return False


@functools.lru_cache(maxsize=64)
def _event_class(type_name: str, default: Any = None) -> Any:
    return _resolve(type_name, default)


_resolve = Event.resolve_by_type
_sessions: dict[int, Any] = {}


class _Kept:
    """A session that outlives its `async with`: one connection to the action server instead of one per call."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def __aenter__(self) -> Any:
        return self._session

    async def __aexit__(self, *_: Any) -> None:
        pass


_new_session = endpoints.EndpointConfig.session


def _kept_session(self: Any) -> Any:
    if id(self) not in _sessions:
        _sessions[id(self)] = _new_session(self)
    return _Kept(_sessions[id(self)])


def _abort_on_failure(run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Everything but a deliberate rejection (HTTP 400) aborts the turn."""

    @functools.wraps(run)
    async def strict(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await run(self, *args, **kwargs)
        except rasa_actions.ActionExecutionRejection:
            raise
        except Exception as error:
            raise TurnAborted(f"action {self.name()}: {type(error).__name__}: {error}") from error

    return strict


class _StrictAction:
    """An action of Rasa's own held to the same rule as a remote one."""

    def __init__(self, action: Any) -> None:
        self._action = action

    def __getattr__(self, name: str) -> Any:
        return getattr(self._action, name)

    async def _run(self, *args: Any, **kwargs: Any) -> Any:
        return await self._action.run(*args, **kwargs)

    run = _abort_on_failure(_run)


def _run_strictly(run_action: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    @functools.wraps(run_action)
    async def strict(self: Any, action: Any, *args: Any, **kwargs: Any) -> bool:
        return await run_action(self, _StrictAction(action), *args, **kwargs)

    return strict


def _come_to_rest(predict: Callable[..., tuple[Any, PolicyPrediction]]) -> Callable[..., tuple[Any, PolicyPrediction]]:
    @functools.wraps(predict)
    def resting(self: Any, tracker: DialogueStateTracker) -> tuple[Any, PolicyPrediction]:
        try:
            action, prediction = predict(self, tracker)
        except ActionLimitReached as error:
            raise TurnAborted("the rules do not come to rest") from error
        if action.name() == tracker.latest_action_name == FALLBACK_ACTION:
            return self._get_action(ACTION_LISTEN_NAME), PolicyPrediction.for_action_name(
                self.domain, ACTION_LISTEN_NAME
            )
        return action, prediction

    return resting


def _fail_turn(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Below here Rasa's own `except Exception` may act again: nothing has been stored."""

    @functools.wraps(handle)
    async def failing(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await handle(self, *args, **kwargs)
        except TurnAborted as aborted:
            raise TurnFailed(str(aborted)) from aborted

    return failing


def _unwrapped_store(store: Any, domain: Any) -> Any:
    if store is None:
        return InMemoryTrackerStore(domain)
    store.domain = domain
    return store


def _is_full(tracker: DialogueStateTracker) -> bool:
    return sum(isinstance(event, UserUttered) for event in tracker.events) >= SESSION_TURNS


def _bounded(has_expired: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    @functools.wraps(has_expired)
    def bounded(self: Any, tracker: DialogueStateTracker) -> bool:
        return _is_full(tracker) or has_expired(self, tracker)

    return bounded


async def _start_session(
    self: Any, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Any
) -> list[Event]:
    """Carry each slot's value once (Rasa copies every SlotSet there ever was), and the form with its question."""
    carried: list[Event] = []
    if _is_full(tracker) or domain.session_config.carry_over_slots:
        carried = carried_over(tracker)
    return [SessionStarted(), *carried, ActionExecuted(ACTION_LISTEN_NAME)]


def carried_over(tracker: DialogueStateTracker) -> list[Event]:
    """What a new session must begin with to stand where the tracker stands."""
    loop = tracker.active_loop_name
    held_back = {SESSION_START_METADATA_SLOT} | (set() if loop else {REQUESTED_SLOT})
    slots: list[Event] = [
        SlotSet(name, slot.value)
        for name, slot in tracker.slots.items()
        if slot.value != slot.initial_value and name not in held_back
    ]
    return [ActiveLoop(loop), *slots] if loop else slots


def _action_call_format(self: Any, tracker: DialogueStateTracker, domain: Any) -> dict[str, Any]:
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [event.as_dict() for event in recent_events(tracker)]
    call = {"next_action": self._name, "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}
    if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(self.name()):
        call["domain"] = domain.as_dict()
    return call


def recent_events(tracker: DialogueStateTracker) -> list[Event]:
    """The events since the third last user message."""
    every = list(tracker.events)
    users = [index for index, event in enumerate(every) if isinstance(event, UserUttered)]
    return every[users[-TURNS_SENT] :] if len(users) >= TURNS_SENT else every
