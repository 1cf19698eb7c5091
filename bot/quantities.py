"""Turn the named groups of a matched pattern into the value an entity carries. No Rasa, no spaCy.

A reader returns None when the match is not what it looked like (a card number with a wrong check digit, zero people).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.numbers import Number, parse, parse_count, plain

MU_OF_UNIT: dict[str, float] = yaml.safe_load(
    (Path(__file__).resolve().parent.parent / "nlu_data" / "lookups" / "patterns.yml").read_text(encoding="utf-8")
)["mu_of_unit"]
_UNIT_OF_GROUP = {"hectare": "公顷", "shang": "垧"}
_PERIODS = {"月": "monthly_percent", "年": "annual_percent", "日": "daily_percent"}
_NIGHT = ("晚上", "夜里", "半夜", "深夜", "凌晨", "后半夜", "夜晚", "晚")
# Hours that, said with the part of the day, are counted from noon: 夜里十一点 is 23:00, 夜里两点 is 02:00.
_FROM_NOON = {
    "中午": range(1, 4),
    "下午": range(1, 12),
    "傍晚": range(1, 12),
    **dict.fromkeys(("晚", "晚上", "夜晚"), range(5, 12)),
    **dict.fromkeys(("半夜", "夜里", "深夜"), range(7, 12)),
}
Groups = Mapping[str, str]
Reader = Callable[[Groups], Any]


def money(groups: Groups) -> Any:
    """Yuan; vague words give ends instead: 五千多 → at_least, 三五千 and 三千到五千 → at_least and at_most."""
    amount = parse(groups["n"])
    if amount is None or amount.value <= 0:
        return None
    if groups.get("to"):
        return _span(amount, parse(groups["to"]))
    return _ends(amount, plus=0.1 * _value(groups, "jiao"))


def jiao(groups: Groups) -> int | float | None:
    """五毛钱 → 0.5."""
    return plain(_value(groups, "n") / 10) or None


def mu(groups: Groups) -> Any:
    """三亩二分 → 3.2; 两垧 by the unit's size, which is data."""
    parts = (("half", 0.5), ("fen", _value(groups, "fen") / 10), ("li", _value(groups, "li") / 100))
    more = sum(size for name, size in parts if groups.get(name)) + (0.05 if groups.get("halffen") else 0)
    more += _value(groups, "mu")
    size = next((MU_OF_UNIT[unit] for name, unit in _UNIT_OF_GROUP.items() if groups.get(name)), 1.0)
    whole = parse_count(groups["n"]) if groups.get("n") else Number(0)
    if whole is None or whole.value + more <= 0:
        return None
    if groups.get("half"):
        more += (size - 1) / 2
    return _ends(whole, times=size, plus=more)


def square_metres(groups: Groups) -> dict[str, Any] | None:
    """A building is not told in mu: 一百二十平 → {"square_metres": 120}."""
    area = parse_count(groups["n"])
    if area is None or area.value <= 0:
        return None
    return {"square_metres": plain(area.value), **({} if area.exact else {"at_least": True})}


def duration(groups: Groups) -> dict[str, Any] | None:
    """两年零三个月 → {"months": 27}; a part of a month makes the answer days (一个半月 → 45).

    `at_least` and `at_most` mark 三个多月 and 小两年.
    """
    length = _length(groups)
    if not any(length.values()):
        return None
    named = (groups[name] for name in ("years", "months", "weeks", "days", "hours") if groups.get(name))
    vague = any(not (parse_count(text) or Number(0)).exact for text in named) or bool(groups.get("more"))
    return {**length, **({"at_least": True} if vague else {}), **({"at_most": True} if groups.get("short") else {})}


def _length(groups: Groups) -> dict[str, Any]:
    half = 0.5 if groups.get("half") else 0.0
    if groups.get("hours"):
        return {"hours": plain(_value(groups, "hours") + half)}
    if groups.get("days"):
        return {"days": round(_value(groups, "days"))}
    if groups.get("weeks"):
        return {"days": round((_value(groups, "weeks") + half) * 7)}
    if groups.get("years"):
        return {"months": round((_value(groups, "years") + half) * 12 + _value(groups, "months"))}
    months = _value(groups, "months") + half
    return {"months": int(months)} if months.is_integer() else {"days": round(months * 30)}


def head_count(groups: Groups) -> Any:
    """12, or {"at_least": 11} for 十几个人; one person is no head count."""
    count = parse_count(groups["n"])
    if count is None or not 2 <= count.value <= 1_000_000:
        return None
    return _ends(replace(count, value=float(count.whole)))


def age(groups: Groups) -> Any:
    """Years of age; 五十多岁 → {"at_least": 50}."""
    years = parse_count(groups["n"])
    if years is None or not 0 < years.value <= 120:
        return None
    return _ends(replace(years, exact=years.exact and not groups.get("more")))


def percent(groups: Groups) -> int | float | None:
    """30%, 百分之三十, 三成 → 30."""
    size = 10 if groups.get("cheng") else 1
    value = _value(groups, "n") * size + _value(groups, "hundredth")
    return plain(value) if 0 < value <= 1000 else None


def interest(groups: Groups) -> dict[str, Any] | None:
    """两分利 → 2 % a month, 年息八厘 → 8 % a year, 日息万分之五 → 0.05 % a day.

    What 分 and 厘 mean depends on the period.
    """
    period = _PERIODS[groups.get("period", "月")]
    fen, li = (10.0, 1.0) if period == "annual_percent" else (1.0, 0.1)
    rate = _value(groups, "fen") * fen + _value(groups, "li") * li + (0.5 * fen if groups.get("half") else 0)
    rate += _value(groups, "hundredth") + _value(groups, "thousandth") / 10 + _value(groups, "myriad") / 100
    return {period: round(plain(rate), 4)} if 0 < rate <= 1000 else None


def clock(groups: Groups) -> str | None:
    """晚上十点 → 22:00, 凌晨两点半 → 02:30; without a part of the day the hour stands as it was said."""
    hour, minute = round(_value(groups, "hour")), round(_value(groups, "minute"))
    minute += 30 * bool(groups.get("half")) + 15 * round(_value(groups, "quarter"))
    if hour > 24 or minute > 59:
        return None
    part = groups.get("part", "")
    if hour in _FROM_NOON.get(part, ()):
        hour += 12
    if hour == 12 and part in _NIGHT:
        hour = 24
    return f"{hour % 24:02d}:{minute:02d}"


def plate(groups: Groups) -> str:
    return "".join(c for c in groups["plate"].upper() if c.isalnum())


def ticket_no(groups: Groups) -> str | None:
    """T-YYYYMMDD-NNNN; only a real day counts."""
    day = groups["day"]
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return f"T-{day}-{groups['serial']}"


def id_card(groups: Groups) -> str | None:
    """GB 11643: weighted sum of the first seventeen digits, modulo 11."""
    number = groups["digits"].upper()
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    check = (12 - sum(w * int(d) for w, d in zip(weights, number[:17], strict=True))) % 11
    return number if number[17] == "0123456789X"[check] else None


def bank_card(groups: Groups) -> str | None:
    """ISO/IEC 7812 (Luhn)."""
    number = digits(groups)
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(number))]
    return number if 15 <= len(number) <= 19 and sum(d - 9 * (d > 9) for d in doubled) % 10 == 0 else None


def digits(groups: Groups) -> str:
    return "".join(c for c in groups["digits"] if c.isdigit())


def group(groups: Groups) -> dict[str, str] | None:
    """三组 without its village."""
    name = group_name(groups["n"])
    return {"group": name} if name else None


def group_name(number: str) -> str | None:
    """1, 一 → 一组."""
    value = parse(number)
    if value is None or not 1 <= value.value <= 20:
        return None
    tens, ones = divmod(value.whole, 10)
    words = ["", *"一二三四五六七八九"]
    return ("二十" if tens == 2 else "十" if tens else "") + words[ones] + "组"


def _value(groups: Groups, name: str) -> float:
    number: Number | None = parse_count(groups[name]) if groups.get(name) else None
    return number.value if number else 0.0


def _ends(number: Number, times: float = 1.0, plus: float = 0.0) -> Any:
    """A plain number, or its ends when the speaker was vague."""
    low = plain(number.value * times + plus)
    if number.exact:
        return low
    most = {} if number.most is None else {"at_most": plain(number.most * times + plus)}
    return {"at_least": low, **most}


def _span(low: Number, high: Number | None) -> dict[str, Any] | None:
    """三千到五千; in 三到五千 the first number borrows the other's unit."""
    if high is None:
        return None
    if low.value < 10 <= high.value:
        low = Number(low.value * 10 ** (len(str(high.whole)) - 1))
    return {"at_least": plain(low.value), "at_most": plain(high.value)} if low.value < high.value else None


READERS: dict[str, Reader] = {
    reader.__name__: reader
    for reader in (
        money,
        jiao,
        mu,
        square_metres,
        duration,
        head_count,
        age,
        percent,
        interest,
        clock,
        plate,
        ticket_no,
        id_card,
        bank_card,
        digits,
        group,
    )
}
