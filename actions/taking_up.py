"""What was left open is taken up by the words that mean it, whatever else the sentence was taken for."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.around import Around
from actions.cues import heard
from actions.desk import Desk
from actions.draft_kept import taken_up
from actions.matters import chosen_matter, matter_taken
from actions.other_side import spoken_for
from actions.turn import Turn, turn_of
from actions.wording import buttons, say

Way = Callable[[Desk, Turn, Tracker, CollectingDispatcher], Awaitable[list[EventType] | None]]


class TakingUp(Around):
    """Around the actions that begin a turn: a broken-off application, a matter that waits, the other party's word.

    While a form is running it is the form that listens.
    """

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        for way in WAYS if not tracker.get_slot("requested_slot") else ():
            events = await way(self._desk, turn, tracker, dispatcher)
            if events is not None:
                return events
        return list(await self._inner.run(dispatcher, tracker, domain))


async def draft(_desk: Desk, turn: Turn, tracker: Tracker, _dispatcher: CollectingDispatcher) -> list[EventType] | None:
    return [SlotSet("misses", 0), FollowupAction("intake_form")] if taken_up(tracker, turn) else None


async def matter(
    _desk: Desk, turn: Turn, tracker: Tracker, _dispatcher: CollectingDispatcher
) -> list[EventType] | None:
    waiting: list[dict[str, Any]] = tracker.get_slot("later") or []
    if turn.payload or tracker.get_slot("pending_offer") != "matter":
        return None
    chosen = chosen_matter(waiting, turn)
    return None if chosen is None else matter_taken(waiting, chosen)


async def talk(_desk: Desk, turn: Turn, _tracker: Tracker, dispatcher: CollectingDispatcher) -> list[EventType] | None:
    """问机器人 said to the operators, with nothing left open."""
    if not turn.back or turn.payload:
        return None
    dispatcher.utter_message(text=say("back_again"), buttons=buttons("start"))
    return [SlotSet("misses", 0)]


async def unnamed(
    _desk: Desk, turn: Turn, _tracker: Tracker, _dispatcher: CollectingDispatcher
) -> list[EventType] | None:
    """就匿名登记: a registration, by whatever intent it was heard."""
    wanted = not turn.payload and heard("register_unnamed", turn.text)
    return [SlotSet("misses", 0), FollowupAction("intake_form")] if wanted else None


async def forging(
    _desk: Desk, turn: Turn, _tracker: Tracker, dispatcher: CollectingDispatcher
) -> list[EventType] | None:
    """Whether false evidence may be made: the answer is no, with what it leads to."""
    if turn.payload or not heard("forging", turn.text):
        return None
    dispatcher.utter_message(text=say("forging"), buttons=buttons("start"))
    return [SlotSet("misses", 0)]


WAYS: tuple[Way, ...] = (draft, talk, matter, unnamed, forging, spoken_for)
