"""Crisis rules and help texts: complete, within their limits, and saying what they must (facts 7.2)."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.safety import FOLDER, KINDS, TEXT_LIMIT, SafetyContentError, load_rules, load_texts

MUST_SAY = {
    "domestic_violence": ["110", "120", "不用先离婚", "不收费", "不用担保", "口头", "72小时", "24小时内作出", "6个月",
                          "不会让您和施暴人当面调解", "告诫书", "12348", "12338", "不看经济条件"],
    "self_harm": ["您很重要", "120", "110", "12356", "拿开", "真人"],
    "child_harm": ["安全", "洗澡换衣", "反复追问", "110", "不是你的错"],
    "weapon_threat": ["离开", "110", "不要自己去劝", "不要去抢"],
    "mass_incident": ["5名以内代表", "堵路", "判刑", "总包", "先行清偿"],
    "unlawful_detention": ["110", "标志", "绝不会联系控制您的人"],
    "sexual_assault": ["110", "不会联系那个人", "12338"],
    "elder_abuse": ["110", "120", "保护令", "12348"],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_text_says_what_it_must_and_fits(kind: str) -> None:
    text = load_texts().by_kind[kind].text
    assert [phrase for phrase in MUST_SAY[kind] if phrase not in text] == []
    assert len(text) <= TEXT_LIMIT


@pytest.mark.parametrize("kind", KINDS)
def test_what_to_do_now_comes_first(kind: str) -> None:
    first = "".join(re.split(r"(?<=[。？])", load_texts().by_kind[kind].text)[:2])
    assert re.search(r"110|120|停下来", first)


def test_no_hotline_is_promised_round_the_clock() -> None:
    for help_text in load_texts().by_kind.values():
        assert not re.search(r"(热线|电话|12\d{3})[^。，；]{0,10}(24小时|全天)", help_text.text)


def test_two_texts_fit_one_wechat_message() -> None:
    reply = load_texts().reply(["domestic_violence", "weapon_threat", "child_harm"])
    assert reply.count("\n\n") == 1
    assert len(reply) <= 600
    assert len(reply.encode()) <= 1900


def test_alarms_and_prohibitions_are_named_for_every_kind() -> None:
    assert all(text.alarm and text.never and text.ask for text in load_texts().by_kind.values())


def broken(tmp_path: Path, name: str, change: Any) -> Path:
    content = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["rules"]["self_harm"][0].update(unless=["nothing_known"]),
        lambda c: c["rules"]["self_harm"][0].update(any=["<unknown_slot>"]),
        lambda c: c["rules"]["self_harm"][1].update(id=c["rules"]["self_harm"][0]["id"]),
        lambda c: c["rules"].pop("elder_abuse"),
        lambda c: c.update(urgency=["self_harm"]),
    ],
)
def test_broken_rules_are_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises(SafetyContentError, match=r"rules\.yml"):
        load_rules(broken(tmp_path, "rules.yml", change))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["texts"]["self_harm"].update(text="打 12399"),
        lambda c: c["texts"]["self_harm"].update(text="长" * 301),
        lambda c: c["texts"].pop("self_harm"),
    ],
)
def test_broken_texts_are_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises(SafetyContentError, match=r"texts\.yml"):
        load_texts(broken(tmp_path, "texts.yml", change))


def test_who_would_do_harm_hears_the_law_another_way_and_a_number() -> None:
    spoken_to = [text.offender for text in load_texts().by_kind.values() if text.offender]
    assert len(spoken_to) == 3
    for one in spoken_to:
        assert "法律上" in one.text
        assert {"110", "12348"} <= set(re.findall(r"\d+", one.text))
        assert one.cites
