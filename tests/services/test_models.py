"""The models on disk: a candidate is taken or refused, and one command goes back."""

import json
import sys
from pathlib import Path

import pytest

from api.domain.model_gate import judge
from api.models import (
    NothingToRollBack,
    Registry,
    TrainingFailed,
    Workshop,
    ensure_model,
    load_bar,
    model_name,
    reviewed_path,
    workshop,
)
from api.services.nlu_report import render
from api.settings import Settings
from tests.services.nlu_lines import AT, some_lines

FAKE_BOT = """
import json, pathlib, sys
given = dict(zip(sys.argv[4::2], sys.argv[5::2]))
state = json.loads(pathlib.Path(__file__).with_name("state.json").read_text())
if sys.argv[3] == "train":
    if state.get("breaks"):
        sys.exit("out of memory")
    target = pathlib.Path(given["--out"]) / (given["--fixed-name"] + ".tar.gz")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(state["quality"])
else:
    right = pathlib.Path(given["--model"]).read_text() == "good"
    row = {"text": "工资不发", "act": "dispute", "category": "labor", "subcategory": "unpaid_wages", "sure": 0.9}
    got = {"got_act": "dispute", "got_category": "labor" if right else "traffic", "got_subcategory": "unpaid_wages"}
    row |= {"danger": None, "danger_sure": 0.0}
    none = {name: None for name in (*row, *got)}
    danger = {**none, "text": "药就在手边", "danger": "danger", "danger_sure": state.get("danger", 0.9), "sure": 0.0}
    lines = [json.dumps(one) + "\\n" for one in ({**row, **got}, danger)]
    pathlib.Path(given["--out"]).write_text("".join(lines))
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a bot that trains in no time; `state.json` says how good the next model is."""
    bot = tmp_path / "python"
    bot.write_text(f"#!{sys.executable}\n{FAKE_BOT}", encoding="utf-8")
    bot.chmod(0o755)
    monkeypatch.setenv("FENGQIAO_BOT_PYTHON", str(bot))
    found = Settings(_env_file=None, home=tmp_path / "home")  # type: ignore[call-arg]
    next_model(found, quality="good")
    return found


def next_model(settings: Settings, **state: object) -> None:
    (settings.home.parent / "state.json").write_text(json.dumps(state), encoding="utf-8")


def relabel(settings: Settings, text: str) -> None:
    """Something changed that the model is made from."""
    settings.home.mkdir(parents=True, exist_ok=True)
    reviewed_path(settings).write_text(text, encoding="utf-8")


def test_the_first_model_is_taken_and_not_trained_twice(settings: Settings) -> None:
    model = ensure_model(settings, say=print)
    assert model.name == f"{model_name(settings)}.tar.gz"
    next_model(settings, breaks=True)
    assert ensure_model(settings) == model


def test_a_worse_model_is_refused_with_reasons_and_the_live_one_stays(settings: Settings) -> None:
    live = ensure_model(settings)
    next_model(settings, quality="bad")
    relabel(settings, "a")
    said: list[str] = []
    assert ensure_model(settings, say=said.append) == live
    assert "类目总准确率从 100.0% 退到 0.0%" in said[-1]
    assert "工资不发　应是 labor，成了 traffic" in said[-1]
    said.clear()
    assert ensure_model(settings, say=said.append) == live
    assert said == []  # not tried again at every start
    assert ensure_model(settings, force=True, say=said.append).name == f"{model_name(settings)}.tar.gz"


def test_going_back_and_not_coming_again_by_itself(settings: Settings) -> None:
    first = ensure_model(settings)
    relabel(settings, "better")
    second = ensure_model(settings)
    assert second != first
    registry = Registry.load(settings.home / "models")
    assert registry.roll_back(settings.home / "models") == first.name
    registry.save(settings.home / "models")
    assert Registry.load(settings.home / "models").live == first.name


def test_with_one_model_there_is_nothing_to_go_back_to(settings: Settings) -> None:
    ensure_model(settings)
    with pytest.raises(NothingToRollBack):
        Registry.load(settings.home / "models").roll_back(settings.home / "models")


def test_a_broken_training_leaves_no_model_behind(settings: Settings, tmp_path: Path) -> None:
    next_model(settings, breaks=True)
    bench = Workshop(str(tmp_path / "python"), {}, tmp_path / "models")
    with pytest.raises(TrainingFailed, match="out of memory"):
        bench.train("one")
    assert not list((tmp_path / "models").glob("*"))


def test_only_some_models_are_kept() -> None:
    registry = Registry()
    gone = [name for number in range(9) for name in registry.promote(f"m{number}")]
    assert registry.live == "m8"
    assert registry.earlier == ["m7", "m6", "m5", "m4", "m3"]
    assert gone == ["m0", "m1", "m2"]


def test_the_report_names_the_weak_classes_and_the_confusions() -> None:
    page = render(some_lines(), "fengqiao-1", AT)
    assert "labor" in page
    assert "繁体" in page
    assert page.count("data:image/png;base64") == 2
    assert "<td>类目</td><td>labor</td><td>traffic</td>" in page
    assert "<script" not in page


def test_a_model_that_no_longer_sees_a_danger_is_refused(settings: Settings) -> None:
    """The live model is judged on the same day with the same sentences; the candidate's sureness fell under the bar."""
    bench = workshop(settings)
    bench.folder.mkdir(parents=True)
    (bench.folder / "live.tar.gz").write_text("good")
    (bench.folder / "candidate.tar.gz").write_text("good")
    next_model(settings, danger=0.9)
    live = bench.read(bench.folder / "live.tar.gz")
    next_model(settings, danger=0.6)
    verdict = judge(live, bench.read(bench.folder / "candidate.tar.gz"), load_bar())
    assert verdict.reasons == ("危险的话认对的从 100.0% 退到 0.0%（1 句）",)
    assert verdict.lost[0][0].text == "药就在手边"
