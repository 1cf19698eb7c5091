"""The answers of the application, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard
from actions.desk import Desk
from actions.draft import Draft
from actions.intake_steps import (
    PHONE,
    answer_details,
    categorised,
    correct,
    lacks_number,
    named_in,
    note_known,
    prefill,
    read_contact,
    read_respondent,
)
from actions.turn import Turn
from actions.wording import buttons, say

MIN_STORY = 5
LONG_ANSWER = 10
NO_STORY = {"inform", "affirm", "skip", "greet", "start_intake"}
OPEN = {"place", "respondent", "details"}


class Answers:
    """Reads what was answered into the draft. `take` is True when it was of no use and was asked for again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @staticmethod
    def offered(draft: Draft) -> Sequence[str]:
        """The buttons of the question that is open; their texts are answers, whatever else they may mean."""
        if draft.step == "details":
            return (draft.question or {}).get("buttons") or ()
        return [option["title"] for option in draft.clarify["options"]] if draft.clarify else ()

    async def take(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        step = draft.step
        unread = bool(await getattr(self, f"_{step}")(draft, turn, dispatcher))
        if step in OPEN and not unread:
            await self.absorb(draft, turn)
        return unread

    async def absorb(self, draft: Draft, turn: Turn) -> None:
        """Everything else the same sentence says: place, telephone, sums, who the other party is, open questions."""
        if turn.payload:
            return
        prefill(draft, turn.entities)
        whom = heard("behalf", turn.text)
        draft.behalf = draft.behalf or (whom.group(1) if whom else "")
        phone = PHONE.search(turn.text)
        if phone and draft.contact is None:
            draft.contact = {"phone": phone.group()}
        if draft.place is None:
            await self._place_in(draft, turn.text)
        if draft.questions and len(turn.text) >= LONG_ANSWER:
            category = draft.triage.get("category") or "other_civil"
            found = await self._desk.questions(category, draft.triage.get("subcategory"), turn.text, turn.entities)
            note_known(draft, found["known"])

    async def story(
        self,
        draft: Draft,
        story: str,
        triage: Mapping[str, Any],
        entities: Sequence[Mapping[str, Any]],
        dispatcher: CollectingDispatcher,
    ) -> None:
        """Several matters in one message are taken one after the other; the others wait in `later`."""
        matters = [] if draft.later else await self._desk.matters(story)
        if len(matters) > 1:
            draft.later = matters[1:]
            story, triage = matters[0]["text"], matters[0]["triage"]
            entities = [one for one in entities if str(one.get("text") or "") in story]
            dispatcher.utter_message(text=say("matters.noted", first=story[:30], count=len(draft.later)))
        draft.story, draft.triage = story, categorised(triage)
        draft.clarify = triage.get("clarify")
        whom = heard("behalf", story)
        draft.behalf = draft.behalf or (whom.group(1) if whom else "")
        if not refer(draft):
            prefill(draft, entities)
            await self._place_in(draft, story)

    async def _place_in(self, draft: Draft, text: str) -> None:
        match = await self._desk.match_place(text[:200])
        if match["place"] and named_in(match["place"], text):
            draft.place = match["place"]

    async def _story(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        if turn.payload or (turn.intent in NO_STORY and len(turn.text) < 2 * MIN_STORY) or len(turn.text) < MIN_STORY:
            dispatcher.utter_message(text=say("intake.story_again"))
            return True
        triage = await self._desk.triage(turn.text, turn.parse)
        await self.story(draft, turn.said, triage, turn.entities, dispatcher)
        return False

    async def _kind(self, draft: Draft, turn: Turn, _dispatcher: CollectingDispatcher) -> bool:
        """A button settles it; other words are added to the story and judged with it; it is never asked twice."""
        options = draft.clarify["options"] if draft.clarify else ()
        draft.clarify = None
        chosen = next((one for one in options if one["title"] == turn.text), None)
        if chosen:
            draft.triage = categorised(await self._desk.triage(str(draft.story), forced(chosen, turn)))
        elif not turn.payload and turn.intent not in ("skip", "deny") and len(turn.text) >= MIN_STORY:
            draft.story = f"{draft.story}。{turn.said}"
            draft.triage = categorised(await self._desk.triage(draft.story))
        refer(draft)
        return False

    async def _place(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        nowhere: dict[str, Any] = {"place": None, "candidates": []}
        match = nowhere if turn.intent == "skip" else await self._desk.match_place(turn.text[:200])
        if match["place"]:
            draft.place = match["place"]
            dispatcher.utter_message(text=say("intake.place_set", place=match["place"]["label"]))
            return False
        if match["candidates"] and not draft.misses:
            options = [{"title": place["label"], "payload": place["label"]} for place in match["candidates"][:4]]
            dispatcher.utter_message(text=say("intake.place_which"), buttons=[*options, *buttons("skip")])
            return True
        if turn.intent != "skip" and not draft.misses:
            dispatcher.utter_message(text=say("intake.place_unknown"), buttons=buttons("skip"))
            return True
        draft.place = {}
        if turn.intent != "skip":
            draft.details["地点（来访人原话）"] = turn.said[:80]
        dispatcher.utter_message(text=say("intake.place_later"))
        return False

    async def _respondent(self, draft: Draft, turn: Turn, _dispatcher: CollectingDispatcher) -> None:
        draft.respondent = "" if turn.intent == "skip" else read_respondent(turn)

    async def _details(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """The answer; or that of another question, and then this one is asked again; numbers may be asked twice."""
        question = draft.question or {}
        if turn.payload or turn.intent == "skip" or turn.text in self.offered(draft):
            answer_details(draft, turn)
            return False
        category = draft.triage.get("category") or "other_civil"
        found = await self._desk.questions(category, draft.triage.get("subcategory"), turn.text, turn.entities)
        meant = next((one for one in found["known"] if one["key"] == question["key"]), None)
        others = [one for one in found["known"] if one["key"] not in (question["key"], *draft.details)]
        if meant and meant["answer"] in self.offered(draft):
            note_known(draft, [meant])
        elif others and not meant and question.get("buttons") and len(turn.text) < LONG_ANSWER:
            note_known(draft, others)
        elif lacks_number(question, turn) and not draft.misses:
            dispatcher.utter_message(text=say("intake.number_again"), buttons=buttons("skip"))
            return True
        else:
            answer_details(draft, turn)
        return False

    async def _contact(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        contact = read_contact(turn)
        if contact is None and not draft.misses:
            dispatcher.utter_message(text=say("intake.contact_phone_bad"), buttons=buttons("skip"))
            return True
        draft.contact = contact or {}
        return False

    async def _confirmation(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        submits = not turn.payload and heard("enough", turn.text) and "提交" in turn.text
        if (turn.intent == "affirm" and not turn.text.isdecimal()) or submits:
            draft.outcome = "submitted"
        elif turn.intent in ("correct", "deny") and not await correct(self._desk, draft, turn):
            dispatcher.utter_message(text=say("intake.what_to_change"), buttons=buttons("confirm"))
            return True
        elif turn.intent in ("correct", "deny") or await correct(self._desk, draft, turn):
            dispatcher.utter_message(text=say("intake.changed"))
        else:
            dispatcher.utter_message(text=say("intake.confirm_again"), buttons=buttons("confirm"))
            return True
        return False


def refer(draft: Draft) -> bool:
    """Ends the application when mediation cannot take it and there is no doubt about what it is."""
    triage = draft.triage
    settled = draft.clarify is None and triage.get("mediable") is False
    if settled and triage.get("referral"):
        draft.outcome = "referral"
    return draft.outcome == "referral"


def forced(chosen: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """A reading in which the person has said what kind of matter it is."""
    triage = {"category": chosen["category"], "subcategory": chosen.get("subcategory"), "confidence": 1.0}
    return {**turn.parse, "intent": {"name": "dispute", "confidence": 1.0}, "triage": triage}
