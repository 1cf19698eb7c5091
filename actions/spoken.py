"""What every action is wrapped in: the turn's wording, and a way on instead of the same sentence a third time."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import turn_of
from actions.voice import Memory, speaking
from actions.wording import buttons, say

SUMMARY = "确认提交"


class Spoken(Action):
    def __init__(self, inner: Action) -> None:
        self._inner = inner

    def name(self) -> str:
        return str(self._inner.name())

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        memory = Memory.at(tracker.get_slot("spoken"), turn_of(tracker).message_id)
        with speaking(tracker.sender_id, memory.turn):
            events = await self._inner.run(dispatcher, tracker, domain)
            for message in dispatcher.messages:
                if message.get("text") and memory.third_time(message["text"]):
                    say_otherwise(message)
        return [*events, SlotSet("spoken", memory.stored)]


def say_otherwise(message: dict[str, Any]) -> None:
    """The same again, owned up to, with a person offered; a question or a summary is only led to differently."""
    text = message["text"]
    if text.endswith(("？", "?")):
        message["text"] = f"{say('again_question')}{text}"
        return
    message["text"] = f"{say('again_summary' if SUMMARY in text else 'again')}\n{text}"
    offered = message.get("buttons") or []
    known = {button["payload"] for button in offered}
    message["buttons"] = [*offered, *(button for button in buttons("human") if button["payload"] not in known)]
