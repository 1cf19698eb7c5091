"""After a crisis the bot stays with the person: it asks for company and safety, and passes on what it is told."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.around import Around
from actions.cues import heard
from actions.desk import DeskError
from actions.intake_facts import named_in
from actions.turn import SURE_MATTER, Turn, turn_of
from actions.wording import buttons, say, wordings

# Acts in which the bot would else answer lightly, with the law, with a menu or by going silent.
CARED = {
    "action_small_talk",
    "action_fallback",
    "action_answer",
    "action_follow_up",
    "action_affirm",
    "action_handoff",
    "action_complaint",
}
QUESTIONS = {"bot_identity", "privacy"}
LAWFUL = {"action_answer", "action_follow_up", "action_fallback"}
SHORT = 15
SIGNS = ("unhurt", "means", "no_call", "alone", "company", "safe", "refuses")
RETOLD = {"elder_abuse", "mass_incident"}  # what may still become an ordinary application, told once only
NO_MORE_LAW = {"self_harm"}
BUTTONS = {"unhurt": "register"}


class Company(Around):
    """Around every action, while a crisis is recent and no form is open."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        if turn.crisis is None:
            return list(await self._inner.run(dispatcher, tracker, domain))
        if self.name() in CARED and stays(turn, tracker, self.name()):
            return await self._stay(turn, turn.crisis, tracker, dispatcher)
        kept = await self._retold(turn, tracker) if self.name() == "validate_intake_form" else []
        return [*kept, *await self._inner.run(dispatcher, tracker, domain)]

    async def _stay(
        self, turn: Turn, crisis: Mapping[str, Any], tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> list[EventType]:
        place = await self._place(turn)
        await self._pass_on(turn, crisis, place)
        key, sign = line(turn, crisis, place)
        dispatcher.utter_message(
            text=say(key, place=place), buttons=buttons(BUTTONS[sign]) if sign in BUTTONS else None
        )
        kept = await self._retold(turn, tracker)
        offer = "intake" if sign in BUTTONS else None
        return [
            *kept,
            SlotSet("misses", 0),
            SlotSet("crisis_seen", turn.crisis_at),
            SlotSet("pending_offer", offer),
            SlotSet("clarified", None),
        ]

    async def _place(self, turn: Turn) -> str:
        """Where they are, if the words name a place the desk knows; "" otherwise."""
        match = await self._desk.match_place(turn.said[:200])
        found = match.get("place")
        return str(found["label"]) if found and named_in(found, turn.said) else ""

    async def _pass_on(self, turn: Turn, crisis: Mapping[str, Any], place: str) -> None:
        """Onto the protective ticket, for whoever goes there; a ticket that takes no more words stops nothing."""
        if not crisis.get("ticket"):
            return
        where = say("care.note_place", place=place) if place else ""
        try:
            await self._desk.add(str(crisis["ticket"]), turn, say("care.note", said=turn.said[:800], where=where))
        except DeskError:
            return

    async def _retold(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """The first message of the crisis as the story of an application, where it may become one."""
        crisis = turn.crisis or {}
        if crisis.get("kind") not in RETOLD or tracker.get_slot("last_story") or tracker.get_slot("draft"):
            return []
        story = str(crisis["said"])
        triage = {**await self._desk.triage(story), "crisis": None}
        tracker.slots.update(last_story=story, last_triage=triage, last_entities=[])
        return [SlotSet(name, tracker.slots[name]) for name in ("last_story", "last_triage", "last_entities")]


def stays(turn: Turn, tracker: Tracker, action: str) -> bool:
    """Whether this is no question, no wish and no answer to something else, but the same talk going on."""
    if turn.payload or turn.desk_ticket or turn.intent in QUESTIONS:
        return False
    if action == "action_affirm" and tracker.get_slot("pending_offer"):
        return False
    if action in ("action_handoff", "action_complaint"):
        return not heard("human", turn.text)
    if action not in LAWFUL:
        return True
    if heard("what_now", turn.text) or (action == "action_follow_up" and not tracker.get_slot("last_story")):
        return True
    kind, asks = (turn.crisis or {}).get("kind"), bool(heard("asks_law", turn.text))
    if kind in NO_MORE_LAW and len(turn.text) <= SHORT:
        return not (asks and turn.tells_of_a_matter(from_=SURE_MATTER))
    if tracker.get_slot("clarified") or asks:
        return False
    return action == "action_fallback" or kind in NO_MORE_LAW or len(turn.text) <= SHORT


def line(turn: Turn, crisis: Mapping[str, Any], place: str) -> tuple[str, str]:
    """Key of the sentence and the sign it answers; what a kind has no sentence for is said as for all kinds."""
    lines = wordings()["care"]
    kind = "offender" if crisis.get("side") == "offender" else str(crisis.get("kind"))
    own: Mapping[str, Any] = lines.get(kind) or {}
    sign = next((one for one in SIGNS if one in own and heard(f"care_{one}", turn.text)), "place" if place else "stay")
    sign = sign if sign in own else "stay"
    return f"care.{kind if sign in own else 'any'}.{sign}", sign
