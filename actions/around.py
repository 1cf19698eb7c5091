"""What is the same for all actions is wrapped around them: it may answer itself, or let the inner action speak."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.desk import Desk


class Around(Action):
    """Carries the name of what it wraps, so that Rasa calls it in its place."""

    def __init__(self, inner: Action, desk: Desk) -> None:
        self._inner = inner
        self._desk = desk

    def name(self) -> str:
        return str(self._inner.name())

    @abstractmethod
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]: ...
