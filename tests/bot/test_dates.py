"""Times as people tell them, seen from 22 November 2026 (a Sunday)."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dates import find

TODAY = date(2026, 11, 22)
PERIODS = [
    tuple(row.split())
    for row in """
今天 2026-11-22 2026-11-22
昨天 2026-11-21 2026-11-21
大前天 2026-11-19 2026-11-19
明天 2026-11-23 2026-11-23
上周三 2026-11-11 2026-11-11
上礼拜 2026-11-09 2026-11-15
这周五 2026-11-20 2026-11-20
上个月 2026-10-01 2026-10-31
上上个月 2026-09-01 2026-09-30
下个月 2026-12-01 2026-12-31
上个月15号 2026-10-15 2026-10-15
上月底 2026-10-21 2026-10-31
去年 2025-01-01 2025-12-31
前年 2024-01-01 2024-12-31
大前年 2023-01-01 2023-12-31
前年三月 2024-03-01 2024-03-31
今年3月5号 2026-03-05 2026-03-05
2024年3月 2024-03-01 2024-03-31
2024-03-05 2024-03-05 2024-03-05
2024.3.5 2024-03-05 2024-03-05
二零二四年三月 2024-03-01 2024-03-31
二〇二三年五月十二日 2023-05-12 2023-05-12
24年3月 2024-03-01 2024-03-31
2019年 2019-01-01 2019-12-31
三月份 2026-03-01 2026-03-31
12月 2025-12-01 2025-12-31
5号 2026-11-05 2026-11-05
28号 2026-10-28 2026-10-28
3天前 2026-11-19 2026-11-19
两个月前 2026-09-01 2026-09-30
半年前 2026-05-01 2026-05-31
三年前 2023-01-01 2023-12-31
一年半前 2025-05-01 2025-05-31
去年年底 2025-11-01 2025-12-31
去年底 2025-11-01 2025-12-31
今年春天 2026-03-01 2026-05-31
去年国庆 2025-10-01 2025-10-07
5月1日 2026-05-01 2026-05-01
10月中旬 2026-10-11 2026-10-20
""".strip().splitlines()
]
# The first day of a lunar month is known to within a day.
LUNAR = [
    tuple(row.split())
    for row in """
去年腊月 2026-01-19
腊月二十三 2026-02-10
正月十五 2026-03-03
前年正月初八 2024-02-17
去年中秋 2025-10-06
农历八月十五 2026-09-25
三月初八 2026-04-24
去年端午 2025-05-31
""".strip().splitlines()
]


@pytest.mark.parametrize(("text", "first", "last"), PERIODS)
def test_periods(text: str, first: str, last: str) -> None:
    (start, end, found), *rest = find(f"事情是{text}发生的", TODAY)
    assert (start, end, rest) == (3, 3 + len(text), [])
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


@pytest.mark.parametrize(("text", "first"), LUNAR)
def test_lunar_days_are_right_to_a_day_or_two(text: str, first: str) -> None:
    ((_, _, found),) = find(text, TODAY)
    assert abs((found.first - date.fromisoformat(first)).days) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "三个月",
        "两年多",
        "半个月",
        "一年级",
        "五号楼",
        "十天",
        "月饼",
        "2024年级",
        "13月",
        "每月20号",
        "一月四千",
        "一月挣4500",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert find(text, TODAY) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025年3月1日前还我", "2025-03-01"),
        ("2026年6月30日之前付清", "2026-06-30"),
        ("2023年6月30号以前", "2023-06-30"),
        ("3月1日前给", "2026-03-01"),
        ("二〇二五年三月十日前", "2025-03-10"),
        ("2025年8月前付清", "2025-08-01"),
    ],
)
def test_a_day_by_which_is_one_day_and_not_so_many_days_ago(text: str, day: str) -> None:
    assert [period.first.isoformat() for _, _, period in find(text, TODAY)] == [day]


def test_two_dates_in_one_message_come_in_order() -> None:
    found = find("去年三月订婚,上个月退的婚", TODAY)
    assert [period.first.isoformat() for _, _, period in found] == ["2025-03-01", "2026-10-01"]


def test_the_lunar_year_turns_at_new_year() -> None:
    ((_, _, before),) = find("去年腊月", date(2026, 1, 10))
    assert date(2024, 12, 29) <= before.first <= date(2025, 1, 1)
