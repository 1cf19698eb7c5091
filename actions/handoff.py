"""To a human: when asked, after the third miss, or when somebody is not satisfied."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.desk import Desk
from actions.desk_lines import answered_desk
from actions.turn import Turn, turn_of
from actions.wording import buttons, say

SURE_MATTER, MIN_MATTER = 0.5, 8


async def hand_over(desk: Desk, turn: Turn, dispatcher: CollectingDispatcher, *, reason: str) -> None:
    """Give the conversation to the operators; the bot is silent from the next message on."""
    queue = await desk.handoff(channel=turn.channel, sender=turn.sender, reason=reason)
    dispatcher.utter_message(text=say("handoff.done", ahead=queue["ahead"]))


class ActionHandoff(Action):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        await hand_over(self._desk, turn_of(tracker), dispatcher, reason=say("handoff.reason_asked"))
        return [SlotSet("misses", 0), SlotSet("pending_offer", None)]


class ActionComplaint(Action):
    """Dissatisfied with a mediator or a result: the right to change is said, a person takes over."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_complaint"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        dispatcher.utter_message(text=say("status.complaint"))
        await hand_over(self._desk, turn, dispatcher, reason=turn.text[:80])
        return [SlotSet("misses", 0)]


def about_law(turn: Turn) -> bool:
    """The act is unclear, but what it is about is not: then it is answered."""
    sure = float(turn.triage.get("confidence") or 0.0) >= SURE_MATTER
    return sure and turn.triage.get("category") not in (None, "out_of_scope") and len(turn.text) >= MIN_MATTER


class ActionFallback(Action):
    """First and second miss offer ways on, the third brings a human."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        if await answered_desk(self._desk, turn_of(tracker), dispatcher):
            return [SlotSet("misses", 0)]
        turn = turn_of(tracker)
        if about_law(turn):
            return [FollowupAction("action_answer")]
        misses = int(tracker.get_slot("misses") or 0) + 1
        if misses >= 3:
            dispatcher.utter_message(text=say("fallback.human"))
            await hand_over(self._desk, turn_of(tracker), dispatcher, reason=say("handoff.reason_misses"))
            return [SlotSet("misses", 0)]
        dispatcher.utter_message(
            text=say("fallback.first" if misses == 1 else "fallback.second"), buttons=buttons("start")
        )
        return [SlotSet("misses", misses)]
