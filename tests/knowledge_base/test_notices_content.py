"""The notices we ship, and what the loader refuses."""

from pathlib import Path

import pytest
import yaml

from api.domain.clock import Action
from api.domain.lifecycle import Move
from api.domain.notice import Audience
from api.services.clock_book import clock_book
from api.services.clock_sweep import STUCK
from api.services.notice_policy import build_notice_policy
from api.services.record_book import record_book
from knowledge_base.notices import FILE, NoticesError, load_notices

RECORDS = {
    f"record.{code}.{step}" for code, kind in record_book().kinds.items() for step in ("add", "correct", *kind.steps)
}
KNOWN = {move.value for move in Move} | {"submit", "unreachable"} | RECORDS
MEDIABLE = {"category": "neighbor", "case": "neighbor.boundary", "tier": "village", "warning_level": "general"}


def test_every_rule_is_about_something_that_happens() -> None:
    events = {rule.event for rule in build_notice_policy(load_notices()).rules}
    ladders = [ladder for kind in clock_book().kinds.values() for _, ladder in kind.ladders]
    rungs = {rung.event for ladder in ladders for rung in ladder if rung.do is not Action.LAPSE}
    handed_up = {"clock_escalate"}
    assert {event for event in events if event.startswith("clock_")} == rungs - handed_up | {STUCK}
    assert {event for event in events if not event.startswith("clock_")} <= KNOWN


def test_whoever_may_be_in_danger_is_never_written_to() -> None:
    policy = build_notice_policy(load_notices())
    facts = MEDIABLE | {"protective": True}
    events = {rule.event for rule in policy.rules} - set_aside() - not_for_danger()
    told = {rule.to for event in events for rule in policy.rules_for(event, facts)}
    assert Audience.APPLICANT not in told


def not_for_danger() -> set[str]:
    """Records that a protective ticket does not have."""
    return {one for one in RECORDS if not record_book().kinds[one.split(".")[1]].protective}


def set_aside() -> set[str]:
    """Moves a protective ticket does not know: nobody mediates it."""
    return {"start_mediation", "extend", "record_agreement", "record_failure", "merge", "refuse"}


def test_about_a_danger_the_groups_read_neither_kind_nor_place() -> None:
    policy = build_notice_policy(load_notices())
    danger = MEDIABLE | {"protective": True, "warning_level": "major"}
    told = [rule for event in {rule.event for rule in policy.rules} for rule in policy.rules_for(event, danger)]
    assert {rule.to for rule in told if rule.event == "submit"} == {
        Audience.MEDIATOR,
        Audience.ORGANISATION,
        Audience.TOLD,
    }
    assert all(rule.urgent for rule in told if rule.event == "submit")
    assert [rule.text for rule in told if "{category}" in rule.text or "{place}" in rule.text] == []


def test_ending_without_agreement_names_the_other_ways() -> None:
    policy = build_notice_policy(load_notices())
    for event in ("record_failure", "refuse", "decline"):
        (text,) = [
            rule.text
            for rule in policy.rules_for(event, MEDIABLE | {"protective": False})
            if rule.to is Audience.APPLICANT
        ]
        assert "仲裁" in text, event
        assert "法院" in text, event


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"text": "{applicant_name} 受理了"}, "不许用的空：applicant_name"),
        ({"to": "everybody"}, "怎么找到 everybody"),
        ({"text": "长" * 301}, "太长"),
    ],
)
def test_the_loader_refuses(changed: dict[str, str], problem: str, tmp_path: Path) -> None:
    content = yaml.safe_load(FILE.read_text("utf8"))
    content["rules"][0] |= changed
    path = tmp_path / "notices.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf8")
    with pytest.raises(NoticesError, match=problem):
        load_notices(path)
