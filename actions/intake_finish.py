"""What the application ended with, and the ticket it becomes."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.desk import Desk, DeskError
from actions.draft import Draft
from actions.draft_kept import KEPT
from actions.handoff import hand_over
from actions.matters import offer_next
from actions.turn import Turn, turn_of
from actions.wording import buttons, say

CLEARED = ("draft", "pending_offer", "last_story", "last_triage", "last_entities", "last_entry", "clarified")
GOES_ON = {"submitted", "cancelled", "referral"}


class ActionFinishIntake(Action):
    """Submitted, cancelled, handed over, given up after three misses, referred elsewhere, or broken off by a crisis.

    What was broken off stays as it was (actions/draft_kept.py), so that it can go on.
    """

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
        form = [name for name in tracker.slots if name.startswith("intake_")]
        later = [*draft.later, *(tracker.get_slot("later") or [])]
        next_one = bool(later) and draft.outcome in GOES_ON
        keeps = draft.outcome in KEPT and not next_one
        cleared = [SlotSet(name, None) for name in (*CLEARED, *form) if not (keeps and name == "draft")]
        if next_one:
            return [*cleared, *offer_next(later, dispatcher)]
        return cleared

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
        dispatcher.utter_message(text=receipt(ticket), json_message={"ticket_no": ticket["no"]})
        return False

    async def _cancelled(self, _draft: Draft, _turn: Turn, dispatcher: CollectingDispatcher) -> None:
        dispatcher.utter_message(text=say("intake.cancelled"))

    async def _handoff(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        await hand_over(self._desk, turn, dispatcher, reason=say("handoff.reason_asked"), draft=draft)

    async def _lost(self, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        dispatcher.utter_message(text=say("fallback.human"))
        await hand_over(self._desk, turn, dispatcher, reason=say("handoff.reason_misses"), draft=draft)

    async def _referral(self, draft: Draft, _turn: Turn, dispatcher: CollectingDispatcher) -> None:
        referral = draft.triage.get("referral") or {}
        lines = "\n".join(str(line) for line in (referral.get("text"), referral.get("deadline")) if line)
        dispatcher.utter_message(text=say("intake.referral", referral=lines), buttons=buttons("human"))

    async def _crisis(self, _draft: Draft, _turn: Turn, dispatcher: CollectingDispatcher) -> None:
        dispatcher.utter_message(text=say("answer.after_crisis"), buttons=buttons("human"))


def due_line(ticket: Mapping[str, Any], *keys: str) -> str:
    """What is promised by when, for the given clocks; empty when none of them runs."""
    texts = [ticket["due"][key]["text"] for key in keys if key in ticket["due"]]
    return f"{'，'.join(texts)}。" if texts else ""


def receipt(ticket: Mapping[str, Any]) -> str:
    """Number, who sees to it, by when, and how to go on from another telephone."""
    due = due_line(ticket, "accept", "first_contact")
    organisation = (ticket.get("organisation") or {}).get("name") or say("intake.who_fallback")
    code = say("intake.check_code", code=ticket["check_code"]) if ticket.get("check_code") else ""
    batch = say("intake.batch_submitted") if "batch" in ticket["flags"] else ""
    key = "intake.protective" if "crisis" in ticket["flags"] else "intake.submitted"
    text = say(key, no=ticket["no"], organisation=organisation, due=due, code=code, batch=batch)
    return "\n".join(line for line in text.split("\n") if line.strip())


def ticket_body(draft: Draft, turn: Turn) -> dict[str, Any]:
    """The application as the desk takes it."""
    details = "".join(f"\n{draft.asked(key)}：{value}" for key, value in draft.details.items() if value)
    behalf = f"\n{say('intake.behalf_note', whom=draft.behalf)}" if draft.behalf else ""
    place = {level: (draft.place or {}).get(level) for level in ("town", "village", "group")}
    contact = draft.contact or {}
    return {
        "channel": turn.channel,
        "sender": turn.sender,
        "category": draft.triage.get("category") or "other_civil",
        "subcategory": draft.triage.get("subcategory"),
        "text": f"{draft.story}{behalf}{details}"[:4000],
        "place": place,
        "applicant": {"name": contact.get("name"), "phone": contact.get("phone")} if contact else None,
        "respondent": {"name": draft.respondent} if draft.respondent else None,
        "facts": {**draft.facts, **({"respondent_org": draft.respondent} if draft.respondent else {})},
    }
