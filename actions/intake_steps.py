"""Reading single answers of the application: contacts, facts, corrections."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from actions.cues import heard
from actions.desk import Desk
from actions.draft import Draft
from actions.turn import Turn

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
DIGITS = re.compile(r"\d{6,}")
CORRECTION = re.compile(
    r"^(?:不对|不是|错了|写错|说错|记错|弄错|搞错|改|更正|应该是)|(?:改成|改为|写错了|说错了|记错了|弄错了|应该是)"
)
NAME = re.compile(r"(?:^|[，,。]|名字|称呼|姓名)(?:我)?(?:是|叫|姓|改成|写成)([\u4e00-\u9fff]{1,6})(?:[，,。]|$)")
ROLE_LENGTH = 8
RESPONDENT = re.compile(r"对方(?:不是\S+?[，,])?(?:应该)?(?:是|叫|改成|写成)\s*(\S{1,20})")
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}")
NAME_NOISE = re.compile(r"(我的?|叫|名字|姓名|称呼|联系|电话|手机|号码|是|就行|[，,。:：；;\s])+")
FACT_ENTITIES = {"money": "amount_yuan", "head_count": "people_involved"}
BUTTONS_OF = {
    "kind": {"skip", "deny"},
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
    draft.details[question["key"]] = "" if skipped else turn.spoken[:200]
    if not skipped and question.get("fact"):
        value = fact_value(question, turn)
        if value is not None:
            draft.facts[question["fact"]] = value
    if not skipped:
        prefill(draft, turn.entities)


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
        found = (number for e in turn.entities if (number := as_number(e.get("value"))) is not None)
        return next(found, int(turn.text) if PLAIN_NUMBER.fullmatch(turn.text) else None)
    return None


def lacks_number(question: Mapping[str, Any], turn: Turn) -> bool:
    return question.get("type") == "number" and fact_value(question, turn) is None


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


def note_known(draft: Draft, known: Sequence[Mapping[str, Any]]) -> None:
    """Answers found in the words, unless that question was answered already."""
    for one in known:
        draft.questions = [q for q in draft.questions or () if q["key"] != one["key"] or q["key"] in draft.details]
        if one["key"] not in draft.details:
            _keep(draft, one)


def _keep(draft: Draft, one: Mapping[str, Any]) -> None:
    fact = one.get("fact")
    if fact:
        draft.facts[fact] = one["value"]
    draft.told[one["key"]] = one["question"]
    draft.details[one["key"]] = one["answer"]


def read_respondent(turn: Turn) -> str:
    """对方是我邻居，在东沟村 → 我邻居; a short answer is taken as it is."""
    named = RESPONDENT.search(turn.text)
    if named:
        return named.group(1).rstrip("。，,的")
    role = next((one for one in turn.entities if one.get("entity") == "party_role"), None)
    if role and len(turn.text) > ROLE_LENGTH and role.get("value") not in SELF_ROLES:
        return str(role.get("text") or role.get("value"))
    return turn.said[:40]


def corrects(turn: Turn) -> bool:
    return turn.intent == "correct" or (not turn.payload and bool(CORRECTION.search(turn.text)))


def anonymous_wished(draft: Draft, turn: Turn) -> bool:
    """不想留名字: means the person's own name, except where the other party was asked for."""
    return draft.contact is None and draft.step != "respondent" and bool(heard("anonymous", turn.text))


async def correct(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """Apply a correction that names the right value; False when the message names none."""
    if turn.payload:
        return False
    fixed = [
        _correct_people(draft, turn),
        _correct_numbers(draft, turn),
        await _correct_place(desk, draft, turn),
        await _correct_story(desk, draft, turn),
        await _correct_answers(desk, draft, turn),
    ]
    return any(fixed)


def _correct_people(draft: Draft, turn: Turn) -> bool:
    phone, respondent, name = PHONE.search(turn.text), RESPONDENT.search(turn.text), NAME.search(turn.text)
    if phone:
        draft.contact = {**(draft.contact or {}), "phone": phone.group()}
    if respondent:
        draft.respondent = respondent.group(1).rstrip("。，,")
    elif name and (draft.contact or {}).get("name"):
        draft.contact = {**(draft.contact or {}), "name": name.group(1)}
        return True
    return bool(phone or respondent)


def _correct_numbers(draft: Draft, turn: Turn) -> bool:
    numbers = {fact: as_number(turn.values(kind)[-1]) for kind, fact in FACT_ENTITIES.items() if turn.values(kind)}
    found = {fact: number for fact, number in numbers.items() if number is not None}
    for fact, number in found.items() if not PHONE.search(turn.text) else ():
        set_fact(draft, fact, number)
    return bool(found) and not PHONE.search(turn.text)


async def _correct_place(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """Of several places named the last counts: 不是东沟村，是西沟村."""
    if draft.story is None:
        return False
    behind = re.split(r"(?:而)?是(?!不)|改成|改为|换成", turn.text)[-1]
    for text in dict.fromkeys((behind, turn.text)):
        match = await desk.match_place(text[:200])
        if match["place"]:
            draft.place = match["place"]
            return True
    return False


async def _correct_story(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """The story told anew, or another kind of matter named; its questions then start again."""
    again = heard("story", turn.said)
    if draft.story is None or not (again or heard("category", turn.text)):
        return False
    text = again.group(1) if again else turn.said
    triage = await desk.triage(text)
    if triage.get("category") in (None, "out_of_scope"):
        return False
    draft.story = again.group(1) if again else f"{draft.story}。{turn.said}"
    draft.triage, draft.questions, draft.clarify = categorised(triage), None, None
    return True


async def _correct_answers(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """An answer given before, said differently now: 村里没调过，是组里调过."""
    if not draft.details or draft.triage.get("category") is None:
        return False
    found = await desk.questions(draft.triage["category"], draft.triage.get("subcategory"), turn.text, ())
    changed = [one for one in found["known"] if draft.details.get(one["key"]) not in (None, one["answer"])]
    for one in changed:
        _keep(draft, one)
    return bool(changed)
