"""To a human: when asked, after the third miss, or when somebody is not satisfied."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import ActionAnswer
from actions.cues import heard
from actions.desk import Desk
from actions.desk_lines import answered_desk
from actions.draft import Draft
from actions.turn import SURE_MATTER, Turn, turn_of
from actions.wording import buttons, say

UNSURE_MATTER = 0.15
SURE_WISH = 0.7
MOST_MISSES = 3
LEAST_LETTERS = 8


async def hand_over(
    desk: Desk, turn: Turn, dispatcher: CollectingDispatcher, *, reason: str, draft: Draft | None = None
) -> None:
    """Give the conversation to the operators; the bot is silent from the next message on.

    What was gathered for an application goes along, so that nobody has to say it twice.
    """
    known = known_of(draft) if draft else {}
    queue = await desk.handoff(channel=turn.channel, sender=turn.sender, reason=reason, known=known)
    said = say("handoff.done", ahead=queue["ahead"])
    dispatcher.utter_message(text=said if queue.get("open_now", True) else f"{said}\n{queue['text']}")


def known_of(draft: Draft) -> dict[str, str]:
    """By Chinese label, without what is missing."""
    place = (draft.place or {}).get("label")
    contact = " ".join(value for value in (draft.contact or {}).values() if value)
    answers = {draft.asked(key): value for key, value in draft.details.items()}
    lines = {"事情": draft.story, "地点": place, "对方": draft.respondent, **answers, "联系": contact}
    return {label[:40]: str(value) for label, value in lines.items() if value}


class ActionHandoff(Action):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answer = ActionAnswer(desk)

    def name(self) -> str:
        return "action_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, draft = turn_of(tracker), Draft.from_slot(tracker.get_slot("draft"))
        if draft.outcome == "cancelled":
            draft = Draft()  # taken back: it goes to nobody
        if not turn.payload and not heard("human", turn.text):
            if await answered_desk(self._desk, turn, dispatcher):
                return [SlotSet("misses", 0)]
            if turn.tells_of_a_matter(from_=SURE_MATTER):
                return await self._answer.run(dispatcher, tracker, domain)
            if turn.confidence < SURE_WISH:
                return await missed(self._desk, turn, tracker, dispatcher)
        await hand_over(self._desk, turn, dispatcher, reason=say("handoff.reason_asked"), draft=draft)
        return [SlotSet("misses", 0), SlotSet("pending_offer", None)]


class ActionComplaint(Action):
    """Dissatisfied with a mediator or a result: the right to change is said, a person takes over.

    What only sounds like it and is about a matter (征地补偿不满意) is answered.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answer = ActionAnswer(desk)

    def name(self) -> str:
        return "action_complaint"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        if turn.confidence < SURE_WISH and not heard("human", turn.text):
            if about_law(turn):
                return await self._answer.run(dispatcher, tracker, domain)
            return await missed(self._desk, turn, tracker, dispatcher)
        dispatcher.utter_message(text=say("status.complaint"))
        await hand_over(self._desk, turn, dispatcher, reason=turn.text[:80])
        return [SlotSet("misses", 0)]


def foreign(text: str) -> bool:
    """Mostly Latin letters: somebody who writes no Chinese."""
    letters = [sign for sign in text if sign.isalpha()]
    return len(letters) >= LEAST_LETTERS and sum(sign.isascii() for sign in letters) > len(letters) / 2


def about_law(turn: Turn) -> bool:
    """The act is unclear, but what it is about is not: then it is answered."""
    return turn.tells_of_a_matter(from_=UNSURE_MATTER)


async def missed(
    desk: Desk, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher, *, key: str = ""
) -> list[EventType]:
    """Nothing came of this message. `key`: what is said instead of the usual, before the third such in a row."""
    misses = int(tracker.get_slot("misses") or 0) + 1
    if misses >= MOST_MISSES:
        dispatcher.utter_message(text=say("fallback.human"))
        await hand_over(desk, turn, dispatcher, reason=say("handoff.reason_misses"))
        return [SlotSet("misses", 0)]
    usual = "fallback.first" if misses == 1 else "fallback.second"
    dispatcher.utter_message(text=say(key or usual), buttons=buttons("start"))
    return [SlotSet("misses", misses)]


class ActionFallback(Action):
    """First and second miss offer ways on, the third brings a human."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answer = ActionAnswer(desk)

    def name(self) -> str:
        return "action_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        if await answered_desk(self._desk, turn_of(tracker), dispatcher):
            return [SlotSet("misses", 0)]
        turn = turn_of(tracker)
        if about_law(turn):
            return await self._answer.run(dispatcher, tracker, domain)
        key = "fallback.foreign" if foreign(turn.text) else ""
        return await missed(self._desk, turn, tracker, dispatcher, key=key)
