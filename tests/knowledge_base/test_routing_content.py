"""The routing policy loads, explains itself, and bad content is refused with its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.domain.facts import PARSERS, DisputeFacts
from knowledge_base.routing import RoutingError, load
from knowledge_base.routing.loader import FILES, HERE, MAX_QUESTIONS


def test_every_rule_has_a_reason_and_a_basis() -> None:
    rules = list(load().rules())
    assert len(rules) > 80
    assert all(rule["because"] and rule["basis"] for _, rule in rules)


def test_answers_to_questions_are_facts_that_routing_understands() -> None:
    content = load()
    for questions in content.questions["questions"].values():
        assert len(questions) <= MAX_QUESTIONS
        for question in questions:
            assert question.get("fact", "town") in PARSERS
            for value in question.get("values", {}).values():
                DisputeFacts.from_mapping({question["fact"]: value})


def test_every_mediable_category_has_questions() -> None:
    content = load()
    for category in content.taxonomy["categories"]:
        if category["mediable"] != "no":
            assert content.questions_for(category["code"]), category["code"]


def broken(tmp_path: Path, file: str, change: Callable[[Any], None]) -> Path:
    for name in FILES:
        data = yaml.safe_load((HERE / f"{name}.yml").read_text("utf-8"))
        if name == file:
            change(data)
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("assessment", lambda data: data["flags"][0].pop("because"), "because"),
        ("referrals", lambda data: data["referrals"][0].update(basis=[]), "basis"),
        ("protective", lambda data: data["protective"][0].update(basis=["人民调解法#25"]), "条文编号"),
        ("specialists", lambda data: data["specialists"][0].update(when={"case": ["labor.nothing"]}), "不认识的代码"),
        ("deadlines", lambda data: data["deadlines"][0].pop("when"), "when"),
        ("specialists", lambda data: data["specialists"][0].update(subject="alchemy"), "专业领域"),
        ("questions", lambda data: data["questions"].update(weather=[]), "没有这个类别"),
    ],
)
def test_bad_content_is_refused(tmp_path: Path, file: str, change: Callable[[Any], None], said: str) -> None:
    with pytest.raises(RoutingError, match=said) as refusal:
        load(broken(tmp_path, file, change))
    assert file in refusal.value.problems[0]


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    same = load().version
    assert len(same) == 12
    assert load(broken(tmp_path, "deadlines", lambda data: data["deadlines"][0].update(amount=20))).version != same


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = broken(tmp_path, "tiers", dict.copy)
    (folder / "tiers.yml").write_text("tiers: [", "utf-8")
    (folder / "similar.yml").unlink()
    with pytest.raises(RoutingError) as refusal:
        load(folder)
    assert {problem.partition(":")[0] for problem in refusal.value.problems} == {"tiers.yml", "similar.yml"}


def test_nineteen_fields_of_specialists() -> None:
    content = load()
    assert len(content.specialists["fields"]) == 19
