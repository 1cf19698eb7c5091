"""Taking in a dispute: `intake_form` asks what is missing, shows it all, and submits only on 确认提交."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer_text
from actions.desk import Desk, DeskError
from actions.draft import MAX_QUESTIONS, Draft
from actions.handoff import hand_over
from actions.intake_steps import answer_details, categorised, correct, named_in, prefill, read_contact, stray_button
from actions.progress import due_line, tell_status
from actions.summary import summary
from actions.task import KIND_OF_ACT, Task
from actions.task_form import wished
from actions.tasks import TaskFlow
from actions.turn import Turn, crisis_unspoken, turn_of
from actions.wording import buttons, say

MIN_STORY = 5
MAX_PLACE_MISSES = 2
SURE_QUESTION = 0.5
SURE_EXIT = 0.5
EXITS = {"cancel", "handoff", "complaint"}
NO_STORY = {"inform", "affirm", "skip", "greet", "start_intake"}
SMALL_TALK = {"help", "bot_identity", "privacy", "thanks", "abuse"}


def abandoned(tracker: Tracker) -> bool:
    """True when a draft was left from a submission that failed, and the talk has moved on since."""
    return not tracker.get_slot("requested_slot") and tracker.get_slot("pending_offer") != "resubmit"


class ValidateIntakeForm(Action):
    """One call per message: takes the answer (or the digression, or the correction) and asks the next thing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tasks = TaskFlow(desk)

    def name(self) -> str:
        return "validate_intake_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn, asked = turn_of(tracker), False
        task: Task | None = None
        if not tracker.get_slot("draft") or abandoned(tracker):
            draft = await self._begin(tracker, dispatcher)
        else:
            draft = Draft.from_slot(tracker.get_slot("draft"))
            if crisis_unspoken(turn, tracker):
                draft.outcome = "crisis"
            else:
                task, asked = await self._with_task(draft, turn, tracker, dispatcher)
        if not draft.outcome and not asked:
            await self._load_questions(draft)
            await self._ask(draft, dispatcher)
        kept = SlotSet("task", task.stored if task else None)
        return [*draft.events(), kept, SlotSet("misses", 0), SlotSet("crisis_seen", turn.crisis_at)]

    async def _with_task(
        self, draft: Draft, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> tuple[Task | None, bool]:
        """A sum or a paper wanted in the middle is seen to first; the application then goes on where it was."""
        task = Task.from_slot(tracker.get_slot("task"))
        if task and turn.intent not in EXITS - {"cancel"}:
            await self._tasks.take(task, turn, dispatcher)
        elif turn.intent in KIND_OF_ACT and turn.confidence >= SURE_QUESTION:
            task = await self._task_begun(draft, turn, tracker, dispatcher)
        else:
            task = None
        if task is None:
            return None, await self._take(draft, turn, dispatcher)
        if not task.outcome:
            return task, True
        dispatcher.utter_message(text=say("intake.back"))
        return None, False

    async def _begin(self, tracker: Tracker, dispatcher: CollectingDispatcher) -> Draft:
        """Start from what was told just before, so that nothing is asked twice."""
        draft = Draft(place=await self._place_of_code(turn_of(tracker)))
        story = tracker.get_slot("last_story")
        if story:
            dispatcher.utter_message(text=say("intake.start_with_story"))
            triage = tracker.get_slot("last_triage") or {}
            await self._take_story(draft, str(story), triage, tracker.get_slot("last_entities") or [])
        return draft

    async def _place_of_code(self, turn: Turn) -> dict[str, Any] | None:
        """The place of the code somebody scanned at a village's wall; what they say themselves goes before it."""
        match = await self._desk.match_place(turn.place_hint) if turn.place_hint else {}
        place: dict[str, Any] | None = match.get("place")
        return place

    async def _task_begun(
        self, draft: Draft, turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Task | None:
        """A bare question (抚养费要给多少) is left to the answers where they have one; it needs no reckoning."""
        task, _ = await wished(self._desk, turn, tracker)
        plain = task and task.kind == "calculator" and not task.facts and not turn.payload and "算" not in turn.text
        if task is None or (plain and draft.step != "story" and await self._desk.has_answer(turn)):
            return None
        await self._tasks.begin(task, turn, dispatcher)
        return task

    async def _take_story(
        self, draft: Draft, story: str, triage: Mapping[str, Any], entities: list[Mapping[str, Any]]
    ) -> None:
        draft.story, draft.triage = story, categorised(triage)
        if triage.get("mediable") is False and triage.get("category") not in (None, "out_of_scope"):
            draft.outcome = "referral"
            return
        prefill(draft, entities)
        match = await self._desk.match_place(story[:200])
        if match["place"] and named_in(match["place"], story):
            draft.place = match["place"]

    async def _take(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """The message as an exit, a digression, a correction, or the answer to what was asked.

        True when the answer was of no use and has already been asked for again.
        """
        offered = (draft.question or {}).get("buttons") or () if draft.step == "details" else ()
        if turn.text in offered:
            answer_details(draft, turn)
        elif turn.intent in EXITS and turn.confidence >= SURE_EXIT:
            draft.outcome = "cancelled" if turn.intent == "cancel" else "handoff"
        elif await self._digressed(draft, turn, dispatcher):
            dispatcher.utter_message(text=say("intake.back"))
        elif turn.intent == "correct" and await correct(self._desk, draft, turn):
            dispatcher.utter_message(text=say("intake.changed"))
        elif not stray_button(draft, turn):
            return bool(await getattr(self, f"_answer_{draft.step}")(draft, turn, dispatcher))
        return False

    async def _digressed(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """A question in the middle is answered; the form then goes on where it was."""
        if turn.intent in SMALL_TALK:
            dispatcher.utter_message(text=say(turn.intent))
            return True
        if turn.intent == "ticket_status":
            await tell_status(self._desk, turn, dispatcher)
            return True
        question = (
            turn.intent in ("consultation", *KIND_OF_ACT) and turn.confidence >= SURE_QUESTION and draft.step != "story"
        )
        if not question:
            return False
        result = await self._desk.ask(turn.text, turn.parse)
        if not result["answer"]:
            return False
        dispatcher.utter_message(text=answer_text(result["answer"], result["citations"]))
        return True

    async def _answer_story(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        if turn.payload or turn.intent in NO_STORY or len(turn.text) < MIN_STORY:
            dispatcher.utter_message(text=say("intake.story_again"))
            return True
        triage = await self._desk.triage(turn.text, turn.parse)
        await self._take_story(draft, turn.said, triage, list(turn.entities))
        return False

    async def _answer_place(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        match = (
            await self._desk.match_place(turn.text[:200])
            if turn.intent != "skip"
            else {"place": None, "candidates": []}
        )
        if match["place"]:
            draft.place, draft.misses = match["place"], 0
            dispatcher.utter_message(text=say("intake.place_set", place=match["place"]["label"]))
        elif match["candidates"]:
            options = [{"title": place["label"], "payload": place["label"]} for place in match["candidates"][:4]]
            dispatcher.utter_message(text=say("intake.place_which"), buttons=[*options, *buttons("skip")])
            return True
        elif turn.intent == "skip" or draft.misses + 1 >= MAX_PLACE_MISSES:
            draft.place, draft.misses = {}, 0
            if turn.intent != "skip":
                draft.details["地点（来访人原话）"] = turn.said[:80]
            dispatcher.utter_message(text=say("intake.place_later"))
        else:
            draft.misses += 1
            dispatcher.utter_message(text=say("intake.place_unknown"), buttons=buttons("skip"))
            return True
        return False

    async def _answer_respondent(self, draft: Draft, turn: Turn, _dispatcher: CollectingDispatcher) -> None:
        draft.respondent = "" if turn.intent == "skip" else turn.said[:40]
        prefill(draft, turn.entities)

    async def _answer_details(self, draft: Draft, turn: Turn, _dispatcher: CollectingDispatcher) -> None:
        answer_details(draft, turn)

    async def _answer_contact(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        contact = read_contact(turn)
        if contact is None:
            dispatcher.utter_message(text=say("intake.contact_phone_bad"), buttons=buttons("skip"))
        draft.contact = contact
        return contact is None

    async def _answer_confirmation(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        if turn.intent == "affirm":
            draft.outcome = "submitted"
        elif turn.intent == "correct" or turn.intent == "deny":
            dispatcher.utter_message(text=say("intake.what_to_change"))
        elif await correct(self._desk, draft, turn):
            dispatcher.utter_message(text=say("intake.changed"))
        else:
            dispatcher.utter_message(text=say("intake.confirm_again"))

    async def _load_questions(self, draft: Draft) -> None:
        if draft.questions is None and draft.story is not None:
            category = draft.triage.get("category") or "other_civil"
            questions = await self._desk.questions(category, draft.triage.get("subcategory"))
            draft.questions = [q for q in questions if q["key"] not in draft.facts][:MAX_QUESTIONS]

    async def _ask(self, draft: Draft, dispatcher: CollectingDispatcher) -> None:
        """The question of the step that comes next."""
        step = draft.step
        if step == "story":
            dispatcher.utter_message(text=say("intake.start"))
        elif step == "details" and draft.question:
            options = [{"title": b, "payload": b} for b in draft.question.get("buttons") or ()]
            dispatcher.utter_message(text=draft.question["text"], buttons=[*options, *buttons("skip")])
        elif step == "confirmation":
            preview = await self._desk.preview(draft.routing_facts())
            dispatcher.utter_message(text=summary(draft, preview), buttons=buttons("confirm"))
        else:
            dispatcher.utter_message(text=say(f"intake.ask_{step}"), buttons=buttons("skip"))


class ActionFinishIntake(Action):
    """What the form ended with: submitted, cancelled, handed over, referred elsewhere, or broken off by a crisis."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_finish_intake"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        draft = Draft.from_slot(tracker.get_slot("draft"))
        if await getattr(self, f"_{draft.outcome}")(draft, turn, dispatcher):
            draft.outcome = None
            return [SlotSet("draft", draft.stored), SlotSet("pending_offer", "resubmit")]
        cleared = ["draft", "pending_offer", "last_story", "last_triage", "last_entities", "last_entry"]
        form = [name for name in tracker.slots if name.startswith("intake_")]
        return [SlotSet(name, None) for name in (*cleared, *form)]

    async def _submitted(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
        """True when the desk refused for now and the draft is kept for another try."""
        try:
            ticket = await self._desk.open_ticket(
                ticket_body(draft, turn), key=f"intake:{turn.channel}:{turn.sender}:{turn.message_id}"
            )
        except DeskError as error:
            final = error.code == "not_mediable"
            text = say("intake.referral", referral=error.detail) if final else say("intake.failed", detail=error.detail)
            dispatcher.utter_message(text=text, buttons=buttons("human" if final else "confirm"))
            return not final
        due = due_line(ticket, "accept", "first_contact")
        organisation = (ticket.get("organisation") or {}).get("name") or say("intake.who_fallback")
        key = "intake.protective" if "crisis" in ticket["flags"] else "intake.submitted"
        text = say(key, no=ticket["no"], organisation=organisation, due=due).replace("\n\n", "\n")
        dispatcher.utter_message(text=text, json_message={"ticket_no": ticket["no"]})
        return False

    async def _cancelled(self, _draft: Draft, _turn: Turn, dispatcher: CollectingDispatcher) -> None:
        dispatcher.utter_message(text=say("intake.cancelled"))

    async def _handoff(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        await hand_over(self._desk, turn, dispatcher, reason=say("handoff.reason_asked"), draft=draft)

    async def _referral(self, draft: Draft, _turn: Turn, dispatcher: CollectingDispatcher) -> None:
        referral = draft.triage.get("referral") or {}
        lines = "\n".join(str(line) for line in (referral.get("text"), referral.get("deadline")) if line)
        dispatcher.utter_message(text=say("intake.referral", referral=lines), buttons=buttons("human"))

    async def _crisis(self, _draft: Draft, _turn: Turn, dispatcher: CollectingDispatcher) -> None:
        dispatcher.utter_message(text=say("answer.after_crisis"), buttons=buttons("human"))


def ticket_body(draft: Draft, turn: Turn) -> dict[str, Any]:
    """The application as the desk takes it."""
    details = "".join(f"\n{draft.asked(key)}：{value}" for key, value in draft.details.items() if value)
    place = {level: (draft.place or {}).get(level) for level in ("town", "village", "group")}
    contact = draft.contact or {}
    return {
        "channel": turn.channel,
        "sender": turn.sender,
        "category": draft.triage.get("category") or "other_civil",
        "subcategory": draft.triage.get("subcategory"),
        "text": f"{draft.story}{details}",
        "place": place,
        "applicant": {"name": contact.get("name"), "phone": contact.get("phone")} if contact else None,
        "respondent": {"name": draft.respondent} if draft.respondent else None,
        "facts": {**draft.facts, **({"respondent_org": draft.respondent} if draft.respondent else {})},
    }
