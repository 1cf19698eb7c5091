"""Acts that need one fixed reply."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import ActionAnswer
from actions.cues import heard
from actions.desk import Desk
from actions.desk_lines import answered_desk
from actions.note import Note
from actions.phones import phone_in
from actions.turn import Turn, turn_of
from actions.wording import buttons, say

MAY_TELL = {"greet", "chitchat", "other_service"}
SURE_MATTER = 0.4
FOR_THE_DESK = {"inform", "deny", "correct", "chitchat"}
REPLIES = {
    "greet": ("greet", "start"),
    "goodbye": ("goodbye", None),
    "thanks": ("thanks", None),
    "help": ("help", "start"),
    "bot_identity": ("bot_identity", None),
    "abuse": ("abuse", "human"),
    "privacy": ("privacy", None),
    "chitchat": ("chitchat", "start"),
    "other_service": ("out_of_scope", "human"),
    "deny": ("deny_nothing", "start"),
    "cancel": ("cancel_nothing", "start"),
    "correct": ("correct_nothing", None),
    "inform": ("inform_nothing", "start"),
    "skip": ("skip_nothing", "start"),
}


class ActionSmallTalk(Action):
    """One action for all of them: the intent names the sentence."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answer = ActionAnswer(desk)

    def name(self) -> str:
        return "action_small_talk"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        if turn.intent in FOR_THE_DESK and await answered_desk(self._desk, turn, dispatcher):
            return [SlotSet("misses", 0)]
        if await self._leaves_phone(turn):
            return [SlotSet("note", Note("supplement").stored), SlotSet("misses", 0), FollowupAction("note_form")]
        if turn.intent in MAY_TELL and turn.tells_of_a_matter(from_=SURE_MATTER):
            return await self._answer.run(dispatcher, tracker, domain)
        key, offered = REPLIES.get(turn.intent, ("out_of_scope", "human"))
        dispatcher.utter_message(text=say(key), buttons=buttons(offered) if offered else None)
        return [SlotSet("misses", 0), SlotSet("pending_offer", None)]

    async def _leaves_phone(self, turn: Turn) -> bool:
        """把我电话补上 13800138001: goes to the ticket they have here."""
        said = turn.intent == "inform" and phone_in(turn.said) and heard("more_phone", turn.text)
        return bool(said and await self._desk.tickets_of(channel=turn.channel, sender=turn.sender))
