"""Wrong answers people have been told for years: none may be ours, and whoever asks must find the right one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.retrieval.ask import Answers
from knowledge_base.retrieval.kept import Kept
from knowledge_base.schema import Entry
from knowledge_base.statutes.catalogue import Catalogue, load_catalogue

ROWS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("blacklist.yml").read_text(encoding="utf8"))
_DENIAL = re.compile(r"不是|并非|不会|不再|不对|已取消|没有|不得|不能|不要|不用|旧")


@pytest.fixture(scope="module")
def answers(wordings: Kept) -> Answers:
    return Answers(load_topics(TOPICS, load_catalogue()), kept=wordings)


def told(entry: Entry) -> Iterable[str]:
    """Every sentence an entry states as true; `corrects` is left out, it names the wrong belief."""
    for text in (entry.answer, *entry.exceptions, *entry.steps):
        yield from re.split(r"[。；！？]", text)


@pytest.mark.parametrize("row", ROWS, ids=[row["wrong"] for row in ROWS])
def test_no_entry_says_it(row: dict[str, Any], answers: Answers) -> None:
    never = re.compile(row["never"])
    said = [(entry.id, one) for entry in answers.entries for one in told(entry) if never.search(one)]
    assert [pair for pair in said if not _DENIAL.search(pair[1])] == []


@pytest.mark.parametrize("row", ROWS, ids=[row["wrong"] for row in ROWS])
def test_whoever_asks_finds_the_right_claim(row: dict[str, Any], answers: Answers) -> None:
    right = re.compile(row["right"])
    for text in row["asks"]:
        found = [answers.entries[at] for at in answers.rank(text).order]
        claims = [sentence for entry in found for sentence in told(entry)]
        assert any(right.search(one) for one in claims), (text, [entry.id for entry in found])


def test_the_pattern_of_each_wrong_answer_would_be_noticed() -> None:
    spoken = {
        "劳动仲裁时效六十天": "劳动仲裁要在六十日内申请",
        "撂荒两年必收回": "地撂荒两年村里可以收回",
        "公证遗嘱优先": "公证遗嘱优先",
        "分居两年自动离婚": "分居满两年就自动离婚",
        "百分之二十四、三十六受保护": "年息24%以内受保护",
    }
    patterns = {row["wrong"]: row["never"] for row in ROWS}
    assert [wrong for wrong, text in spoken.items() if not re.search(patterns[wrong], text)] == []


def test_superseded_traps_are_named_with_a_warning(catalogue: Catalogue) -> None:
    for id, word in (("劳动法#第八十二条", "一年"), ("基本农田保护条例#第十八条", "不能当作收回承包地的依据")):
        assert word in catalogue.superseded[id].warning
