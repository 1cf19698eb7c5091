"""What the words of one message can fill, whatever was asked; and what is left of them to answer the question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.cues import heard, removed
from actions.desk import Desk
from actions.draft import Draft
from actions.intake_facts import fact_value, keep, named_in, set_fact
from actions.parties import person_like, roles
from actions.phones import PHONE, dialled, phone_in
from actions.quantities import FACT_ENTITIES, at_stake, facts_told
from actions.turn import Turn
from actions.wording import say

SHORT = 10
GROUP = re.compile(r"第?[一二三四五六七八九十\d]{1,3}(?:村民小组|居民小组|小组|组|社|小队|生产队|队)")
TAKEN = {*FACT_ENTITIES, "duration", "date", "clock", "phone", "place", "land_area", "percent", "age", "interest"}
MEASURES = {"duration", "date", "clock", "age", "percent", "interest", "land_area"}


@dataclass(frozen=True, slots=True)
class Reading:
    """`known`: answers of the category's questions found in the words; `timed`: a time or a measure was said.

    `match` is what the directory makes of the words, `place` only what is named in them. `plain` is what stands there
    beside all this, `rest` the same without words that tell nothing by themselves (欠了我, 大概, 在); `person` is set
    when nobody but a person is named (邻居张家), `name` when they say their own (我姓王).
    """

    words: str
    plain: str
    match: Mapping[str, Any]
    place: Mapping[str, Any] | None = None
    facts: Mapping[str, int] = field(default_factory=dict)
    phone: str | None = None
    known: Sequence[Mapping[str, Any]] = ()
    timed: bool = False
    rest: str = ""
    person: str = ""
    name: str = ""

    @property
    def tells(self) -> bool:
        """Whether anything but the answer to the question can be made of it."""
        return bool(self.place or self.facts or self.phone or self.known or self.timed or self.name)

    @property
    def elsewhere(self) -> bool:
        """Nothing is left for the question that was asked."""
        return self.tells and not self.rest


async def sorted_out(desk: Desk, draft: Draft, turn: Turn) -> Mapping[str, Any]:
    """The questions of the category against this message, see Desk.questions."""
    category = draft.triage.get("category") or "other_civil"
    told = at_stake(turn.text, turn.entities)
    return await desk.questions(category, draft.triage.get("subcategory"), turn.text, told)


async def read(desk: Desk, draft: Draft, turn: Turn) -> Reading:
    """Reads the message once against every open question of the form."""
    match = await desk.match_place(turn.text[:200])
    place = match["place"] if match["place"] and named_in(match["place"], turn.text) else None
    known: Sequence[Mapping[str, Any]] = ()
    if draft.story is not None and draft.clarify is None:
        found = await sorted_out(desk, draft, turn)
        known = [*found["known"], *(found.get("beside") or () if len(turn.text) < SHORT else ())]
    plain = without_values(turn, place)
    own = heard("own_name", turn.text)
    phone = phone_in(turn.said)
    return Reading(
        words=turn.said.strip(),
        plain=plain,
        match=match,
        place=place,
        facts={} if phone else facts_told(turn.text, turn.entities),
        phone=phone,
        known=known,
        timed=any(one.get("entity") in MEASURES for one in turn.entities),
        rest=removed("filler", plain.replace(own.group(), "") if own else plain),
        person=_one_person(turn),
        name=own.group(1) if own else "",
    )


def without_values(turn: Turn, place: Mapping[str, Any] | None = None) -> str:
    """The message without its numbers, times, telephone and place."""
    text = PHONE.sub("", dialled(turn.text))
    for one in turn.entities:
        if one.get("entity") in TAKEN:
            text = text.replace(str(one.get("text") or ""), "", 1)
    for name in ((place or {}).get("town"), (place or {}).get("village")):
        if name:
            text = text.replace(str(name), "").replace(str(name).rstrip("村镇乡"), "")
    return GROUP.sub("", text)


def bare(turn: Turn) -> bool:
    """Nothing but numbers, places and words that tell nothing by themselves: 不对，是二组."""
    return not removed("filler", without_values(turn))


def _one_person(turn: Turn) -> str:
    """邻居张家, 就是刘老板: nobody but a person is named; empty otherwise."""
    is_it = heard("is_it", turn.text)
    words = (is_it.group(1) if is_it else turn.said).strip("。！!，, ")
    sure = bool(roles(turn.text, turn.entities)) or len(words) <= SHORT // 2
    return words if len(words) < SHORT and person_like(words) and sure else ""


def fill(draft: Draft, told: Reading) -> list[str]:
    """Puts what the words tell where it belongs; returns it in words, as far as it is new."""
    noted: list[str] = []
    if told.place and told.place != draft.place:
        draft.place = dict(told.place)
        noted.append(str(told.place["label"]))
    for fact, number in told.facts.items():
        if draft.facts.get(fact) != number:
            set_fact(draft, fact, number)
            noted.append(say(f"intake.told_{fact}", number=number))
    noted += _fill_contact(draft, told)
    for one in told.known if not told.facts else [one for one in told.known if one.get("fact")]:
        if draft.details.get(one["key"]) != one["answer"]:
            keep(draft, one)
            noted.append(str(one["answer"]))
    drop_answered(draft)
    return list(dict.fromkeys(noted))


def drop_answered(draft: Draft) -> None:
    """Questions whose fact is known need not be asked; those answered already stay in the list, for the way back."""
    if draft.questions:
        draft.questions = [
            one for one in draft.questions if one["key"] in draft.details or one.get("fact") not in draft.facts
        ]


def _fill_contact(draft: Draft, told: Reading) -> list[str]:
    """A name alone waits for the question about the telephone."""
    noted: list[str] = []
    if told.name and told.name != draft.name:
        draft.name = told.name
        noted.append(say("intake.told_name", name=told.name))
    if told.phone and (draft.contact or {}).get("phone") != told.phone:
        draft.contact = {**(draft.contact or {}), "phone": told.phone}
        noted.append(told.phone)
    if draft.contact is not None and draft.name:
        draft.contact = {**draft.contact, "name": draft.name}
    return noted


def answers_question(question: Mapping[str, Any], told: Reading, turn: Turn, offered: Sequence[str]) -> bool:
    """Whether the words fit this one of the category's questions; words of one's own may answer any."""
    if turn.text in offered or any(one["key"] == question["key"] for one in told.known):
        return True
    if question.get("type") == "number":
        return fact_value(question, turn) is not None or not told.tells
    if heard("correction", turn.text) and not (turn.intent == "deny" and question.get("buttons")):
        return False
    others = bool(told.known) and len(turn.text) < SHORT
    return not (told.elsewhere or others)
