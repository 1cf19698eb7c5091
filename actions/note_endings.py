"""What a note does at the desk once everything is said, and what the person is told."""

from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard
from actions.desk import Desk
from actions.intake_steps import own_name
from actions.note import Note
from actions.phones import phone_in
from actions.progress import status_line
from actions.turn import Turn
from actions.wording import buttons, say

PICTURES = ("照片", "录音", "录像", "视频", "图")


class Endings:
    """One method per kind; a note returned is one that follows in the same conversation. Raises DeskError."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def end(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> Note | None:
        following: Note | None = await getattr(self, f"_{note.kind}")(note, turn, dispatcher)
        return following

    async def _supplement(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        text = note.values["text"]
        phone = phone_in(text)
        if phone and not heard("their_phone", text):
            contact = {"phone": phone, **own_name(text)}
            await self._desk.leave_contact(note.no, turn, contact=contact, text=text)
        else:
            await self._desk.add(note.no, turn, text)
        dispatcher.utter_message(text=say("note.supplement.done", no=note.no))
        if any(word in text for word in PICTURES):
            dispatcher.utter_message(text=say("note.supplement.pictures", no=note.no))

    async def _change_mediator(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        found = await self._desk.another_mediator(note.no, turn, reason=note.values["reason"])
        ticket = found["ticket"]
        who = (ticket.get("mediator") or {}).get("name") or (ticket.get("organisation") or {}).get("name")
        key = "note.change_mediator.done" if found["changed"] else "note.change_mediator.up"
        dispatcher.utter_message(text=say(key, no=note.no, who=who or say("intake.who_fallback")))

    async def _disagree(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        ticket = await self._desk.ticket(note.no, channel=turn.channel, sender=turn.sender)
        move = next((one for one in ("escalate", "reopen") if one in ticket["moves"]), None)
        if move is None:
            dispatcher.utter_message(text=say("note.disagree.top", no=note.no), buttons=buttons("human"))
            return
        moved = await self._desk.move(note.no, move, turn, note=note.values["reason"])
        organisation = (moved.get("organisation") or {}).get("name") or say("intake.who_fallback")
        dispatcher.utter_message(text=say(f"note.disagree.{move}", no=note.no, organisation=organisation))

    async def _rate(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        score = note.values["score"]
        await self._desk.rate(note.no, turn, score=score, comment=note.values["comment"])
        unhappy = score == "dissatisfied"
        key = "note.rate.sorry" if unhappy else "note.rate.done"
        dispatcher.utter_message(text=say(key), buttons=buttons("unhappy") if unhappy else None)

    async def _claim(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> Note | None:
        found = await self._desk.claim(note.no, turn, code=note.values["code"])
        if found["side"] == "respondent":
            dispatcher.utter_message(text=say("note.statement.welcome", no=note.no, category=found["category_zh"]))
            return Note("statement", {"ticket": note.no})
        ticket = await self._desk.ticket(note.no, channel=turn.channel, sender=turn.sender)
        dispatcher.utter_message(text=say("note.claim.done", status=await status_line(self._desk, ticket, turn)))
        return None

    async def _statement(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        text, sure = note.values["statement"], note.values["sure"] == "yes"
        refuses = bool(heard("unwilling", text)) and sure
        await self._desk.statement(note.no, turn, text=text, refuses=refuses)
        key = "note.statement.refused" if refuses else "note.statement.done"
        dispatcher.utter_message(text=say(key, no=note.no))
