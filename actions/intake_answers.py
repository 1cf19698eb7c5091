"""The answers of the application, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard
from actions.desk import Desk
from actions.draft import Draft
from actions.intake_corrections import WORDS_OF_PLACE, correct, group_alone
from actions.intake_facts import (
    answer_details,
    categorised,
    fact_value,
    lacks_number,
    named_in,
    note_known,
    prefill,
)
from actions.intake_reading import Reading, answers_question, bare, fill, read, sorted_out
from actions.intake_steps import consents, read_contact, read_respondent
from actions.phones import phone_in
from actions.turn import Turn
from actions.wording import buttons, say

MIN_STORY = 5
LONG_ANSWER = 10
NO_STORY = {"inform", "affirm", "skip", "greet", "start_intake", "correct", "deny"}
OPEN = {"place", "respondent", "details"}
NO_ANSWER = {"affirm", "greet", "thanks"}
WORDS_OF_CONTACT = "联系（来访人原话）"
PHONE_LIKE = 5
SURE_KIND = 0.6
TELLING = {"inform", "dispute", "supplement", "correct", "affirm", "deny", "consultation", "nlu_fallback"}


Told = Reading | None
"""None of a button's text and of a skip: they say one thing only."""


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
        step, told = draft.step, None
        if not turn.payload and turn.intent != "skip" and turn.text not in self.offered(draft):
            told = await read(self._desk, draft, turn)
            if not self._fits(draft, turn, told):
                asked = self._elsewhere(draft, turn, told, dispatcher)
                if asked is not None:
                    return asked
        unread = bool(await getattr(self, f"_{step}")(draft, turn, told, dispatcher))
        if step in OPEN and not unread:
            await self.absorb(draft, turn, told)
        return unread

    def _fits(self, draft: Draft, turn: Turn, told: Reading) -> bool:
        """Whether the message answers what was asked; only what is left of it beside other answers can."""
        step = draft.step
        short = len(turn.text) < LONG_ANSWER
        if step == "place":
            person = told.person and turn.values("party_role")
            return told.place is not None or not (told.elsewhere or person or (told.known and short))
        if step == "kind":
            return not told.elsewhere
        if step == "respondent":
            others = told.known and short and not told.person
            return not (told.elsewhere or others or turn.intent in NO_ANSWER)
        if step == "details":
            fits = answers_question(draft.question or {}, told, turn, self.offered(draft))
            return fits and not self._names_somebody(draft, told)
        if step == "contact":
            return read_contact(turn, told.plain, again=bool(draft.misses)) is not None
        return True

    @staticmethod
    def _names_somebody(draft: Draft, told: Reading) -> bool:
        """邻居张家 answers no question with buttons, unless it asks who it is: the other party is meant."""
        question = draft.question or {}
        return bool(told.person and question.get("buttons") and "谁" not in question["text"])

    def _elsewhere(self, draft: Draft, turn: Turn, told: Reading, dispatcher: CollectingDispatcher) -> bool | None:
        """Words for another question are kept there and the open one is asked again; what fits nowhere, once more."""
        noted = fill(draft, told)
        named = draft.step == "place" or (draft.step == "details" and self._names_somebody(draft, told))
        if named and told.person and told.person != draft.respondent:
            draft.respondent = told.person
            noted.append(say("intake.told_respondent", who=told.person))
        if noted:
            dispatcher.utter_message(text=say("intake.noted", what="，".join(noted)))
            return False
        return self._again(draft, turn, told, dispatcher)

    def _again(self, draft: Draft, turn: Turn, told: Reading, dispatcher: CollectingDispatcher) -> bool | None:
        """Asked again once; the second time the words are kept as they were said. None: they are to be read as such."""
        if told.timed and not told.rest and draft.add(told.words):
            dispatcher.utter_message(text=say("intake.added"))
            return False
        if not draft.misses:
            key = "what_to_change" if heard("correction", turn.text) else f"{draft.step}_again"
            key = "number_again" if draft.step == "details" and lacks_number(draft.question or {}, turn) else key
            bad_phone = draft.step == "contact" and sum(one.isdigit() for one in told.words) > PHONE_LIKE
            key = "contact_phone_bad" if bad_phone else key
            dispatcher.utter_message(text=say(f"intake.{key}"), buttons=self._buttons(draft))
            return True
        if draft.step != "contact":
            return None
        draft.contact = {}
        draft.details[WORDS_OF_CONTACT] = told.words[:80]
        return False

    def _buttons(self, draft: Draft) -> list[dict[str, str]]:
        """The buttons of the open question, to be shown with it again."""
        rest = buttons("neither" if draft.step == "kind" else "skip")
        return [*({"title": one, "payload": one} for one in self.offered(draft)), *rest]

    async def absorb(self, draft: Draft, turn: Turn, told: Reading | None = None) -> None:
        """Everything else the same sentence says: place, telephone, sums, who the other party is, open questions.

        `told` is the reading of the message, when it was read before.
        """
        if turn.payload:
            return
        prefill(draft, turn.text, turn.entities)
        whom = heard("behalf", turn.text)
        draft.behalf = draft.behalf or (whom.group(1) if whom else "")
        phone = phone_in(turn.said)
        if phone and draft.contact is None:
            draft.contact = {**({"name": draft.name} if draft.name else {}), "phone": phone}
        if draft.place is None and told is None:
            await self._place_in(draft, turn.text)
        elif draft.place is None and told and told.place:
            draft.place = dict(told.place)
        if draft.questions and len(turn.text) >= LONG_ANSWER:
            note_known(draft, told.known if told else (await sorted_out(self._desk, draft, turn))["known"])

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
            prefill(draft, story, entities)
            await self._place_in(draft, story)

    async def _place_in(self, draft: Draft, text: str) -> None:
        match = await self._desk.match_place(text[:200])
        if match["place"] and named_in(match["place"], text):
            draft.place = match["place"]

    async def _story(self, draft: Draft, turn: Turn, _told: Told, dispatcher: CollectingDispatcher) -> bool:
        short = turn.intent in NO_STORY and len(turn.text) < 2 * MIN_STORY
        if turn.payload or short or len(turn.text) < MIN_STORY or bare(turn):
            dispatcher.utter_message(text=say("intake.story_again"))
            return True
        triage = await self._desk.triage(turn.text, turn.parse)
        await self.story(draft, turn.said, triage, turn.entities, dispatcher)
        return False

    async def _kind(self, draft: Draft, turn: Turn, _told: Told, _dispatcher: CollectingDispatcher) -> bool:
        """A button settles it; other words are added to the story and judged with it; it is never asked twice.

        Away from mediation leads only a choice: the button, or words that by themselves tell of such a matter.
        """
        options = draft.clarify["options"] if draft.clarify else ()
        draft.clarify = None
        chosen = next((one for one in options if one["title"] == turn.text), None)
        if chosen:
            draft.triage = categorised(await self._desk.triage(str(draft.story), forced(chosen, turn)))
            refer(draft)
            return False
        if not turn.payload and turn.intent not in ("skip", "deny") and len(turn.text) >= MIN_STORY:
            draft.add(turn.said)
            draft.triage = categorised(await self._desk.triage(str(draft.story)))
        if draft.triage.get("mediable") is False and not tells_itself(draft, turn):
            draft.triage = await self._mediable(draft, options, turn)
        refer(draft)
        return False

    async def _mediable(self, draft: Draft, options: Sequence[Mapping[str, Any]], turn: Turn) -> dict[str, Any]:
        """The likeliest reading that mediation can take; a person at the desk looks at it again."""
        for option in options:
            triage = categorised(await self._desk.triage(str(draft.story), forced(option, turn)))
            if triage.get("mediable") is not False:
                return triage
        return categorised({})

    async def _place(self, draft: Draft, turn: Turn, told: Told, dispatcher: CollectingDispatcher) -> bool:
        if turn.intent == "skip":
            match: Mapping[str, Any] = {"place": None, "candidates": []}
        else:
            match = told.match if told else await self._desk.match_place(turn.text[:200])
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
            draft.details[WORDS_OF_PLACE] = turn.said[:80]
        dispatcher.utter_message(text=say("intake.place_later"))
        return False

    async def _respondent(self, draft: Draft, turn: Turn, _told: Told, _dispatcher: CollectingDispatcher) -> None:
        draft.respondent = "" if turn.intent == "skip" else read_respondent(turn)

    async def _details(self, draft: Draft, turn: Turn, told: Told, dispatcher: CollectingDispatcher) -> bool:
        """The answer, by a button's text where it has buttons; yes or no, and numbers, may be asked for twice."""
        question = draft.question or {}
        if told is None:
            answer_details(draft, turn)
            return False
        meant = next((one for one in told.known if one["key"] == question["key"]), None)
        unclear = question.get("type") == "bool" and fact_value(question, turn) is None
        if meant and meant["answer"] in self.offered(draft):
            note_known(draft, [meant])
        elif (unclear or lacks_number(question, turn)) and not draft.misses:
            key = "intake.details_again" if unclear else "intake.number_again"
            dispatcher.utter_message(text=say(key), buttons=self._buttons(draft))
            return True
        else:
            answer_details(draft, turn)
        return False

    async def _contact(self, draft: Draft, turn: Turn, told: Told, _dispatcher: CollectingDispatcher) -> None:
        contact = read_contact(turn, told.plain if told else "", again=bool(draft.misses))
        name = {"name": draft.name} if draft.name else {}
        draft.contact = {**name, **(draft.contact or {}), **(contact or {})}

    async def _confirmation(self, draft: Draft, turn: Turn, told: Told, dispatcher: CollectingDispatcher) -> bool:
        """Submits on a bare yes only; what else is said goes into the application, which is then shown again."""
        if consents(turn):
            draft.outcome = "submitted"
        elif heard("whole", turn.text):
            draft.whole = True
        elif await correct(self._desk, draft, turn):
            dispatcher.utter_message(text=say("intake.changed"))
        elif await self._told_more(draft, turn, told):
            dispatcher.utter_message(text=say("intake.added_here"))
        else:
            self._ask_what(draft, turn, dispatcher)
            return True
        return False

    async def _told_more(self, draft: Draft, turn: Turn, told: Told) -> bool:
        """New words at the end: a name or a telephone where none is yet, anything else as part of the story."""
        tells = turn.intent in TELLING or heard("by_the_way", turn.text)
        if turn.payload or group_alone(draft, turn) or not tells:
            return False
        told = told or await read(self._desk, draft, turn)
        if told.person and told.person == draft.respondent:
            return False
        contact = read_contact(turn, told.plain) if heard("named", turn.text) or told.phone else None
        if contact:
            draft.contact = {**(draft.contact or {}), **contact}
            return True
        return bool(fill(draft, told)) or (len(told.rest) >= MIN_STORY - 1 and draft.add(told.words))

    @staticmethod
    def _ask_what(draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        group = group_alone(draft, turn)
        key = "intake.what_to_change" if turn.intent in ("correct", "deny") else "intake.confirm_again"
        text = say("intake.group_of_which", group=group) if group and not turn.payload else say(key)
        dispatcher.utter_message(text=text, buttons=buttons("confirm"))


def refer(draft: Draft) -> bool:
    """Ends the application when mediation cannot take it and there is no doubt about what it is."""
    triage = draft.triage
    settled = draft.clarify is None and triage.get("mediable") is False
    if settled and triage.get("referral"):
        draft.outcome = "referral"
    return draft.outcome == "referral"


def tells_itself(draft: Draft, turn: Turn) -> bool:
    """Whether these words alone, without the story, are of the kind that mediation cannot take."""
    sure = float(turn.triage.get("confidence") or 0.0) >= SURE_KIND
    return not turn.payload and sure and turn.triage.get("category") == draft.triage.get("category")


def forced(chosen: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """A reading in which the person has said what kind of matter it is."""
    triage = {"category": chosen["category"], "subcategory": chosen.get("subcategory"), "confidence": 1.0}
    return {**turn.parse, "intent": {"name": "dispute", "confidence": 1.0}, "triage": triage}
