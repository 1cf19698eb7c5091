"""Rules, classifier and both on sentences neither was made with (nlu_data/frozen/crisis*.yml); -s prints the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message

from api.domain.danger import Danger, SecondOpinion
from api.domain.safety import SafetyGate
from bot.components.crisis_classifier import CALM, CrisisClassifier, sentences
from bot.components.normaliser import Normaliser
from knowledge_base.safety import load_rules
from knowledge_base.safety.second_opinion import load_second_opinion
from tests.bot.conftest import ROOT
from tests.bot.test_components import stored_and_loaded

Judged = list[tuple[str, bool, bool]]  # kind, heard by the rules, heard by the classifier


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    nlu = training_data_from_paths([str(ROOT / "nlu_data" / "nlu")], "zh")
    data = Normaliser().process_training_data(nlu)
    _, classifier = stored_and_loaded(CrisisClassifier, data, tmp_path_factory.mktemp("crisis"))
    content, gate = load_second_opinion(), SafetyGate(load_rules())
    opinion = SecondOpinion(gate, content.crisis_from, content.ask_from, content.quiet)
    kinds, texts = zip(*_held_out(), strict=True)
    parsed = classifier.process(Normaliser().process([Message({"text": text}) for text in texts]))
    heard = [bool(opinion.hits(Danger.read(m.get("danger")), text)) for m, text in zip(parsed, texts, strict=True)]
    return list(zip(kinds, [bool(gate.check(text)) for text in texts], heard, strict=True))


def _held_out(folder: Path = ROOT / "nlu_data" / "frozen") -> list[tuple[str, str]]:
    learned = {text for _, text in sentences()}
    held_out = list(sentences(folder, "crisis*.yml"))
    assert not learned & {text for _, text in held_out}
    return held_out


def shares(judged: Judged) -> dict[str, tuple[float, float]]:
    """Who judges → (recall, false alarms)."""
    votes = {
        "rules": [rules for _, rules, _ in judged],
        "classifier": [learned for _, _, learned in judged],
        "both": [rules or learned for _, rules, learned in judged],
    }
    dangers = [kind != CALM for kind, _, _ in judged]
    return {who: (_share(vote, dangers, True), _share(vote, dangers, False)) for who, vote in votes.items()}


def _share(votes: list[bool], dangers: list[bool], of: bool) -> float:
    counted = [vote for vote, danger in zip(votes, dangers, strict=True) if danger is of]
    return sum(counted) / len(counted)


def test_two_hear_more_than_one(judged: Judged) -> None:
    found = shares(judged)
    for who, (recall, alarms) in found.items():
        print(f"{who:10s} recall {recall:.3f}  false alarms {alarms:.3f}")  # noqa: T201
    assert found["both"][0] >= 0.94
    assert found["both"][0] > found["rules"][0] + 0.1


def test_the_second_opinion_adds_few_false_alarms(judged: Judged) -> None:
    found = shares(judged)
    assert found["classifier"][1] <= 0.05
    assert found["both"][1] - found["rules"][1] <= 0.035
