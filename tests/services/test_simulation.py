"""A file of cases routed without storing anything, and compared with another policy."""

from dataclasses import replace

import pytest

from api.domain.errors import InvalidInput
from api.domain.organisation import Directory
from api.domain.policy import Complexity
from api.domain.tier import Tier
from api.services.directory_rules import directory_rules
from api.services.policy_file import read_policy
from api.services.simulation import Simulation, simulate
from tests.domain.factories import FRIDAY, member, organisations

HEADER = "类别,小类,镇,村,组,同组,金额,人数,已调层级,伤情\n"
ROWS = (
    "邻里纠纷,院墙、滴水、地界相邻,青石镇,东沟村,一组,是,,,,\n"
    "neighbor,boundary,青石镇,东沟村,一组,否,,,,\n"
    "山林土地纠纷,,青石镇,东沟村,,,,,村（社区）人民调解委员会,\n"
    "劳动争议纠纷,unpaid_wages,青石镇,,,,3.5万,12,,\n"
    "刑事与治安,fraud,青石镇,,,,,,,\n"
    "天气纠纷,,青石镇,,,,,,,\n"
    "neighbor,quarrel,青石镇,东沟村,一组,也许,,,,严重\n"
    "neighbor,divorce,青石镇,东沟村,一组,,,,,\n"
)


def run(text: str = HEADER + ROWS, **options: object) -> Simulation:
    directory = Directory(organisations(grid=(member("g", limit=1),)))
    return simulate(text.encode("gbk"), directory_rules(), directory, read_policy(), at=FRIDAY, **options)  # type: ignore[arg-type]


def test_loads_and_bad_rows() -> None:
    result = run()
    assert dict(result.load) == {"grid": 1, "village": 1, "office": 1, "labour": 1}
    assert result.tiers["（不属于调解，指引去处）"] == 1
    assert [(one.row, one.column) for one in result.errors] == [(7, "类别"), (8, "同组"), (9, "")]
    assert result.moved == []


def test_capacity_fills_up_during_the_run() -> None:
    result = run(HEADER + "neighbor,light,青石镇,东沟村,一组,是,,,,\n" * 3)
    assert (result.load["grid"], result.load["village"], result.waiting["grid"]) == (3, 0, 2)


def test_changes_against_the_current_policy() -> None:
    current = read_policy()
    proposed = replace(current, tier_of={**current.tier_of, Complexity.COMPLEX: Tier.JUDICIAL_OFFICE})
    result = run(proposed=proposed)
    assert [(one.row, one.before, one.after) for one in result.moved] == [
        (3, "村（社区）人民调解委员会·village", "司法所·office")
    ]


@pytest.mark.parametrize("text", ["", "镇,村\n青石镇,东沟村\n"])
def test_a_file_without_categories(text: str) -> None:
    if not text:
        assert run(text).cases == 0
    else:
        assert run(text).errors[0].why == "缺少必填的列"


def test_a_broken_file() -> None:
    with pytest.raises(InvalidInput):
        simulate(b"PK\x03\x04", directory_rules(), Directory([]), read_policy(), at=FRIDAY)
