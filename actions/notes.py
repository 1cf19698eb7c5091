"""Adding to a ticket, another mediator, the next tier, a rating, opening a ticket by its code, the other party's word.

Each kind has a few fields (actions/note.py); what the first message already says is not asked.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard, removed, without
from actions.desk import Desk, DeskError
from actions.hearing import commands, confirms, misheard, question, unsure
from actions.note import Note
from actions.note_endings import Endings
from actions.turn import Turn
from actions.wording import buttons, say, wordings

CODE = re.compile(r"(?<![\d-])\d{6}(?!\d)")
NUMBER = re.compile(r"20\d{6}-?\d{4}")
MIN_TEXT = 3
LEAST_WORDS = 2
MOST_MISSES = 3
SURE = 0.5
LIVE = {"submitted", "accepted", "mediating", "agreed", "failed"}
FREE = {"text", "reason", "comment", "statement"}


class NoteFlow:
    """Drives one note; ends it with the outcome done, cancelled, none or lost."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._endings = Endings(desk)

    async def begin(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        self._heard_at_once(note, turn)
        self._keep_back(note, turn, next((name for name in note.values if name in FREE), ""))
        if note.missing == "ticket":
            await self._choose(note, turn, dispatcher)
        if not note.outcome:
            await self._go_on(note, turn, dispatcher)

    async def take(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        """The message as the answer to what was asked."""
        if turn.intent == "cancel" and turn.confidence >= SURE:
            note.outcome = "cancelled"
            dispatcher.utter_message(text=say("note.cancelled"))
            return
        wanted = note.wanted or ""
        if note.unsure and note.unsure[0] == wanted:
            words, note.unsure = note.unsure[1], None
            if confirms(turn):
                note.values[wanted] = words
                await self._go_on(note, turn, dispatcher)
                return
            if misheard(turn) == "":
                dispatcher.utter_message(text=say("heard.again"))
                return
            if commands(turn) and wanted != "comment":
                note.unsure = (wanted, words)
                await self._go_on(note, turn, dispatcher)
                return
        value = self._read(wanted, turn)
        if value is None:
            note.misses += 1
            if note.misses >= MOST_MISSES:
                note.outcome = "lost"
                return
            dispatcher.utter_message(text=say(f"note.{note.kind}.{wanted}_again"), buttons=self._buttons(note))
            return
        note.values[wanted], note.misses = value, 0
        self._keep_back(note, turn, wanted)
        await self._go_on(note, turn, dispatcher)

    @staticmethod
    def _keep_back(note: Note, turn: Turn, field: str) -> None:
        """Free words out of a voice message are a value only when they are confirmed."""
        if field in FREE and unsure(turn):
            note.unsure = (field, note.values.pop(field))

    @staticmethod
    def _heard_at_once(note: Note, turn: Turn) -> None:
        """What the wish itself says already."""
        no = turn.first("ticket_no")
        if no:
            note.values["number" if note.kind == "claim" else "ticket"] = str(no)
        code = CODE.search(NUMBER.sub(" ", turn.text)) if note.kind == "claim" and not turn.payload else None
        if code:
            note.values["code"] = code.group()
        if note.kind == "supplement" and not turn.payload and (text := supplement_in(turn.said)):
            note.values["text"] = text
        if note.kind in ("change_mediator", "disagree") and not turn.payload and len(turn.said) > 8:
            note.values["reason"] = turn.said[:300]
        score = turn.first("score") or score_in(turn.text)
        if note.kind == "rate" and score:
            note.values["score"] = str(score)

    async def _choose(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        """The only ticket there is, or which of several."""
        found = await self._desk.tickets_of(channel=turn.channel, sender=turn.sender)
        fitting = [one for one in found if note.kind in ("rate", "disagree") or one["status"] in LIVE]
        if not fitting:
            dispatcher.utter_message(text=say("note.no_ticket"), buttons=buttons("no_ticket"))
            note.outcome = "none"
        elif len(fitting) == 1:
            note.values["ticket"] = fitting[0]["no"]
        else:
            note.wanted = "ticket"
            dispatcher.utter_message(text=say("note.which"), buttons=ticket_buttons(fitting))

    async def _go_on(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        if (
            note.kind == "statement"
            and note.values.get("statement")
            and not heard("unwilling", note.values["statement"])
        ):
            note.values.setdefault("sure", "")
        missing = note.missing
        if missing == "ticket":
            return
        if missing is None:
            await self._end(note, turn, dispatcher)
            return
        note.wanted = missing
        if note.unsure and note.unsure[0] == missing:
            dispatcher.utter_message(text=question(note.unsure[1]), buttons=buttons("heard"))
            return
        dispatcher.utter_message(text=say(f"note.{note.kind}.{missing}", no=note.no), buttons=self._buttons(note))

    async def _end(self, note: Note, turn: Turn, dispatcher: CollectingDispatcher) -> None:
        try:
            following = await self._endings.end(note, turn, dispatcher)
        except DeskError as error:
            dispatcher.utter_message(text=error.detail, buttons=buttons("human"))
            following = None
        if following is None:
            note.outcome = "done"
            return
        note.kind, note.values = following.kind, following.values
        await self._go_on(note, turn, dispatcher)

    @staticmethod
    def _read(wanted: str, turn: Turn) -> str | None:
        if wanted in ("ticket", "number"):
            no = turn.first("ticket_no")
            return str(no) if no else None
        if wanted == "code":
            code = CODE.search(turn.text)
            return code.group() if code else None
        if wanted == "score":
            return turn.first("score") or score_in(turn.text)
        if wanted == "sure":
            # The buttons answer the question just asked: no means that they will talk after all.
            refuses = turn.intent == "affirm" if turn.payload else heard("unwilling", turn.text)
            return "yes" if refuses else "no"
        if wanted == "comment" and (turn.intent in ("skip", "deny") or turn.payload):
            return ""
        if turn.payload:
            return {"affirm": say("note.statement.willing"), "deny": say("note.statement.unwilling")}.get(turn.intent)
        return turn.said[:1000] if len(turn.said) >= 2 else None

    @staticmethod
    def _buttons(note: Note) -> list[dict[str, str]]:
        shown = wordings()["buttons"].get(f"note_{note.wanted}")
        return [dict(one) for one in shown] if shown else buttons("cancel")


def supplement_in(said: str) -> str:
    """What is to be added, when the wish says it: without its opening phrase, or whole (他又砌了两层，你们给加进去).

    Empty when it is only a wish (我想补充点材料，行不行).
    """
    if len(removed("wish_words", NUMBER.sub(" ", said))) < LEAST_WORDS:
        return ""
    rest = without("supplement", said)
    opening = said[: said.find(rest)] if rest and rest != said else ""
    stripped = opening and not removed("wish_words", opening) and len(rest) >= MIN_TEXT
    return (rest if stripped else said.strip())[:1000]


def score_in(text: str) -> str | None:
    """不满意 before 满意, as it contains it."""
    words: Mapping[str, Sequence[str]] = wordings()["note"]["rate"]["scores"]
    return next((score for score, said in words.items() if any(word in text for word in said)), None)


def ticket_buttons(tickets: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"title": f"{one['no']} {one['category_zh']}", "payload": one["no"]} for one in tickets[:5]]
