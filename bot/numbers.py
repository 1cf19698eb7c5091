"""Chinese, Arabic and mixed numbers as people write them: 三万五, 3万5, 1.2w, 两千零五十, 十几, 五千多."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_DIGITS = {
    c: n
    for n, cs in enumerate(["零〇", "一壹幺", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"])
    for c in cs
}
_SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "K": 1000}
_LARGE_UNITS = {"万": 10_000, "萬": 10_000, "w": 10_000, "W": 10_000, "亿": 100_000_000}
_TENS = {"廿": "二十", "卅": "三十"}
_VAGUE_TAILS = ("多", "来", "余", "几", "好几", "上下", "左右", "把")
# 两三千, 七八, 三五万: two neighbouring digits before a unit name both ends of a range.
_SPOKEN_RANGE = re.compile(
    r"(?<![零〇一二两三四五六七八九\d])([一二两三四五六七八九])([二三四五六七八九])(?=[十百千万亿]|$)"
)
_TOKEN = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\d]")

# What may stand inside a number; used by the patterns of `nlu_data/lookups/patterns.yml`.
_HAN_DIGITS = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_HAN_UNITS = "十百千万亿拾佰仟"
NUMERAL = (
    rf"(?:\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|[{_HAN_DIGITS}{_HAN_UNITS}俩仨半几数]|(?<![坡山地田岸村镇路桥])上(?=[百千万]))"
    rf"(?:(?<!\d)[{_HAN_DIGITS}几]|[{_HAN_UNITS}]|(?<=[万千百])\d+|点(?=[{_HAN_DIGITS}])|[wWkK](?![A-Za-z]))*"
    rf"(?:[多余](?!年)|来(?=[块元万千百个人户亩斤岁天号名平位])|(?<=[百千万])把(?=[块元个亩斤人])|几)?[万千百十]?"
)
NUMERAL_CHARACTERS = rf"\d,.点{_HAN_DIGITS}{_HAN_UNITS}俩仨半几数上wWkK"


@dataclass(frozen=True)
class Number:
    """A quantity; when `exact` is false the value is the least it can be (十几 → 11), `most` the other end if told."""

    value: float
    exact: bool = True
    most: float | None = None

    @property
    def whole(self) -> int:
        return int(self.value)


@dataclass(frozen=True)
class _State:
    total: float = 0
    section: float = 0
    digit: float | None = None
    unit: float = 0
    run: int = 0
    exact: bool = True


def parse(text: str) -> Number | None:
    """The number a run of characters stands for, None when it is not one."""
    text = text.strip()
    for short, full in _TENS.items():
        text = text.replace(short, full)
    text, exact = _drop_vague_tail(text)
    if not text:
        return None
    if text == "半":
        return Number(0.5)
    spoken = _SPOKEN_RANGE.search(text)
    if spoken and (spoken.end() < len(text) or spoken.start() > 0):
        return _between(text, spoken)
    if "点" in text:
        return _decimal(text)
    state: _State | None = _State(exact=exact)
    for token in _TOKEN.findall(text):
        state = _read(state, token)
        if state is None:
            return None
    return _finish(state) if state is not None else None


def _between(text: str, spoken: re.Match[str]) -> Number | None:
    """Read the text once with each of the two digits; None when they are no range (二七百)."""
    low, high = (parse(text[: spoken.start()] + digit + text[spoken.end() :]) for digit in spoken.groups())
    if low is None or high is None or not _neighbours(*spoken.groups()):
        return None
    return Number(low.value, exact=False, most=high.value)


def _neighbours(low: str, high: str) -> bool:
    return _DIGITS[high] - _DIGITS[low] == 1 or low + high == "三五"


def _drop_vague_tail(text: str) -> tuple[str, bool]:
    for tail in _VAGUE_TAILS:
        if text.endswith(tail) and len(text) > len(tail):
            return text[: -len(tail)] + ("一" if tail == "几" and text[-2] in _SMALL_UNITS else ""), False
    match = re.fullmatch(r"(.+[十百千])[多来余]([万千百])", text)
    return ("".join(match.groups()), False) if match else (text, True)


def _decimal(text: str) -> Number | None:
    whole, _, rest = text.partition("点")
    digits = re.match("[零〇一二三四五六七八九]+", rest)
    head = parse(whole)
    if head is None or digits is None:
        return None
    value = head.value + float("0." + "".join(str(_DIGITS[c]) for c in digits.group()))
    scale = parse("一" + rest[digits.end() :]) if rest[digits.end() :] else Number(1)
    return Number(value * scale.value) if scale else None


def _read(state: _State, token: str) -> _State | None:
    if token[0].isdigit():
        return replace(state, digit=float(token.replace(",", "")), run=1 if len(token) == 1 else len(token))
    if token in _DIGITS:
        return _read_digit(state, _DIGITS[token])
    if token in _SMALL_UNITS:
        return _read_small_unit(state, _SMALL_UNITS[token])
    if token in _LARGE_UNITS:
        return _read_large_unit(state, _LARGE_UNITS[token])
    if token == "几":
        return replace(state, digit=2 if not state.unit else 1, run=1, exact=False)
    if token in "数上":
        return replace(state, digit=2 if token == "数" else 1, run=1, exact=False)
    return None


def _read_digit(state: _State, digit: int) -> _State:
    if digit == 0 and state.digit is None:
        return replace(state, unit=0, digit=0 if not (state.section or state.total) else None)
    if state.digit is None:
        return replace(state, digit=float(digit), run=1)
    return replace(state, digit=state.digit * 10 + digit, run=state.run + 1)


def _read_small_unit(state: _State, unit: int) -> _State:
    amount = 1 if state.digit is None else state.digit
    return replace(state, section=state.section + amount * unit, digit=None, unit=unit, run=0)


def _read_large_unit(state: _State, unit: int) -> _State:
    amount = state.section + (state.digit or 0)
    if unit > 10_000:
        return replace(state, total=(state.total + (amount or 1)) * unit, section=0, digit=None, unit=unit, run=0)
    return replace(state, total=state.total + (amount or 1) * unit, section=0, digit=None, unit=unit, run=0)


def _finish(state: _State) -> Number:
    if state.digit is None:
        return Number(_tidy(state.total + state.section), state.exact)
    if state.unit >= 100 and state.run == 1:
        return Number(_tidy(state.total + state.section + state.digit * state.unit / 10), state.exact)
    return Number(_tidy(state.total + state.section + state.digit), state.exact)


def _tidy(value: float) -> float:
    return round(value, 4)


def parse_count(text: str) -> Number | None:
    """A number of things before a measure word, where 七八 is a range and not seventy-eight."""
    spoken = _SPOKEN_RANGE.fullmatch(text)
    if spoken:
        return _between(text, spoken) or parse(text)
    return parse(text)


def plain(value: float) -> int | float:
    """35000.0 → 35000, 3.2 stays."""
    return int(value) if float(value).is_integer() else round(float(value), 3)
