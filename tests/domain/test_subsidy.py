"""Pay per file: what a file is worth, and what is held before it is paid."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.subsidy import Expected, File, drawn, holds, worth
from api.services.subsidy import subsidy_rules

RULES = subsidy_rules()
FIRST = date(2026, 10, 1)
FOUR = {"东沟村": 0.25, "西沟村": 0.25, "柳树村": 0.25, "石桥村": 0.25}
USUAL = Expected(FOUR, 20, {}, {})


def files(village: str, count: int, mediators: int = 20) -> list[File]:
    return [
        File(
            no=f"{village}-{number}",
            village=village,
            mediator=f"{village}-m{number % mediators}",
            complexity="simple",
            outcome="agreed",
            closed_on=FIRST + timedelta(days=number % 28),
        )
        for number in range(count)
    ]


def codes(found: dict[str, list[object]], no: str) -> list[str]:
    return [hold.code for hold in found.get(no, [])]  # type: ignore[attr-defined]


def test_271_of_479_files_from_one_village_are_held() -> None:
    town = [*files("东沟村", 271), *files("西沟村", 70), *files("柳树村", 70), *files("石桥村", 68)]
    found = holds(town, [], USUAL, RULES)
    assert {file.no for file in town if codes(found, file.no)} == {file.no for file in town[:271]}
    assert found["东沟村-0"][0].text == "东沟村本月271件，占全镇479件的56%，明显偏高，先核查再发"


def test_an_even_town_is_not_held() -> None:
    town = [file for village in FOUR for file in files(village, 120)]
    assert holds(town, [], USUAL, RULES) == {}


def test_a_village_that_is_most_of_the_town_may_have_most_of_its_files() -> None:
    town = [*files("东沟村", 271), *files("西沟村", 70)]
    large = Expected({"东沟村": 0.8, "西沟村": 0.2}, 20, {}, {})
    assert holds(town, [], large, RULES) == {}


def test_a_few_files_are_never_a_pile() -> None:
    assert holds(files("东沟村", 19), [], USUAL, RULES) == {}


def test_one_mediator_with_most_of_the_files_is_held() -> None:
    town = [*files("东沟村", 40, mediators=1), *files("西沟村", 30, mediators=10), *files("柳树村", 30, mediators=10)]
    found = holds(town, [], Expected(dict.fromkeys(FOUR, 1.0), 20, {}, {}), RULES)
    assert {no for no in found if "mediator" in codes(found, no)} == {file.no for file in town[:40]}


@pytest.mark.parametrize(("before", "held"), [(3.0, True), (5.0, False), (0.0, False)])
def test_a_sudden_rise_is_held(before: float, held: bool) -> None:
    expected = replace(USUAL, village_before={"东沟村": before})
    found = holds(files("东沟村", 12), [], expected, RULES)
    assert ("东沟村-0" in found) is held


def test_too_many_files_on_one_day_are_held() -> None:
    busy = [replace(file, mediator="m", closed_on=FIRST) for file in files("东沟村", 9)]
    assert codes(holds(busy, [], USUAL, RULES), busy[0].no) == ["per_day"]
    assert holds(busy[:8], [], USUAL, RULES) == {}


def test_duplicates_and_shared_signatures_are_held_against_earlier_months_too() -> None:
    first, second, third, fourth = files("东沟村", 4)
    same = [replace(first, parties="p", category="neighbor"), replace(second, parties="p", category="neighbor")]
    assert codes(holds(same, [], USUAL, RULES), first.no) == ["duplicate"]
    other_matter = [same[0], replace(second, parties="p", category="loan")]
    assert holds(other_matter, [], USUAL, RULES) == {}
    earlier = replace(third, no="earlier", papers=frozenset({"signature"}))
    now = [replace(fourth, papers=frozenset({"signature"}))]
    found = holds(now, [earlier], USUAL, RULES)
    assert [(hold.code, "earlier" in hold.text) for hold in found[fourth.no]] == [("signature", True)]
    assert set(found) == {fourth.no}
    copied = [replace(first, text="t"), replace(second, text="t")]
    assert codes(holds(copied, [], USUAL, RULES), second.no) == ["same_text"]


def test_one_telephone_in_many_files_is_held() -> None:
    phone = [replace(file, phones=frozenset({"x"})) for file in files("东沟村", 3)]
    assert codes(holds(phone, [], USUAL, RULES), phone[0].no) == ["phone"]
    assert holds(phone[:2], [], USUAL, RULES) == {}


def test_the_worth_of_a_file_shows_its_sums() -> None:
    file = replace(files("东沟村", 1)[0], complexity="complex", outcome="failed", extras=frozenset({"paper"}))
    found = worth(file, RULES)
    assert found.yuan == 120 * 60 // 100 + 20
    assert found.reasons == ("复杂纠纷，标准120元", "结果“调解不成”，按60%", "卷宗里有签名或协议材料，加20元")
    best = replace(file, complexity="major", outcome="agreed", extras=frozenset({"paper", "many_people", "warned"}))
    assert worth(best, RULES).yuan == RULES.most_yuan


@given(st.integers(0, 300), st.text(min_size=1))
def test_the_same_seed_draws_the_same_sample(count: int, seed: str) -> None:
    numbers = [str(number) for number in range(count)]
    chosen = drawn(numbers, 10, 3, seed)
    assert chosen == drawn(list(reversed(numbers)), 10, 3, seed)
    assert len(chosen) == min(count, max(3, -(-count // 10)))
    assert set(chosen) <= set(numbers)
