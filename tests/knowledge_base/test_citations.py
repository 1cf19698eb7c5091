from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.citations import Citation, CitationError, find_mentions, label_key, parse, to_chinese, to_int


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1005, "一千零五"),
        (1010, "一千零一十"),
        (1260, "一千二百六十"),
    ],
)
def test_numerals_of_statutes(number: int, numeral: str) -> None:
    assert to_chinese(number) == numeral
    assert to_int(numeral) == number


@given(st.integers(1, 9999))
def test_every_number_reads_back(number: int) -> None:
    assert to_int(to_chinese(number)) == number


@given(st.integers(1, 9999), st.integers(0, 20))
def test_every_id_reads_back(article: int, sub: int) -> None:
    citation = Citation("刑法", article, sub)
    assert parse(citation.id) == citation


@pytest.mark.parametrize(
    "text",
    [
        "民法典第十条",
        "民法典#10",
        "民法典#第10条",
        "民法典#第十条第二款",
        "#第十条",
        "民法典#第百十条",
        "民法典#第一十条",
        "",
    ],
)
def test_unknown_forms_are_refused(text: str) -> None:
    with pytest.raises(CitationError):
        parse(text)


def test_labels_sort_in_the_order_of_the_law() -> None:
    assert label_key("第二百七十六条") == (276, 0)
    assert label_key("第二百七十六条之一") == (276, 1)
    assert label_key("附则") is None


def test_articles_named_in_running_text() -> None:
    names = {
        "民法典": "民法典",
        "承包法": "农村土地承包法",
        "劳动合同法": "劳动合同法",
        "合同法实施条例": "劳动合同法实施条例",
    }
    text = "《民法典》第1079条和承包法27条怎么说？劳动合同法第三十八条呢，民法典第1079条我看过，土地法第三条没有"
    assert [one.id for one in find_mentions(text, names)] == [
        "民法典#第一千零七十九条",
        "农村土地承包法#第二十七条",
        "劳动合同法#第三十八条",
    ]
