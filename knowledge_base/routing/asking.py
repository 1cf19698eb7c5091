"""Which questions are still open after what was said, and the answers the words already gave."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEGATIONS = "没不未无"


@dataclass(frozen=True)
class Known:
    """An answer found in the words: the question's key, the words (a button's text where it has buttons), the fact."""

    key: str
    question: str
    answer: str
    fact: str | None = None
    value: Any = None


def sort_out(
    questions: Sequence[Mapping[str, Any]], text: str, entities: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[Known]]:
    """Questions still to be asked, in order, and what is known. `entities`: kind → the words that name it."""
    known = {one.key: one for question in questions for one in _known(question, text, entities)}
    return [dict(question) for question in questions if question["key"] not in known], list(known.values())


def _known(question: Mapping[str, Any], text: str, entities: Mapping[str, str]) -> Iterator[Known]:
    answer = _said(question.get("said") or (), text)
    if answer is None:
        answer = next((entities[kind] for kind in question.get("entity") or () if kind in entities), None)
    if answer is None:
        return
    value = (question.get("values") or {}).get(answer)
    if question.get("type") == "number":
        value = int(answer) if answer.isdigit() else None
    fact = question.get("fact") if value is not None else None
    yield Known(question["key"], question["text"], answer, fact, value)


def _said(said: Mapping[str, Sequence[str]] | Collection[str], text: str) -> str | None:
    """The button whose longest phrase stands in the text; for a plain list the phrase itself.

    A phrase right behind a negation says the opposite, unless it is a negation itself.
    """
    phrases = dict(_phrases(said))
    found = [phrase for phrase in phrases if _stands(phrase, text)]
    return phrases[max(found, key=len)] if found else None


def _phrases(said: Mapping[str, Sequence[str]] | Collection[str]) -> Iterator[tuple[str, str]]:
    if isinstance(said, Mapping):
        for button, phrases in said.items():
            yield from ((phrase, button) for phrase in phrases)
    else:
        yield from ((phrase, phrase) for phrase in said)


def _stands(phrase: str, text: str) -> bool:
    at = text.find(phrase)
    while at >= 0:
        if at == 0 or text[at - 1] not in NEGATIONS or phrase[0] in NEGATIONS:
            return True
        at = text.find(phrase, at + 1)
    return False
