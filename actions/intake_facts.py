"""Facts and answers of the application: how they are read from words, kept, and kept only once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from actions.draft import Draft
from actions.parties import other_party
from actions.quantities import FACT_ENTITIES, as_number, facts_told, plain_number
from actions.turn import Turn


def categorised(triage: Mapping[str, Any]) -> dict[str, Any]:
    """A matter that fits no category is still taken in, as 其他民间纠纷; a person looks at it."""
    if triage.get("category") in (None, "out_of_scope"):
        return {**triage, "category": "other_civil", "subcategory": "other", "category_zh": None}
    return dict(triage)


def prefill(draft: Draft, text: str, entities: Iterable[Mapping[str, Any]]) -> None:
    """Take over what the words already said: sums, head-counts, who the other party is."""
    entities = list(entities)
    for fact, number in facts_told(text, entities).items():
        draft.facts.setdefault(fact, number)
    if draft.respondent is None:
        draft.respondent = other_party(text, entities, draft.triage.get("category"))


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
        prefill(draft, turn.text, turn.entities)


def fact_value(question: Mapping[str, Any], turn: Turn) -> Any:
    """The typed value of an answer: by the button's value, by yes or no, or by the number in it."""
    values = question.get("values") or {}
    if turn.text in values:
        return values[turn.text]
    if question.get("type") == "bool":
        return {"affirm": True, "deny": False}.get(turn.intent)
    if question.get("type") == "number":
        return number_for(str(question.get("fact")), turn)
    return None


def number_for(fact: str, turn: Turn) -> int | None:
    """The number said for this fact: a sum is no head-count; a bare number counts for any."""
    kinds = {kind for kind, given in FACT_ENTITIES.items() if given == fact} or set(FACT_ENTITIES)
    found = (as_number(one.get("value")) for one in turn.entities if one.get("entity") in kinds)
    return next((number for number in found if number is not None), plain_number(turn.text))


def lacks_number(question: Mapping[str, Any], turn: Turn) -> bool:
    return question.get("type") == "number" and fact_value(question, turn) is None


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
            keep(draft, one)


def keep(draft: Draft, one: Mapping[str, Any]) -> None:
    """The answer in words, the fact as a value, the question beside it."""
    fact = one.get("fact")
    if fact:
        draft.facts[fact] = one["value"]
    draft.told[one["key"]] = one["question"]
    draft.details[one["key"]] = one["answer"]
