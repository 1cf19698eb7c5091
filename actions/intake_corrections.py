"""Putting right what was said before: 不对，是二组; 不是老李，是老李他儿子; 电话写错了."""

import re
from typing import Any

from actions.cues import heard
from actions.desk import Desk
from actions.draft import Draft
from actions.intake_facts import categorised, keep, set_fact
from actions.intake_reading import GROUP, drop_answered, without_values
from actions.intake_steps import RESPONDENT, may_be_name, read_contact
from actions.parties import person_like
from actions.phones import phone_in
from actions.quantities import FACT_ENTITIES, around, as_number, at_stake
from actions.turn import Turn

NAME = re.compile(r"(?:^|[，,。]|名字|称呼|姓名)(?:我)?(?:是|叫|姓|改成|写成)([\u4e00-\u9fff]{1,6})(?:[，,。]|$)")
BEHIND = re.compile(r"(?:而)?是(?!不)|改成|改为|换成")
WORDS_OF_PLACE = "地点（来访人原话）"


def corrects(turn: Turn) -> bool:
    return turn.intent == "correct" or (not turn.payload and bool(heard("correction", turn.text)))


async def correct(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """Apply a correction that names the right value; False when the message names none."""
    if turn.payload:
        return False
    placed = await _correct_place(desk, draft, turn)
    fixed = [
        placed,
        _correct_people(draft, turn, placed=placed),
        _correct_numbers(draft, turn),
        await _correct_story(desk, draft, turn),
        await _correct_answers(desk, draft, turn),
    ]
    return any(fixed)


def group_alone(draft: Draft, turn: Turn) -> str:
    """The group named without a village while none is known yet: it cannot be placed. Empty otherwise."""
    group = GROUP.search(BEHIND.split(turn.text)[-1])
    known = (draft.place or {}).get("village")
    return group.group() if group and not known and draft.story is not None else ""


def _correct_people(draft: Draft, turn: Turn, *, placed: bool) -> bool:
    phone, respondent, name = phone_in(turn.said), RESPONDENT.search(turn.text), NAME.search(turn.text)
    if phone:
        given = read_contact(turn, without_values(turn)) or {}
        draft.contact = {**(draft.contact or {}), **given, "phone": phone}
    if respondent:
        draft.respondent = respondent.group(1).rstrip("。，,")
    elif not placed and _swapped(draft, turn):
        return True
    elif name and (draft.contact or {}).get("name") and may_be_name(name.group(1)):
        draft.contact = {**(draft.contact or {}), "name": name.group(1)}
        return True
    return bool(phone or respondent)


def _swapped(draft: Draft, turn: Turn) -> bool:
    """不是甲，是乙: whoever is written down as 甲 becomes 乙; else another person is the other party."""
    swap, is_it = heard("swap", turn.text), heard("is_it", turn.text)
    wrong, right = swap.groups() if swap else ("", is_it.group(1) if is_it else "")
    right = right.rstrip("的吧啊")
    if not right or turn.values("money") or GROUP.search(right):
        return False
    contact = draft.contact or {}
    if wrong and wrong in contact.get("name", "") and may_be_name(right):
        draft.contact = {**contact, "name": right}
        return True
    known = bool(wrong and wrong in (draft.respondent or ""))
    if draft.story is None or right == draft.respondent or not (known or person_like(right)):
        return False
    draft.respondent = right
    return True


def _correct_numbers(draft: Draft, turn: Turn) -> bool:
    if phone_in(turn.said):
        return False
    found: dict[str, int] = {}
    for one in at_stake(turn.text, turn.entities):
        if around(turn.text, str(one.get("text") or ""))[0].endswith("不是"):
            continue
        kind, number = str(one.get("entity")), as_number(one.get("value"))
        if kind in FACT_ENTITIES and number is not None:
            found[FACT_ENTITIES[kind]] = number
    for fact, number in found.items():
        set_fact(draft, fact, number)
    drop_answered(draft)
    return bool(found)


async def _correct_place(desk: Desk, draft: Draft, turn: Turn) -> bool:
    """Of several places named the last counts: 不是东沟村，是西沟村; a group alone is one of the village known."""
    if draft.story is None:
        return False
    behind = BEHIND.split(turn.text)[-1]
    for text in dict.fromkeys((behind, turn.text)):
        match = await desk.match_place(text[:200])
        if match["place"]:
            draft.place = match["place"]
            return True
    group = GROUP.search(behind)
    return bool(group and draft.place and await _another_group(desk, draft, draft.place, group.group()))


async def _another_group(desk: Desk, draft: Draft, place: dict[str, Any], group: str) -> bool:
    """A group that the directory does not know is kept in the person's words."""
    if not place.get("village"):
        return False
    match = await desk.match_place(f"{place.get('town') or ''}{place['village']}{group}")
    if match["place"]:
        draft.place = match["place"]
        if not match["place"].get("group"):
            draft.details[WORDS_OF_PLACE] = group
    return bool(match["place"])


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
        keep(draft, one)
    return bool(changed)
