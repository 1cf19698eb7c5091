"""The private interfaces the patches stand on; a new version of Rasa must fail here first."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import jsonschema
import pytest
import rasa
from rasa.core.actions.action import ActionExecutionRejection, ActionSessionStart, RemoteAction
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor

from bot import patches
from bot.turns import TurnAborted, TurnFailed

patches.apply()


def test_the_version_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rasa.__version__ == patches.RASA_VERSION == "3.6.21"
    monkeypatch.setattr(rasa, "__version__", "3.6.20")
    with pytest.raises(RuntimeError, match=r"3\.6\.20"):
        patches.apply()


def test_applying_twice_changes_nothing() -> None:
    before = RemoteAction.run
    patches.apply()
    assert RemoteAction.run is before


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (RemoteAction._validate_action_result, ["self", "result"]),
        (RemoteAction._action_call_format, ["self", "tracker", "domain"]),
        (RemoteAction.run, ["self", "output_channel", "nlg", "tracker", "domain"]),
        (MessageProcessor._run_action, ["self", "action", "tracker", "output_channel", "nlg", "prediction"]),
        (MessageProcessor._has_session_expired, ["self", "tracker"]),
        (MessageProcessor.predict_next_with_tracker_if_should, ["self", "tracker"]),
        (MessageProcessor.handle_message, ["self", "message"]),
        (ActionSessionStart.run, ["self", "output_channel", "nlg", "tracker", "domain"]),
        (Agent._create_tracker_store, ["store", "domain"]),
    ],
)
def test_the_signatures_are_those_of_3_6_21(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters) == parameters


def test_replies_are_still_validated() -> None:
    action = RemoteAction("action_x", None)
    assert action._validate_action_result({"events": [{"event": "slot", "name": "a", "value": 1}], "responses": []})
    for bad in ({"events": "none"}, {"events": [{"event": "nonsense"}]}, {"responses": ["text"]}, []):
        with pytest.raises(jsonschema.ValidationError):
            action._validate_action_result(bad)


class _Action:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def name(self) -> str:
        return "action_x"

    async def run(self, *_: Any, **__: Any) -> list[Any]:
        raise self._error


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (ValueError("x"), TurnAborted),
        (asyncio.TimeoutError(), TurnAborted),
        (ActionExecutionRejection("action_x"), ActionExecutionRejection),
    ],
)
def test_any_failure_but_a_rejection_aborts(raised: BaseException, seen: type[BaseException]) -> None:
    with pytest.raises(seen):
        asyncio.run(patches._StrictAction(_Action(raised)).run())


def test_an_abort_becomes_an_ordinary_error_at_the_edge() -> None:
    async def handle(_: object) -> None:
        raise TurnAborted("action_x")

    assert not issubclass(TurnAborted, Exception)
    with pytest.raises(TurnFailed):
        asyncio.run(patches._fail_turn(handle)(None))
