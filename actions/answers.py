"""From a question or a grievance to an answer with its basis, or to an honest door."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cues import heard
from actions.desk import Desk, DeskError
from actions.desk_lines import answered_desk
from actions.hearing import marked
from actions.matters import ActionNextMatter, tell_both
from actions.question import Question, clarify_buttons
from actions.task import ACT_OF_KIND, Task
from actions.turn import Turn, crisis_unspoken, turn_of
from actions.wording import buttons, say

MAX_STEPS = 4
MAX_EVIDENCE = 6
MAX_CITATIONS = 4


def citation_line(citation: Mapping[str, Any]) -> str:
    law, _, article = citation["id"].partition("#")
    since = say("answer.since", effective=citation["effective"]) if citation.get("effective") else ""
    return say("answer.basis_line", law=law, article=article, since=since)


def listing(title: str, lines: Sequence[str], limit: int) -> str:
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(lines[:limit], 1))
    return f"{title}：\n{numbered}"


def answer_text(answer: Mapping[str, Any], citations: Sequence[Mapping[str, Any]]) -> str:
    """An entry as a message: the plain answer, what to do next, what to keep, the basis, the limit."""
    parts = [answer["text"]]
    if answer.get("exceptions"):
        parts.append(
            f"{say('answer.exceptions')}：{'；'.join(line.rstrip('。') for line in answer['exceptions'][:2])}。"
        )
    parts.append(listing(say("answer.next"), answer["steps"], MAX_STEPS))
    if answer.get("evidence"):
        parts.append(f"{say('answer.evidence')}：{'、'.join(answer['evidence'][:MAX_EVIDENCE])}。")
    basis = "\n".join(citation_line(citation) for citation in citations[:MAX_CITATIONS])
    parts.append(f"{say('answer.basis')}：\n{basis}")
    parts.append(say("answer.limit"))
    return "\n".join(parts)


def entry_button(choice: Mapping[str, Any]) -> dict[str, str]:
    payload = json.dumps({"entry": choice["entry"]}, ensure_ascii=False)
    return {"title": choice["title"][:20], "payload": f"/show_entry{payload}"}


def task_button(offer: Mapping[str, Any], *, plain: bool = False) -> dict[str, str]:
    """The calculator or paper an entry leads to; `plain` where the list already says what it is."""
    payload = json.dumps({"task": offer["code"]}, ensure_ascii=False)
    title = offer["title"] if plain else say(f"task.button_{offer['kind']}", title=offer["title"])
    return {"title": title[:20], "payload": f"/{ACT_OF_KIND[offer['kind']]}{payload}"}


def task_buttons(answer: Mapping[str, Any]) -> list[dict[str, str]] | None:
    return [task_button(answer["offer"])] if answer.get("offer") else None


def offered(triage: Mapping[str, Any]) -> str:
    """Which way on stands under the choices: registration where mediation may help, else a human."""
    return "register" if triage.get("mediable") and not triage.get("crisis") else "human"


def no_entry_text(result: Mapping[str, Any], triage: Mapping[str, Any]) -> str:
    """What can honestly be said without a curated answer: the kind of matter, the statutes, the door."""
    parts = [say("answer.no_entry", category=triage.get("category_zh") or "法律问题")]
    if result["statutes"]:
        names = [citation_line(statute) for statute in result["statutes"][:3]]
        parts.append(f"{say('answer.statutes')}：\n" + "\n".join(names))
    referral = triage.get("referral") or {}
    where = referral.get("door") or ""
    if where:
        parts.append(say("answer.door", where=where))
    parts.append(say("answer.hotline"))
    return "\n".join(parts)


class ActionAnswer(Action):
    """Answers a consultation or a grievance; a grievance that can be mediated is offered a registration."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        if crisis_unspoken(turn, tracker) and (turn.crisis or {}).get("side") != "offender":
            dispatcher.utter_message(text=say("answer.after_crisis"))
        if turn.intent == "dispute" and await answered_desk(self._desk, turn, dispatcher):
            return [SlotSet("misses", 0)]
        question = Question.of(turn, tracker)
        if question.neither:
            dispatcher.utter_message(text=say("clarify.neither"), buttons=buttons("human"))
            return [SlotSet("clarified", None), SlotSet("last_story", None), SlotSet("misses", 0)]
        result = await self._desk.ask(question.text, question.parse)
        triage = result["triage"] = without_offers(result["triage"], turn)
        if result.get("wish") and not triage.get("crisis"):
            task = Task.from_wish(result["wish"])
            return [*known(turn, question, result), SlotSet("task", task.stored), FollowupAction("task_form")]
        asked = triage.get("clarify") if not result["answers"] and not question.settled else None
        idle = not result["answer"] and not result["choices"] and triage["category"] in (None, "out_of_scope")
        if idle and not asked:
            dispatcher.utter_message(text=say("out_of_scope"), buttons=buttons("human"))
            return [SlotSet("misses", 0), SlotSet("clarified", None)]
        matters = [] if question.settled or turn.crisis_at else await self._desk.matters(question.text)
        if len(matters) > 1 and turn.intent == "dispute":
            await tell_both(self._desk, matters, dispatcher)
            later = [{**one, "triage": marked(one["triage"], turn)} for one in matters]
            return [*known(turn, question, result), SlotSet("later", later), SlotSet("pending_offer", "matter")]
        if asked:
            dispatcher.utter_message(text=asked["question"], buttons=clarify_buttons(asked))
        else:
            utter(dispatcher, result, triage)
        waiting = {"story": question.text, "options": asked["options"]} if asked else None
        return [*known(turn, question, result), SlotSet("clarified", waiting)]


def without_offers(triage: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """Not long after a crisis nobody is offered mediation; who wants it says so."""
    return {**triage, "mediable": bool(triage.get("mediable")) and not turn.crisis_at}


def utter(dispatcher: CollectingDispatcher, result: Mapping[str, Any], triage: Mapping[str, Any]) -> None:
    if result["choices"]:
        options = [entry_button(choice) for choice in result["choices"]]
        text = say("answer.choose", category=triage.get("category_zh") or say("answer.some_matter"))
        dispatcher.utter_message(text=text, buttons=[*options, *buttons(offered(triage))])
        return
    for answer in result["answers"]:
        dispatcher.utter_message(text=answer_text(answer, answer["citations"]), buttons=task_buttons(answer))
    if not result["answers"]:
        dispatcher.utter_message(text=no_entry_text(result, triage), buttons=buttons("human"))
    if triage.get("mediable") and not triage.get("crisis"):
        dispatcher.utter_message(text=say("answer.offer_intake"), buttons=buttons("intake_offer"))


def known(turn: Turn, question: Question, result: Mapping[str, Any]) -> list[EventType]:
    triage, entry = result["triage"], result["answer"]["entry"] if result["answer"] else None
    return [
        SlotSet("misses", 0),
        SlotSet("crisis_seen", turn.crisis_at),
        SlotSet("last_story", question.said),
        SlotSet("last_triage", marked(triage, turn)),
        SlotSet("last_entities", [dict(entity) for entity in question.entities]),
        SlotSet("last_entry", entry),
        SlotSet("pending_offer", "intake" if triage.get("mediable") else None),
    ]


class ActionShowEntry(Action):
    """Shows the entry whose button was pressed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_show_entry"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        entry_id = str(turn.first("entry") or "")
        try:
            entry = await self._desk.entry(entry_id)
        except DeskError as error:
            dispatcher.utter_message(text=error.detail)
            return []
        text = answer_text(entry["answer"], entry["citations"])
        dispatcher.utter_message(text=text, buttons=task_buttons(entry["answer"]))
        mediable = entry["mediable"] and not turn.crisis_at
        if mediable:
            dispatcher.utter_message(text=say("answer.offer_intake"), buttons=buttons("intake_offer"))
        offer = "intake" if mediable else None
        return [SlotSet("last_entry", entry_id), SlotSet("pending_offer", offer), SlotSet("misses", 0)]


class ActionFollowUp(Action):
    """A short question that leans on what was said before (那起诉呢、要花钱吗): asked together with it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]
    ) -> list[EventType]:
        turn = turn_of(tracker)
        story = tracker.get_slot("last_story")
        if not story:
            dispatcher.utter_message(text=say("answer.short"), buttons=buttons("start"))
            return []
        result = await self._desk.follow_up(turn.text, story=str(story), entry=tracker.get_slot("last_entry"))
        if told := result.get("told"):
            about = say("answer.about", title=told["about"])
            dispatcher.utter_message(text=f"{about}\n{listing(told['title'], told['lines'], MAX_EVIDENCE)}")
            return [SlotSet("misses", 0)]
        if result["answer"]:
            dispatcher.utter_message(text=answer_text(result["answer"], result["citations"]))
            return [SlotSet("last_entry", result["subject"]), SlotSet("misses", 0)]
        where = "、".join(result["where"]) or say("answer.anywhere")
        dispatcher.utter_message(text=say("answer.follow_up_unsure", where=where), buttons=buttons("human"))
        return [SlotSet("misses", 0)]


class ActionAffirm(Action):
    """A bare yes: takes up the offer made just before, or answers what the desk asked."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_affirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        offer = tracker.get_slot("pending_offer")
        if offer == "intake" and heard("read_on", turn_of(tracker).text):
            dispatcher.utter_message(text=say("answer.all_said"), buttons=buttons("intake_offer"))
            return []
        if offer in ("intake", "resubmit"):
            return [FollowupAction("intake_form")]
        if offer == "matter":
            return await ActionNextMatter(self._desk).run(dispatcher, tracker, domain)
        if not await answered_desk(self._desk, turn_of(tracker), dispatcher):
            dispatcher.utter_message(text=say("affirm_nothing"), buttons=buttons("start"))
        return []
