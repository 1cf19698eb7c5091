"""Turn the named groups of a matched pattern into the value an entity carries. No Rasa, no spaCy.

A reader returns None when the match is not what it looked like (a card number with a wrong check digit, zero people).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.numbers import Number, parse, parse_count, plain

SQUARE_METRES_PER_MU = 2000 / 3
Groups = Mapping[str, str]
Reader = Callable[[Groups], Any]


def money(groups: Groups) -> int | float | None:
    """Yuan; the lower end when the speaker was vague (五千多 → 5000)."""
    amount = parse(groups["n"])
    if amount is None or amount.value <= 0:
        return None
    return plain(amount.value + 0.1 * _value(groups, "jiao"))


def mu(groups: Groups) -> int | float | None:
    """三亩二分 → 3.2."""
    area = (
        _value(groups, "n")
        + (0.5 if groups.get("half") else 0)
        + _value(groups, "fen") / 10
        + _value(groups, "li") / 100
    )
    return plain(area) if area > 0 else None


def square_metres(groups: Groups) -> int | float | None:
    return plain(_value(groups, "n") / SQUARE_METRES_PER_MU) or None


def hectares(groups: Groups) -> int | float | None:
    return plain(_value(groups, "n") * 15) or None


def duration(groups: Groups) -> dict[str, int] | None:
    """两年零三个月 → {"months": 27}; a part of a month makes the answer days (一个半月 → 45)."""
    half = 0.5 if groups.get("half") else 0.0
    if groups.get("hours"):
        return {"hours": round(_value(groups, "hours") + half)}
    if groups.get("days"):
        return {"days": round(_value(groups, "days"))}
    if groups.get("weeks"):
        return {"days": round((_value(groups, "weeks") + half) * 7)}
    if groups.get("years"):
        return {"months": round((_value(groups, "years") + half) * 12 + _value(groups, "months"))}
    months = _value(groups, "months") + half
    return {"months": int(months)} if months.is_integer() else {"days": round(months * 30)}


def head_count(groups: Groups) -> int | dict[str, int] | None:
    """12, or {"at_least": 11} for 十几个人; one person is no head count."""
    count = parse_count(_without_vague_tail(groups["n"]))
    if count is None or not 2 <= count.value <= 1_000_000:
        return None
    exact = count.exact and not groups["n"].endswith(("多", "来", "余"))
    return count.whole if exact else {"at_least": count.whole}


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


def _without_vague_tail(text: str) -> str:
    return text.rstrip("多来余") or text


READERS: dict[str, Reader] = {
    reader.__name__: reader
    for reader in (
        money,
        mu,
        square_metres,
        hectares,
        duration,
        head_count,
        ticket_no,
        id_card,
        bank_card,
        digits,
        group,
    )
}
