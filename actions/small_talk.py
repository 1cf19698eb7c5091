"""Acts that need one fixed reply."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import turn_of
from actions.wording import buttons, say

REPLIES = {
    "greet": ("greet", "start"),
    "goodbye": ("goodbye", None),
    "thanks": ("thanks", None),
    "help": ("help", "start"),
    "bot_identity": ("bot_identity", None),
    "abuse": ("abuse", "human"),
    "privacy": ("privacy", None),
    "chitchat": ("chitchat", None),
    "other_service": ("out_of_scope", None),
    "deny": ("deny_nothing", None),
    "cancel": ("cancel_nothing", None),
    "correct": ("correct_nothing", None),
    "inform": ("inform_nothing", None),
    "skip": ("skip_nothing", None),
}


class ActionSmallTalk(Action):
    """One action for all of them: the intent names the sentence."""

    def name(self) -> str:
        return "action_small_talk"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        key, offered = REPLIES.get(turn_of(tracker).intent, ("out_of_scope", None))
        dispatcher.utter_message(text=say(key), buttons=buttons(offered) if offered else None)
        return [SlotSet("misses", 0), SlotSet("pending_offer", None)]
