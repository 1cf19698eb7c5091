from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.extraction import Extractor, today_from

TODAY = date(2026, 11, 22)
EAST = {"town": "青石镇", "village": "东沟村"}
EXPECTED: dict[str, list[tuple[str, str, Any]]] = {
    "欠我3万5一直不还": [("money", "3万5", 35000)],
    "包工头欠我们十二个人三万五千块": [
        ("party_role", "包工头", "foreman"),
        ("head_count", "十二个人", 12),
        ("money", "三万五千块", 35000),
    ],
    "彩礼给了十八万八": [("money", "十八万八", 188000)],
    "1.2w的押金不退": [("money", "1.2w", 12000)],
    "花了五千多": [("money", "五千多", {"at_least": 5000})],
    "还差二百没给": [("money", "二百", 200)],
    "工资4500": [("money", "4500", 4500)],
    "三块五一斤": [("money", "三块五", 3.5)],
    "三块地被占了": [],
    "三亩二分地": [("land_area", "三亩二分", 3.2)],
    "半亩地": [("land_area", "半亩", 0.5)],
    "两亩半": [("land_area", "两亩半", 2.5)],
    "租了两年零三个月": [("duration", "两年零三个月", {"months": 27})],
    "10天内答复": [("duration", "10天", {"days": 10})],
    "一个半月": [("duration", "一个半月", {"days": 45})],
    "干了仨月没给钱": [("duration", "仨月", {"months": 3})],
    "一年半没发工资": [("duration", "一年半", {"months": 18})],
    "十几个人堵在门口": [("head_count", "十几个人", {"at_least": 11})],
    "拖欠20多个工人": [("head_count", "20多个工人", {"at_least": 20})],
    "我们12个,都没拿到钱": [("head_count", "12个", 12)],
    "我婆婆": [("party_role", "婆婆", "mother_in_law")],
    "老丈人": [("party_role", "老丈人", "father_in_law")],
    "找村主任": [("party_role", "村主任", "village_cadre")],
    "大队不给": [("party_role", "大队", "village_collective")],
    "我老板": [("party_role", "老板", "employer")],
    "邻居家的狗": [("party_role", "邻居", "neighbour")],
    "东沟一组": [("place", "东沟一组", {**EAST, "group": "一组"})],
    "东沟村一社的": [("place", "东沟村一社", {**EAST, "group": "一组"})],
    "我在东沟村第三村民小组住": [("place", "东沟村第三村民小组", {**EAST, "group": "三组"})],
    "青石镇东沟村": [("place", "青石镇东沟村", EAST)],
    "我们二组的": [("place", "二组", {"group": "二组"})],
    "T-20261122-0007办到哪了": [("ticket_no", "T-20261122-0007", "T-20261122-0007")],
    "t 20261122 0007": [("ticket_no", "t 20261122 0007", "T-20261122-0007")],
    "电话138 1234 5678": [("phone", "138 1234 5678", "13812345678")],
    "身份证11010519491231002X": [("id_card", "11010519491231002X", "11010519491231002X")],
    "卡号6222021234567890128": [("bank_card", "6222021234567890128", "6222021234567890128")],
    "前年三月辞退的": [("date", "前年三月", {"from": "2024-03-01", "to": "2024-03-31"})],
}


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


@pytest.mark.parametrize(("text", "expected"), EXPECTED.items())
def test_entities(extractor: Extractor, text: str, expected: list[tuple[str, str, Any]]) -> None:
    found = extractor.extract(text, TODAY)
    assert [(f.entity, text[f.start : f.end], f.value) for f in found] == expected


def test_a_place_is_not_swallowed_by_what_stands_before_it(extractor: Extractor) -> None:
    found = extractor.extract("我婆婆住在西沟村", TODAY)
    assert [f.entity for f in found] == ["party_role", "place"]


def test_the_clock_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert today_from("2026-11-22T23:30:00+00:00") == date(2026, 11, 23)  # Asia/Shanghai
    monkeypatch.setenv("FENGQIAO_CLOCK", "2025-01-02T08:00:00+08:00")
    assert today_from() == date(2025, 1, 2)
    monkeypatch.setenv("FENGQIAO_CLOCK", "+3d")
    assert (today_from() - today_from("2000-01-01")).days > 0
