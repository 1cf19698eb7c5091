"""Reading single answers of the application: contacts, facts, corrections."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from actions.desk import Desk
from actions.draft import Draft
from actions.turn import Turn
from actions.wording import say

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
DIGITS = re.compile(r"\d{6,}")
RESPONDENT = re.compile(r"对方(?:不是\S+?[，,])?(?:应该)?(?:是|叫|改成|写成)\s*(\S{1,20})")
NAME_NOISE = re.compile(r"(我的?|叫|名字|姓名|称呼|联系|电话|手机|号码|是|就行|[，,。:：；;\s])+")
FACT_ENTITIES = {"money": "amount_yuan", "head_count": "people_involved"}
BUTTONS_OF = {
    "place": {"skip"},
    "respondent": {"skip"},
    "details": {"skip", "affirm", "deny"},
    "contact": {"skip", "deny"},
}
SELF_ROLES = {"self", "child", "parent"}


def categorised(triage: Mapping[str, Any]) -> dict[str, Any]:
    """A matter that fits no category is still taken in, as 其他民间纠纷; a person looks at it."""
    if triage.get("category") in (None, "out_of_scope"):
        return {**triage, "category": "other_civil", "subcategory": "other", "category_zh": None}
    return dict(triage)


def prefill(draft: Draft, entities: Iterable[Mapping[str, Any]]) -> None:
    """Take over what the words already said: sums, head-counts, who the other party is."""
    for entity in entities:
        kind, value = entity.get("entity"), entity.get("value")
        if kind in FACT_ENTITIES and (number := as_number(value)) is not None:
            draft.facts.setdefault(FACT_ENTITIES[str(kind)], number)
        elif kind == "party_role" and draft.respondent is None and value not in SELF_ROLES:
            draft.respondent = str(entity.get("text") or value)


def as_number(value: object) -> int | None:
    """Whole number of a money or head-count entity; ranges count from their lower end."""
    if isinstance(value, Mapping):
        value = value.get("at_least") or value.get("yuan") or value.get("value")
    return int(value) if isinstance(value, int | float) else None


def answer_details(draft: Draft, turn: Turn) -> None:
    """Keep the answer in words; what is a fact of the routing rules is kept as a value too."""
    question = draft.question
    if question is None:
        return
    skipped = turn.intent == "skip"
    draft.details[question["key"]] = "" if skipped else spoken(turn)[:200]
    if not skipped and question.get("fact"):
        value = fact_value(question, turn)
        if value is not None:
            draft.facts[question["fact"]] = value
    if not skipped:
        prefill(draft, turn.entities)


def spoken(turn: Turn) -> str:
    """The answer in words, also when a button gave it."""
    if turn.payload:
        return {"affirm": say("intake.answered_yes"), "deny": say("intake.answered_no")}.get(turn.intent, "")
    return turn.said


def stray_button(draft: Draft, turn: Turn) -> bool:
    """True for a button of an earlier message that answers nothing here; it must not be kept as an answer."""
    return turn.payload and draft.step in BUTTONS_OF and turn.intent not in BUTTONS_OF[draft.step]


def fact_value(question: Mapping[str, Any], turn: Turn) -> Any:
    """The typed value of an answer: by the button's value, by yes or no, or by the number in it."""
    values = question.get("values") or {}
    if turn.text in values:
        return values[turn.text]
    if question.get("type") == "bool":
        return {"affirm": True, "deny": False}.get(turn.intent)
    if question.get("type") == "number":
        return next((number for e in turn.entities if (number := as_number(e.get("value"))) is not None), None)
    return None


def read_contact(turn: Turn) -> dict[str, str] | None:
    """Name and phone as far as given; {} when left out; None when the number cannot be a phone."""
    if turn.intent in ("skip", "deny"):
        return {}
    phone = PHONE.search(turn.text)
    if phone is None and DIGITS.search(turn.text):
        return None
    rest = NAME_NOISE.sub("", PHONE.sub("", turn.text)).strip()
    contact = {"phone": phone.group()} if phone else {}
    return {**contact, "name": rest[:20]} if rest else contact


def named_in(place: Mapping[str, Any], text: str) -> bool:
    """True when the village itself stands in the text; a guess from a longer story is not taken over."""
    village = str(place.get("village") or "").removesuffix("村")
    return len(village) > 1 and village in text


def set_fact(draft: Draft, fact: str, number: int) -> None:
    """The corrected number, also where the answer was kept in words."""
    draft.facts[fact] = number
    for question in draft.questions or ():
        if question.get("fact") == fact and draft.details.get(question["key"]):
            draft.details[question["key"]] = str(number)


async def correct(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """Apply a correction that names the right value; False when the message names none."""
    changed = False
    phone = PHONE.search(turn.text)
    if phone:
        draft.contact = {**(draft.contact or {}), "phone": phone.group()}
        changed = True
    respondent = RESPONDENT.search(turn.text)
    if respondent:
        draft.respondent = respondent.group(1).rstrip("。，,")
        changed = True
    for kind, fact in FACT_ENTITIES.items():
        number = as_number(turn.first(kind))
        if number is not None and not phone:
            set_fact(draft, fact, number)
            changed = True
    if not turn.payload and draft.story is not None:
        match = await desk.match_place(turn.text[:200])
        if match["place"]:
            draft.place = match["place"]
            changed = True
    return changed
