"""Questions in villagers' words with the entry that answers them, kept apart from every wording the matcher reads.

Half of them, chosen by hash, may be looked at when wordings and weights are tuned; the other half only measures.
`also` lists entries that answer the question as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.loader import TOPICS, load_topics, normal
from knowledge_base.retrieval.ask import Answers
from knowledge_base.retrieval.calibrate import fit, frozen, table, trials
from knowledge_base.retrieval.kept import Kept
from knowledge_base.retrieval.said import load_said, unknown
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import load_catalogue
from tests.knowledge_base.test_ask import UNRELATED

GOLDEN = Path(__file__).with_name("golden")
Question = Mapping[str, Any]


def right(question: Question) -> set[str]:
    return {question["entry"], *question.get("also", ())}


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return [row for path in sorted(GOLDEN.glob("*.yml")) for row in yaml.safe_load(path.read_text(encoding="utf8"))]


@pytest.fixture(scope="module")
def ours() -> KnowledgeBase:
    return load_topics(TOPICS, load_catalogue())


@pytest.fixture(scope="module")
def answers(ours: KnowledgeBase, wordings: Kept) -> Answers:
    return Answers(ours, kept=wordings)


def test_the_golden_questions_are_ours_and_kept_apart(questions: list[Question], ours: KnowledgeBase) -> None:
    known = ours.by_id()
    wordings = {normal(text) for entry in ours.entries for text in (entry.title, *entry.variants)}
    wordings |= {normal(text) for phrases in load_said().values() for text in phrases}
    assert len(questions) >= 300
    assert all(right(one) <= known.keys() for one in questions)
    assert [one["q"] for one in questions if normal(one["q"]) in wordings] == []


def pairs(text: str) -> set[str]:
    return {"".join(two) for two in pairwise(re.sub(r"[^\u4e00-\u9fff]", "", text))}


def test_no_wording_is_a_near_copy_of_a_golden_question(questions: list[Question]) -> None:
    """A whole phrase that shares three fifths of its character pairs with one question was written from it."""
    golden = [pairs(one["q"]) for one in questions]
    phrases = {text: pairs(text) for listed in load_said().values() for text in listed}
    long = {text: own for text, own in phrases.items() if len(own) >= 5}
    assert [text for text, own in long.items() if any(len(own & one) >= 0.6 * len(own) for one in golden)] == []


def test_every_other_wording_belongs_to_an_entry(ours: KnowledgeBase) -> None:
    assert unknown(load_said(), ours.by_id()) == []


# Reached without the triage of the bot, which adds about a point; raise these with every gain, never lower them.
REACHED = {False: (0.9, 0.975), True: (0.865, 0.95)}
HELPED = {False: 0.93, True: 0.91}


@pytest.mark.parametrize("half", [False, True], ids=["tuned", "frozen"])
def test_the_right_entry_comes_first_or_among_three(answers: Answers, questions: list[Question], half: bool) -> None:
    asked = [one for one in questions if frozen(one["q"]) is half]
    found = [[answers.entries[at].id for at in answers.rank(one["q"]).order] for one in asked]
    first = sum(ids[0] in right(one) for ids, one in zip(found, asked, strict=True)) / len(asked)
    among = sum(bool(right(one) & set(ids)) for ids, one in zip(found, asked, strict=True)) / len(asked)
    assert first >= REACHED[half][0]
    assert among >= REACHED[half][1]


@pytest.mark.parametrize("half", [False, True], ids=["tuned", "frozen"])
def test_the_right_entry_is_told_or_offered(answers: Answers, questions: list[Question], half: bool) -> None:
    """What the person gets to see: the answer, or three titles to choose from when it is not sure."""
    asked = [one for one in questions if frozen(one["q"]) is half]
    assert sum(bool(right(one) & seen(answers, one["q"])) for one in asked) / len(asked) >= HELPED[half]


def seen(answers: Answers, text: str) -> set[str]:
    found = answers.ask(text)
    if found.entry is None or found.close:
        return {one.id for one in answers.nearest(text, None, 3)}
    return {found.entry.id}


def test_a_wrong_entry_is_rarely_told_as_the_answer(answers: Answers, questions: list[Question]) -> None:
    told = [(one, found) for one in questions if (found := answers.ask(one["q"])).entry and not found.close]
    wrong = [one["q"] for one, found in told if found.entry and found.entry.id not in right(one)]
    assert len(wrong) <= 0.04 * len(questions), wrong[:20]
    assert len(told) >= 0.8 * len(questions)


def test_the_confidence_can_be_fitted_anew(answers: Answers, questions: list[Question]) -> None:
    """At the threshold we answer from, what is told is right, and what no entry answers mostly gets none."""
    asked = {one["q"]: right(one) for one in questions if not frozen(one["q"])}
    data = trials(answers, asked, UNRELATED)
    rows = {line[:3]: [float(value) for value in line.split()[1:]] for line in table(data, fit(data)).split("\n")[1:]}
    answered, correct, stranger, unrelated = rows["0.5"]
    assert answered >= 0.85
    assert correct >= 0.93
    assert stranger <= 0.15
    assert unrelated <= 0.15
    answered, correct, stranger, unrelated = rows["0.6"]
    assert answered >= 0.8
    assert correct >= 0.94
    assert stranger <= 0.1
    assert unrelated <= 0.05
