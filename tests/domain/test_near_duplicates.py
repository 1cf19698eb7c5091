"""Sentences that only fill other slots, or change a few characters, are found; others are left alone."""

from api.domain.near_duplicates import near_duplicates

SLOTS = ["东沟村", "石桥村", "我哥", "我弟"]


def found(*texts: str) -> list[tuple[str, str]]:
    return [(pair.one, pair.other) for pair in near_duplicates({"x": texts}, SLOTS)]


def test_other_numbers_places_and_kin_make_no_new_sentence() -> None:
    first = "东沟村的我哥欠我3万五不还"
    assert found(first, "石桥村的我弟欠我八百不还，") == [("石桥村的我弟欠我八百不还，", first)]


def test_a_character_more_or_less_is_the_same_sentence() -> None:
    assert found("工地干了半年活老板一直拖着工钱不给", "工地干了半年活老板一直拖着工钱不给啊")


def test_another_wording_of_the_same_matter_is_a_sentence_of_its_own() -> None:
    assert not found("工地干了半年活老板一直拖着工钱不给", "老板欠着我们半年工钱，找他就说没钱")


def test_labels_are_looked_at_apart() -> None:
    assert not list(near_duplicates({"a": ["邻居把路堵了"], "b": ["邻居把路堵了"]}, SLOTS))
