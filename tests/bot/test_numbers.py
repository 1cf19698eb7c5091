"""Numbers and quantities as people write them; every row is one promise."""

from __future__ import annotations

import pytest

from bot.numbers import Number, parse, parse_count, plain
from bot.quantities import bank_card, group_name, id_card, ticket_no

EXACT = dict(
    row.split("=")
    for row in [
        "三万五=35000",
        "3万5=35000",
        "3万5千=35000",
        "三万五千=35000",
        "1.2w=12000",
        "1.2万=12000",
        "一点二万=12000",
        "12万=120000",
        "23万=230000",
        "两千零五十=2050",
        "一万二=12000",
        "二百五=250",
        "一千零五=1005",
        "十五=15",
        "二十=20",
        "一百零八=108",
        "三千二=3200",
        "35,000=35000",
        "1,234,567=1234567",
        "3k=3000",
        "三点五=3.5",
        "半=0.5",
        "俩=2",
        "仨=3",
        "三万零五百=30500",
        "3万500=30500",
        "一亿两千万=120000000",
        "五十万=500000",
        "壹万贰仟=12000",
        "二零二四=2024",
        "2024=2024",
        "十=10",
        "廿=20",
        "零=0",
        "万=10000",
        "8千=8000",
        "六百八=680",
        "九千九百九十九=9999",
        "十八万八=188000",
        "4500=4500",
        "20万=200000",
        "两万=20000",
        "一百二十=120",
        "7千5=7500",
    ]
)
AT_LEAST = dict(
    row.split("=")
    for row in [
        "十几=11",
        "五千多=5000",
        "几千=2000",
        "几十=20",
        "三十多=30",
        "十来=10",
        "两三千=2000-3000",
        "三五万=30000-50000",
        "两三百万=2000000-3000000",
        "五十多万=500000",
        "二十来万=200000",
        "十几万=110000",
        "上百=100",
        "数十=20",
        "一百来=100",
        "八百多=800",
        "七八百=700-800",
        "十五六万=150000-160000",
        "三万五六=35000-36000",
        "万把=10000",
    ]
)


@pytest.mark.parametrize(("text", "value"), EXACT.items())
def test_exact(text: str, value: str) -> None:
    assert parse(text) == Number(float(value))


@pytest.mark.parametrize(("text", "value"), AT_LEAST.items())
def test_vague_numbers_give_the_least_they_can_be(text: str, value: str) -> None:
    least, _, most = value.partition("-")
    assert parse(text) == Number(float(least), exact=False, most=float(most) if most else None)


@pytest.mark.parametrize("text", ["", "abc", "多少", "三亩", "钱"])
def test_not_a_number(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(("text", "value"), [("七八", 7), ("三四", 3), ("十七八", 17), ("三十五六", 35), ("两三", 2)])
def test_counts_read_two_digits_as_a_range(text: str, value: int) -> None:
    assert parse_count(text) == Number(value, exact=False, most=value + 1)


def test_plain_drops_a_useless_fraction() -> None:
    assert (repr(plain(35000.0)), plain(3.2)) == ("35000", 3.2)


@pytest.mark.parametrize(
    ("text", "name"),
    [("1", "一组"), ("三", "三组"), ("十", "十组"), ("12", "十二组"), ("二十", "二十组"), ("0", None), ("99", None)],
)
def test_group_names(text: str, name: str | None) -> None:
    assert group_name(text) == name


@pytest.mark.parametrize(("digits", "valid"), [("11010519491231002X", True), ("110105194912310021", False)])
def test_an_identity_number_needs_its_check_digit(digits: str, valid: bool) -> None:
    assert (id_card({"digits": digits}) == digits) is valid


@pytest.mark.parametrize(
    ("digits", "valid"), [("6222021234567890128", True), ("6222021234567890120", False), ("4111 1111 1111 1111", True)]
)
def test_a_card_number_needs_its_check_digit(digits: str, valid: bool) -> None:
    assert (bank_card({"digits": digits}) is not None) is valid


def test_a_ticket_number_needs_a_real_day() -> None:
    assert ticket_no({"day": "20261122", "serial": "0007"}) == "T-20261122-0007"
    assert ticket_no({"day": "20261332", "serial": "0007"}) is None
