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
from actions.handoff import missed
from actions.note import Note
from actions.phones import phone_in
from actions.turn import SURE_MATTER, Turn, turn_of
from actions.wording import buttons, say

MAY_TELL = {"greet", "chitchat", "other_service", "inform", "deny", "correct"}
TOLD_MATTER = 0.3
LONG_TOLD = 10
ADDS = {"inform", "correct"}
LONGEST_ADDED = 20
NOT_UNDERSTOOD = {"inform", "correct"}
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
        if turn.intent in ADDS and (added := told_more(turn, tracker)):
            way_on = "register" if tracker.get_slot("pending_offer") == "intake" else "start"
            dispatcher.utter_message(text=say("inform_more"), buttons=buttons(way_on))
            return added
        if turn.intent in MAY_TELL and turn.tells_of_a_matter(from_=sure_from(turn)):
            return await self._answer.run(dispatcher, tracker, domain)
        key, offered = REPLIES.get(turn.intent, ("out_of_scope", "human"))
        if turn.intent in NOT_UNDERSTOOD:
            kept = told_first(turn, tracker) if turn.intent == "inform" else []
            return [*kept, *await missed(self._desk, turn, tracker, dispatcher, key=key)]
        dispatcher.utter_message(text=say(key), buttons=buttons(offered) if offered else None)
        misses = [] if turn.intent == "deny" else [SlotSet("misses", 0)]
        return [*misses, SlotSet("pending_offer", None)]

    async def _leaves_phone(self, turn: Turn) -> bool:
        """把我电话补上 13800138001: goes to the ticket they have here."""
        said = turn.intent == "inform" and phone_in(turn.said) and heard("more_phone", turn.text)
        return bool(said and await self._desk.tickets_of(channel=turn.channel, sender=turn.sender))


def told_first(turn: Turn, tracker: Tracker) -> list[EventType]:
    """A place or a sum said before the matter waits for it (actions/question.py puts the two together)."""
    waiting = tracker.get_slot("clarified") or {}
    if turn.payload or waiting.get("options"):
        return []
    before = waiting.get("story")
    entities = [*((tracker.get_slot("last_entities") or []) if before else []), *map(dict, turn.entities)]
    story = f"{before}。{turn.said}" if before else turn.said
    return [SlotSet("clarified", {"story": story, "options": []}), SlotSet("last_entities", entities)]


def sure_from(turn: Turn) -> float:
    """A whole sentence with a place or a sum in it is hardly anything but a matter."""
    told = turn.intent == "inform" and len(turn.text) >= LONG_TOLD
    return TOLD_MATTER if told else SURE_MATTER


def told_more(turn: Turn, tracker: Tracker) -> list[EventType] | None:
    """A place or a sum said after the matter goes with it, so that it need not be said again when it is registered."""
    story, before = tracker.get_slot("last_story"), tracker.get_slot("last_triage") or {}
    another = turn.tells_of_a_matter(from_=SURE_MATTER) and turn.triage["category"] != before.get("category")
    if not story or another or turn.payload or len(turn.text) > LONGEST_ADDED:
        return None
    entities = [*(tracker.get_slot("last_entities") or []), *(dict(one) for one in turn.entities)]
    return [
        SlotSet("last_story", f"{story}。{turn.said}"),
        SlotSet("last_entities", entities),
        SlotSet("misses", 0),
    ]
