"""Two problems in one message: both are seen to, one after the other."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard, without
from actions.desk import Desk
from actions.turn import Turn, turn_of
from actions.wording import say

SHORT = 24
LONGEST_CHOICE = 12
ORDINALS = ("first_one", "second_one", "third_one")
NO_MARKS = set("的了我他她你是先那个这件事吧个要登记办再说就也和在有一不没，。！,!")


def matter_buttons(matters: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "title": say("matters.button", number=number, category=one["triage"].get("category_zh") or ""),
            "payload": f"/next_matter{json.dumps({'matter': number})}",
        }
        for number, one in enumerate(matters, 1)
    ]


def offer_next(later: list[dict[str, Any]], dispatcher: CollectingDispatcher) -> list[EventType]:
    """The matter told beside the one just seen to."""
    title = say("matters.next_button")
    payload = f"/next_matter{json.dumps({'matter': 1})}"
    dispatcher.utter_message(
        text=say("matters.next", story=later[0]["text"][:SHORT]), buttons=[{"title": title, "payload": payload}]
    )
    return [SlotSet("later", later), SlotSet("pending_offer", "matter")]


async def tell_both(desk: Desk, matters: list[dict[str, Any]], dispatcher: CollectingDispatcher) -> None:
    """What can be said to each in a sentence or two, and a button to register each."""
    parts = [say("matters.several", count=len(matters))]
    for number, one in enumerate(matters, 1):
        answer = (await desk.ask(one["text"]))["answer"]
        category = one["triage"].get("category_zh") or say("answer.some_matter")
        told = answer["text"] if answer else say("matters.no_answer")
        parts.append(say("matters.one", number=number, story=one["text"][:SHORT], category=category, told=told))
    parts.append(say("matters.which"))
    dispatcher.utter_message(text="\n".join(parts), buttons=matter_buttons(matters))


class ActionNextMatter(Action):
    """Takes up one of the matters that wait; the others keep waiting."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_next_matter"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        waiting: list[dict[str, Any]] = tracker.get_slot("later") or []
        if not waiting:
            dispatcher.utter_message(text=say("matters.none"))
            return [SlotSet("pending_offer", None)]
        number = turn_of(tracker).first("matter")
        chosen = int(number) - 1 if str(number).isdigit() and 0 < int(number) <= len(waiting) else 0
        return matter_taken(waiting, chosen)


def matter_taken(waiting: Sequence[Mapping[str, Any]], chosen: int) -> list[EventType]:
    """The registration of one of them begins; the others keep waiting."""
    matter, left = waiting[chosen], [one for number, one in enumerate(waiting) if number != chosen]
    return [
        SlotSet("later", left or None),
        SlotSet("last_story", matter["text"]),
        SlotSet("last_triage", matter["triage"]),
        SlotSet("last_entities", matter.get("entities") or []),
        SlotSet("draft", None),
        SlotSet("misses", 0),
        FollowupAction("intake_form"),
    ]


def chosen_matter(waiting: Sequence[Mapping[str, Any]], turn: Turn) -> int | None:
    """Which of several is meant by 先登记欠钱的 or 第二件; None when that is not clear or something else is said."""
    text = without("matter_opening", turn.text)
    if not waiting or not text or len(text) > LONGEST_CHOICE:
        return None
    for number, cue in enumerate(ORDINALS[: len(waiting)]):
        if heard(cue, text):
            return number
    words = set(text) - NO_MARKS
    alike = [len(words & set(f"{one['text']}{one['triage'].get('category_zh') or ''}")) for one in waiting]
    best = max(alike)
    return alike.index(best) if best and alike.count(best) == 1 else None
