"""Lengths of time, ages, shares and rates of interest as people say them: 三年零两个月, 一岁半, 三成, 月息一分五.

Each is a pattern with one named group and a reader of what the group holds; a reader gives None for what is vague.
"""

from __future__ import annotations

import re
from typing import Any

from knowledge_base.numbers import BEFORE, NUMERAL, named, number_of

_N = NUMERAL
_ONES = "一二两三四五六七八九"
_SMALL = rf"(?:\d{{1,2}}(?:\.\d+)?|[{_ONES}])"
_NO_DIGIT = rf"(?<![\d.{_ONES}十])"
_YEARS = rf"(?!(?:19|20)\d\d年){_N}年(?!前|后|以前|之前|底|初|级|代|份)"
_LENGTH = (
    rf"(?:{_YEARS}整?(?:[零又加](?=[{_ONES}十半\d]))?(?:半(?!个?月)|半个?月|{_N}个?半?月(?![\d日号份]))?"
    rf"|{_N}个半?月|[俩仨两]个?月半?|(?<!个)半个?月|(?<!个)半年|{_N}个?(?:半)?(?:星期|礼拜|周)(?![\d岁年末边一二三四五六日天])"
    rf"|{_N}个?(?:工作日|天))"
)
LENGTH = rf"{BEFORE}(?<![快近小大])(?<!不到)(?<!将近)(?P<t>{_LENGTH})(?!多(?!少)|[来出前内]|以[前内]|之前)"
AGE = rf"{BEFORE}(?<![快虚近])(?P<a>{_N}(?:周)?岁半?|{_N}个半?月大)(?!多|左右|上下|出头)"
SHARE = (
    rf"(?P<p>百分之{_N}|{BEFORE}{_N}(?:[%％]|个点|个百分点)|{BEFORE}[{_ONES}\d]成半?(?![为本员年])|一半|对半)"
    rf"(?![几多来])"
)
_PERIOD = r"(?:按)?(?:[月年日](?:利率|利息|化利率|化|息|利)|每?一?个?月|每年|一年|每天|一天)(?:的)?(?:利率|利息|利)?"
_OF = r"(?:是|为|按|就是|约定|算|说好|给|付|写着?|[:：])*"
_FEN = rf"(?:{_SMALL}分(?:半|[{_ONES}\d]厘?)?|{_SMALL}厘)"
_HUNDREDTH = rf"(?:[百千万]分之{_N}|{_N}(?:[%％]|个点|个百分点))"
RATE = (
    rf"(?P<r>{_PERIOD}{_OF}(?:{_HUNDREDTH}|{_FEN})(?!钟|地|多)"
    rf"|{_NO_DIGIT}{_FEN}(?:钱)?(?:的)?(?:高?利(?![润用落索])|息)|{BEFORE}{_HUNDREDTH}(?:的)?(?:月|年|日)?(?:利|息)"
    rf"|[月年](?:利率|化利率|化|息|利)(?:是|为|按)?{_N}(?![分厘%％个百千万元块])"
    rf"|(?:利率|利息|利|息){_OF}(?:{_HUNDREDTH}|{_FEN})(?!钟|地|多))"
)
# In an answer to the question for the rate nothing need be said around it.
BARE_RATE = rf"(?P<r>{_HUNDREDTH}|{_FEN})"
# 一儿一女 are two: numbers that are added up.
ADDEND = "s"
_MACROS = {
    "{N}": named("n"),
    "{Y}": named("y"),
    "{S}": named(ADDEND),
    "{T}": LENGTH,
    "{A}": AGE,
    "{P}": SHARE,
    "{R}": RATE,
}
# A date the bot found stands in the text as a run of one private sign (see knowledge_base.reading).
DAYS = range(0xE000, 0xE100)
_MACROS["{D}"] = rf"(?P<d>[{chr(DAYS[0])}-{chr(DAYS[-1])}])(?P=d)*"
_MACROS["{day}"] = rf"[{chr(DAYS[0])}-{chr(DAYS[-1])}]"
_HALF = 0.5
_EACH = re.compile(
    rf"(?:(?P<n>{_N})|(?P<half>半)|(?P<pair>[俩仨]))(?P<more>个半|个)?(?P<unit>年|月|星期|礼拜|周|工作日|天)(?P<tail>半)?"
)
_SHORT = {"俩": 2.0, "仨": 3.0}


def expanded(pattern: str) -> str:
    """{N} a number, {T} a length of time, {A} an age, {P} a share, {R} a rate, {D} a date, {day} one as well.

    {Y} is a number of a whole year, {S} one of several numbers to be added up.
    """
    for macro, meaning in _MACROS.items():
        pattern = pattern.replace(macro, meaning)
    return pattern


def _length(text: str) -> dict[str, float]:
    """Months and days: 一个半月 is one month and a half, 十天 ten days."""
    out = {"months": 0.0, "days": 0.0}
    for found in _EACH.finditer(text.replace("整", "")):
        number = _SHORT[found["pair"]] if found["pair"] else _HALF if found["half"] else number_of(found["n"])
        if number is None:
            return {}
        number += _HALF if found["more"] == "个半" or found["tail"] else 0
        if found["unit"] in ("年", "月"):
            out["months"] += number * (12 if found["unit"] == "年" else 1)
        else:
            out["days"] += number * (1 if found["unit"] in ("天", "工作日") else 7)
    return out if any(out.values()) else {}


def months_of(text: str) -> float | None:
    length = _length(text)
    return length["months"] + length["days"] / 30 if length else None


def days_of(text: str) -> float | None:
    length = _length(text)
    return length["months"] * 30 + length["days"] if length else None


def age_of(text: str) -> float | None:
    """Full years: 一岁半 is 1, 八个月大 is 0."""
    if "月" in text:
        months = months_of(text.removesuffix("大"))
        return None if months is None else months // 12
    return number_of(re.sub(r"(?:周)?岁半?$", "", text))


def share_of(text: str) -> float | None:
    """Percent: 三成 and 百分之三十 are 30."""
    if text in ("一半", "对半"):
        return 50.0
    if "成" in text:
        number = number_of(text.partition("成")[0])
        return None if number is None else number * 10 + (5 if text.endswith("半") else 0)
    return number_of(re.sub(r"百分之|个百分点|个点|[%％]", "", text))


def rate_of(text: str) -> dict[str, Any] | None:
    """{"rate", "unit"}: 月息一分五 → 1.5 fen, 年息八厘 → 8 year, 日息万分之五 → 0.05 day; unit None if not said."""
    period = next((unit for sign, unit in _UNITS if re.search(sign, text)), None)
    if found := re.search(rf"({_SMALL})分(?:(半)|([{_ONES}\d])厘?)?", text):
        rate = (number_of(found[1]) or 0) + (_HALF if found[2] else (number_of(found[3]) or 0) / 10 if found[3] else 0)
        return _told(rate * 10, "year") if period == "year" else _told(rate, "fen") if period != "day" else None
    if found := re.search(rf"({_SMALL})厘", text):
        rate = number_of(found[1]) or 0
        return _told(rate, "year") if period == "year" else _told(rate, "li") if period != "day" else None
    scale = 0.1 if "千分" in text else 0.01 if "万分" in text else 1
    told = re.search(rf"[百千万]分之({_N})", text) or re.search(rf"({_N})(?:[%％]|个)", text)
    told = told or re.search(rf"({_N})$", text)
    value = number_of(told[1]) if told else None
    return None if value is None else _told(value * scale, period)


_UNITS = (("年", "year"), ("月", "month"), (r"日[利息]|天", "day"))


def _told(rate: float, unit: str | None) -> dict[str, Any]:
    return {"rate": round(rate, 6), "unit": unit}


READERS = {
    "two": lambda _: 2.0,
    "n": number_of,
    ADDEND: number_of,
    "t": months_of,
    "a": age_of,
    "p": share_of,
    "r": rate_of,
}
