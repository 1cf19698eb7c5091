"""Words recognised from a voice message: they get into a ticket only when their speaker has confirmed them."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from actions.cues import heard, without
from actions.draft import Draft
from actions.turn import Turn
from actions.wording import say

PLAIN = {"affirm", "deny", "skip"}
LONGEST_PLAIN = 4
LONGEST_YES = 8
LEAST_WORDS = 2
LONGEST_COMMAND = 10
COMMANDS = {"start_intake", "skip", "greet", "thanks", "affirm"}
NO_MORE = {"correct", "deny"}


def unsure(turn: Turn) -> bool:
    """Whether these words have to be confirmed first; a bare yes, no or 跳过 is understood or asked again anyway."""
    plain = turn.intent in PLAIN and len(turn.text.strip("。！!，, ")) <= LONGEST_PLAIN
    return turn.by_voice and not turn.payload and not plain


def question(words: str) -> str:
    return say("heard.ask", text=words)


def confirms(turn: Turn) -> bool:
    return turn.intent == "affirm" and (turn.payload or len(turn.text) <= LONGEST_YES)


def misheard(turn: Turn) -> str | None:
    """What comes behind 不对，… said of words that were read back: "" for nothing; None when it begins otherwise."""
    if not heard("misheard", turn.text):
        return None
    rest = without("misheard", turn.said)
    return rest if len(rest) >= LEAST_WORDS and not turn.payload else ""


def commands(turn: Turn) -> bool:
    """登记调解, 跳过, 你好 or a button: nothing that could stand in the place of words that wait to be confirmed."""
    return turn.payload or (turn.intent in COMMANDS and len(turn.text) < LONGEST_COMMAND)


def held(turn: Turn) -> dict[str, Any]:
    """The message as the draft keeps it until it is confirmed."""
    return asdict(turn)


def story_heard(turn: Turn, story: str, triage: Mapping[str, Any], entities: Any) -> dict[str, Any]:
    """The same for a story told before the application began."""
    return held(replace(turn, text=story, said=story, intent="dispute", triage=dict(triage), entities=tuple(entities)))


def marked(triage: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """A reading that remembers that its words were only recognised."""
    return {**triage, "by_voice": True} if turn.by_voice else dict(triage)


def settled(draft: Draft, turn: Turn) -> Turn:
    """The message that counts: a yes to what was read back is that message, 不对，是… is what stands behind it."""
    waiting = draft.unsure
    if waiting is None:
        return turn
    if confirms(turn):
        draft.unsure = None
        before = Turn(**{**waiting, "entities": tuple(waiting["entities"])})
        return replace(before, by_voice=False, message_id=turn.message_id, crisis_at=turn.crisis_at)
    if rest := misheard(turn):
        intent = "inform" if turn.intent in NO_MORE else turn.intent
        return replace(turn, text=rest, said=rest, intent=intent)
    return turn
