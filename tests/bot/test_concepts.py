"""Concepts: words of one meaning under one name, and the questions lent by the statute search."""

from pathlib import Path

import pytest
import yaml

from bot.borrowed import ASKED, LABELS, questions, write_examples
from bot.concepts import Concepts, concepts, concepts_and_pairs, load
from bot.text import matter, normalise

OURS = Concepts({"借": ("debt",), "借条": ("debt", "paper"), "老公": ("spouse",)})


def test_the_longest_word_wins_and_may_carry_several_concepts() -> None:
    assert OURS.find("老公写了借条没借钱") == ["spouse", "debt", "paper", "debt"]


@pytest.mark.parametrize("text", ["", "𠀀", "借", "老", "a老公"])
def test_odd_texts_are_read_without_complaint(text: str) -> None:
    assert set(OURS.find(text)) <= {"debt", "paper", "spouse"}


def test_our_words_lend_an_unseen_word_its_meaning() -> None:
    assert set(concepts("花呗")) & set(concepts("信用卡"))
    assert "bankloan+spouse" in concepts_and_pairs("老公的网贷要我还")


def test_a_file_that_is_no_word_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("loan: [借钱, 欠钱]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.yml"):
        load(tmp_path)


def test_a_question_gets_the_label_of_its_article(tmp_path: Path) -> None:
    (tmp_path / "asked").mkdir()
    (tmp_path / "asked" / "a.yml").write_text(
        "甲法:\n  3: 能退吗；多久退\n  9: 谁管\n乙法:\n  '2-1': 判几年\n", encoding="utf-8"
    )
    labels = tmp_path / "labels.yml"
    labels.write_text("甲法:\n  1-5: consumer.goods\n乙法: criminal.crime\n", encoding="utf-8")
    assert list(questions(tmp_path / "asked", labels)) == [
        ("consumer.goods", "能退吗"),
        ("consumer.goods", "多久退"),
        ("criminal.crime", "判几年"),
    ]
    assert write_examples(tmp_path / "nlu.yml", tmp_path / "asked", labels) == 3
    blocks = yaml.safe_load((tmp_path / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    assert blocks[0]["metadata"] == {
        "category": "consumer",
        "subcategory": "goods",
        "triage_only": True,
        "manner": "lent",
    }


def test_our_labels_are_codes_of_the_taxonomy() -> None:
    taxonomy = Path(__file__).parents[2] / "knowledge_base" / "routing" / "taxonomy.yml"
    categories = yaml.safe_load(taxonomy.read_text(encoding="utf-8"))["categories"]
    known = {f"{one['code']}.{sub}" for one in categories for sub in one["subcategories"]}
    lent = {label for label, _ in questions(ASKED, LABELS)}
    assert lent <= known
    assert len(lent) > 30


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("你好，我想咨询一下诉讼离婚的事", "诉讼离婚的事"),
        ("律师您好！！请问下工资不发找谁", "工资不发找谁"),
        ("你好", "你好"),
        ("请问在吗", "请问在吗"),
        ("", ""),
        ("户口怎么迁", "户口怎么迁"),
    ],
)
def test_courtesies_are_left_aside_where_a_matter_follows(text: str, rest: str) -> None:
    assert matter(normalise(text)) == normalise(rest)
