"""Numbers as people write them: 4500, 8,000, 3.5万, 3万2, 四千五, 一万零五百; vague ones (五千多) are none."""

from __future__ import annotations

import re

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "k": 1000, "K": 1000, "万": 10_000, "w": 10_000, "W": 10_000}
_SCALES |= {"亿": 100_000_000}
_HAN, _BIG = "一二两三四五六七八九", "百千万亿"
# Where a length of time begins: 三千一个月 is 3000 for one month, 三百一天 is 300 for one day.
_TIME = r"(?:个半?)?(?:工作日|[月年天周日]|星期|礼拜|小时|钟头)"
_LAST = rf"(?:零?[{_HAN}]?十[{_HAN}]?|零[{_HAN}](?![{_BIG}])|[{_HAN}](?![{_HAN}{_BIG}十](?!{_TIME})|{_TIME}))"
_HAN_NUMBER = (
    rf"[{_HAN}]?十[{_HAN}]?(?:[{_BIG}](?:零?[{_HAN}][{_BIG}])*{_LAST}?)?|"
    rf"[{_HAN}](?:[{_BIG}]+(?:零?[{_HAN}]?十?[{_HAN}]?[{_BIG}])*{_LAST}?)|[{_HAN}零]"
)
_POINTED = rf"[{_HAN}零十]{{1,3}}点[零{_HAN}]+[{_BIG}]?(?!分|钟)"
_ARABIC = (
    r"(?:\d{1,3}(?:,\d{3})+(?![\d天年月个])|\d+(?:\.\d+)?)"
    rf"(?:[百千万亿kKwW](?![A-Za-z])(?:(?:\d{{1,4}}|零?[{_HAN}])(?![\d.]|{_TIME})[百千]?(?:[\d{_HAN}](?![\d{_HAN}]|{_TIME}))?)?)?"
)
NUMERAL = rf"(?:{_ARABIC}|{_POINTED}|{_HAN_NUMBER})"
_SIGNS = rf"\d{_HAN}零〇十{_BIG}"
BEFORE = rf"(?<![{_SIGNS}几数好第.])(?<![{_SIGNS}][-~—－到至])"
# No digit may follow, unless a length of time begins there; nor 多, 来, 几, nor the other end of a range.
_RANGE = rf"(?:块钱?|元)?(?:[-~—－]|到|至)[{_SIGNS}]"
AFTER = rf"(?!\.\d|[{_SIGNS}](?!{_TIME})|多(?!少)|[来余几]|{_RANGE})"
_WHOLE = re.compile(NUMERAL)
_TOKEN = re.compile(r"\d+(?:\.\d+)?|.")


def named(name: str) -> str:
    """A pattern of one whole number, never a part of one, in the group of this name."""
    return rf"{BEFORE}(?=(?P<{name}>{NUMERAL}))(?P={name}){AFTER}"


FIND = re.compile(named("n"))


def number_of(text: str) -> float | None:
    """The number a text is, or None."""
    text = text.strip()
    if text == "半":
        return 0.5
    if not _WHOLE.fullmatch(text):
        return None
    if "点" in text:
        return _pointed(text)
    return _sum(_TOKEN.findall(text.replace(",", "")))


def numbers_in(text: str) -> list[float]:
    """Every plain number of a text, in order."""
    return [value for found in FIND.finditer(text) if (value := number_of(found["n"])) is not None]


def _pointed(text: str) -> float | None:
    head, _, tail = text.partition("点")
    scale = _SCALES.get(tail[-1], 1)
    decimals = tail.rstrip(_BIG)
    whole = number_of(head)
    return None if whole is None else float(f"{int(whole)}.{''.join(str(_DIGITS[sign]) for sign in decimals)}") * scale


def _sum(tokens: list[str]) -> float:
    """三千五 is 3500, 三千零五 is 3005: a last digit counts in the next smaller unit unless 零 stands before it."""
    total, section, last, unit, gap = 0.0, 0.0, None, 0, False
    for token in tokens:
        if token in _SCALES:
            scale = _SCALES[token]
            if scale >= 10_000:
                total, section = total + (section + (last if last is not None else 0.0) or 1.0) * scale, 0.0
            else:
                section += (1.0 if last is None else last) * scale
            last, unit, gap = None, scale, False
        elif token in ("零", "〇") and len(tokens) > 1:
            gap = True
        else:
            last = float(token) if token[0].isdigit() else float(_DIGITS[token])
            single = len(token) == 1
            unit = unit if single and not gap else 0
    if last is None:
        return round(total + section, 6)
    return round(total + section + last * (unit / 10 if unit >= 100 else 1), 6)
