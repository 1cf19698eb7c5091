"""A broken policy never replaces the working one, and what is wrong is said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.services.policy_file import read_policy, reread
from knowledge_base.routing.loader import FILES, HERE


def folder(tmp_path: Path, file: str, change: Callable[[Any], object]) -> Path:
    for name in FILES:
        data = yaml.safe_load((HERE / f"{name}.yml").read_text("utf-8"))
        if name == file:
            change(data)
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return tmp_path


BROKEN: list[tuple[str, Callable[[Any], object], str]] = [
    ("assessment", lambda data: data["weights"][0].update(when={"colour": True}), "不认识的事实项：colour"),
    ("assessment", lambda data: data["weights"][0].update(weight="heavy"), "weight"),
    ("deadlines", lambda data: data["deadlines"][0].update(amount=-1), "amount"),
    ("tiers", lambda data: data["kind_of"].update(group="bakery"), "bakery"),
    ("tiers", lambda data: data.pop("wording"), "wording"),
    ("similar", lambda data: data.pop("points"), "points"),
    ("protective", lambda data: data["protective"][0].pop("kinds"), "kinds"),
]


@pytest.mark.parametrize(("file", "change", "said"), BROKEN)
def test_a_broken_policy_is_refused_and_the_old_one_stays(
    tmp_path: Path, file: str, change: Callable[[Any], object], said: str
) -> None:
    working = read_policy()
    kept, report = reread(working, folder(tmp_path, file, change))
    assert kept is working
    assert (report.version, report.changed) == (working.version, False)
    assert any(said in problem for problem in report.problems)


def test_a_sound_change_is_taken(tmp_path: Path) -> None:
    working = read_policy()
    found, report = reread(working, folder(tmp_path, "tiers", lambda data: data.update(reopen_days=60)))
    assert (found.reopen_days, report.problems, report.changed) == (60, (), True)
    assert report.version == found.version != working.version


def test_the_same_files_are_the_same_version() -> None:
    working = read_policy()
    assert reread(working)[1].changed is False
