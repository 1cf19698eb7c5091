from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.loader import load_topics
from knowledge_base.retrieval.kept import Kept
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import Catalogue, load_catalogue
from tests.system import WORDINGS

ON = date(2026, 11, 21)
Write = Callable[..., Path]


@pytest.fixture(scope="session")
def wordings() -> Kept:
    """The first test run learns for half a minute, the next ones read."""
    return Kept(WORDINGS)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


def entry(**changes: Any) -> dict[str, Any]:
    """A good entry; a test names only what it changes."""
    good: dict[str, Any] = {
        "id": "demo.goose",
        "title": "邻居家的鹅啄伤了人",
        "category": "injury_compensation",
        "subcategory": "animal",
        "variants": [
            "隔壁的鹅把娃啄出血了",
            "鹅啄人谁掏药钱",
            "大白鹅追着我咬，养鹅的说不关他事",
            "被别家养的鹅弄伤腿",
            "家禽伤人算谁的",
            "养鹅的人要不要赔药费",
        ],
        "answer": "一般由养鹅的人赔。是您自己故意惹的，可以少赔或者不赔。",
        "exceptions": ["别人逗鹅害您受伤，也可以找逗的人。"],
        "numbers": [],
        "steps": ["先去卫生院看伤口。", "带着票据找养鹅的人商量。"],
        "evidence": ["病历和票据", "伤口照片"],
        "where": ["村调解委员会"],
        "citations": ["民法典#第一千二百四十五条"],
        "valid_from": date(2021, 1, 1),
        "checked_on": ON,
        "grade": "A",
        "related": [],
        "corrects": None,
        "leads_to": None,
    }
    return good | changes


def second(**changes: Any) -> dict[str, Any]:
    other = entry(
        id="demo.kiln",
        title="砖窑老板不发工钱",
        category="labor",
        subcategory="unpaid_wages",
        variants=[
            "窑上干了半年一分没结",
            "烧砖的老板赖工钱",
            "砖厂拖着工资不给咋整",
            "老板说砖卖了再给钱，等到现在",
            "砖窑欠薪去哪说理",
            "要不回烧窑的工资",
        ],
        answer="工资应当按月足额发。您可以找劳动监察投诉，也可以申请劳动仲裁。",
        citations=["保障农民工工资支付条例#第三条", "劳动法#第五十条"],
    )
    return other | changes


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes entries into one topic file of a fresh folder and returns the folder."""

    def writer(*entries: dict[str, Any], name: str = "demo.yml") -> Path:
        folder = tmp_path / "topics"
        folder.mkdir(exist_ok=True)
        text = yaml.safe_dump({"topic": "demo", "entries": list(entries)}, allow_unicode=True)
        (folder / name).write_text(text, encoding="utf8")
        return folder

    return writer


@pytest.fixture
def base(write: Write, catalogue: Catalogue) -> KnowledgeBase:
    return load_topics(write(entry(), second()), catalogue)


LINES = [
    ("试验养殖法", "第一条", "饲养鹅鸭的人应当管好自己的鹅鸭。"),
    ("试验养殖法", "第二条", "鹅鸭啄伤他人的，饲养人应当承担医疗费用。"),
    ("试验养殖法", "第二条之一", "鹅鸭在公路上行走的，饲养人应当驱赶。"),
    ("试验窑业法", "第一条", "砖窑的经营者应当按月支付劳动报酬。"),
    ("试验窑业法", "第二条", "砖窑烧制的砖应当合格。"),
    ("噪声污染防治法", "第一条", "唢呐吹得太响影响邻居休息的，应当停止。"),
    ("民法典", "第一千二百四十五条", "试验用的假条文：饲养人承担责任。"),
    ("劳动法", "第八十二条", "试验用的假条文：旧期限六十日内申请仲裁。"),
]


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    rows = [
        {
            "id": f"{law}#{label}",
            "law": law,
            "label": label,
            "version": "2020-05-01",
            "effective": "2020-06-01",
            "text": text,
        }
        for law, label, text in LINES
    ]
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf8")
    return path
