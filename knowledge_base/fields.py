"""The facts a calculator or a paper asks for, described as data, and the check of every value given for one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from knowledge_base.spoken import patterns_of, sentence

MOST_YUAN = Decimal("1e11")
MOST_MONTHS = Decimal(1200)
MOST_NUMBER = Decimal("1e6")
YEARS = (1949, 2100)
MOST_NAMES, LONGEST_NAME = 60, 60
BEIJING = timezone(timedelta(hours=8))
# A mobile, with or without 86 or the long-distance 0 before it; a landline, also one of this place; a service number.
PHONE = re.compile(r"(?:(?:\+|00)?86|0)?1[3-9]\d{9}|0\d{2,3}\d{7,8}|[2-9]\d{6,7}|\d{5}")
BETWEEN = re.compile(r"[-—()（）]")
ID_CARD = re.compile(r"\d{17}[\dXx]")
# What XML cannot hold (docx) and no person types.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class FactError(ValueError):
    """A value that cannot be used: `field` is the fact's id, `detail` a plain Chinese sentence."""

    code = "bad_fact"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.detail = field, detail


@dataclass(frozen=True)
class Choice:
    """`cues` are other words people use for it."""

    value: str
    label: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """`figure` names a local figure that may stand in, dated by the field `figure_on`; `ticket` the ticket field.

    `patterns` are the words around its value in a message, the surest first; a field that has some is filled by them
    alone (`alone`: or by the only entity of the kind `entity` there is), any other by the first entity of its kind
    ("" for none). Of several values `pick` takes the least.
    `least` and `most` bound what is plausible. `per` is what a sum is for: a month, a day or the whole; `bare`: a
    number counts without its unit; `month`: a month is precise enough for a date, of which `edge` says the end.
    `when` is (field, values): asked only if that other field has one of these values, or any where none are named.
    `worth`: asked in a conversation, though there is a result without it. `with_unit` is the field of a rate's unit.
    """

    id: str
    label: str
    question: str
    type: str
    required: bool = False
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    longest: int = 200
    figure: str = ""
    figure_on: str = ""
    entity: str = ""
    patterns: tuple[re.Pattern[str], ...] = ()
    pick: str = ""
    least: float | None = None
    most: float | None = None
    per: str = ""
    bare: bool = True
    month: bool = False
    edge: str = "from"
    ticket: str = ""
    when: tuple[str, tuple[str, ...]] | None = None
    alone: bool = False
    worth: bool = False
    with_unit: str = ""

    def asked(self, facts: Mapping[str, Any]) -> bool:
        """Whether it matters, given what is known."""
        if self.when is None:
            return True
        name, values = self.when
        return str(facts.get(name)) in values if values else name in facts


ENTITIES = {"money": "money", "months": "duration", "date": "date", "phone": "phone", "id_card": "id_card"}


def field_of(row: Mapping[str, Any]) -> Field:
    """From YAML; a wrong key, type or pattern raises TypeError, KeyError or re.error."""
    given = dict(row)
    given["choices"] = tuple(
        Choice(str(one["value"]), one["label"], tuple(one.get("cues", ()))) for one in given.pop("choices", ())
    )
    if condition := given.pop("when", None):
        (name, values), *_ = condition.items()
        given["when"] = (name, tuple(str(value) for value in values))
    given["patterns"] = patterns_of(given.pop("pattern", ()))
    given.setdefault("entity", ENTITIES.get(given["type"], ""))
    field = Field(**given)
    if field.type not in CHECKS or (field.type == "choice") != bool(field.choices):
        raise KeyError(f"type: {field.type}")
    return field


def heard(key: str, field: Field, **values: object) -> str:
    """What is said back to an answer that cannot be used as it is."""
    return sentence(key, label=field.label, unit=unit_of(field), **values)


def unit_of(field: Field) -> str:
    return field.unit or {"money": "元", "months": "个月"}.get(field.type, "")


def spoken(field: Field, value: Any) -> str:
    """A value as people read it, with its unit."""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if field.type == "choice":
        return next(one.label for one in field.choices if one.value == value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        number = f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
        return f"{number}{unit_of(field)}"
    return f"{value}{unit_of(field)}"


def _decimal(field: Field, value: Any, most: Decimal) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise FactError(field.id, f"“{field.label}”要写一个数。")
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError:
        raise FactError(field.id, f"“{field.label}”要写一个数。") from None
    if not number.is_finite() or math.isinf(float(number)):
        raise FactError(field.id, f"“{field.label}”要写一个数。")
    if number < 0:
        raise FactError(field.id, f"“{field.label}”不能是负数。")
    if number > most:
        raise FactError(field.id, f"“{field.label}”太大了，请核对一下。")
    return number


def _money(field: Field, value: Any) -> Decimal:
    return _decimal(field, value, MOST_YUAN)


def _number(field: Field, value: Any) -> Decimal:
    return _decimal(field, value, MOST_NUMBER)


def _count(field: Field, value: Any) -> int:
    number = _number(field, value)
    if number != number.to_integral_value():
        raise FactError(field.id, f"“{field.label}”要写整数。")
    return int(number)


def _months(field: Field, value: Any) -> Decimal:
    """A number of months, or what the entity extractor says: {"months": 38} or {"days": 45}."""
    if isinstance(value, Mapping):
        if "months" not in value and "days" not in value:
            raise FactError(field.id, f"“{field.label}”要写几年几个月。")
        value = Decimal(str(value.get("months", 0))) + Decimal(str(value.get("days", 0))) / 30
    return _decimal(field, value, MOST_MONTHS)


def _date(field: Field, value: Any) -> date:
    if isinstance(value, Mapping):
        value = value.get("from")
    try:
        day = value if type(value) is date else date.fromisoformat(str(value).strip())
    except ValueError:
        raise FactError(field.id, f"“{field.label}”要写年月日，例如 2026-05-01。") from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise FactError(field.id, f"“{field.label}”的年份不对，请核对一下。")
    return day


def _choice(field: Field, value: Any) -> str:
    for one in field.choices:
        if str(value).strip() in (one.value, one.label):
            return one.value
    raise FactError(field.id, f"“{field.label}”只能选：{'、'.join(one.label for one in field.choices)}。")


def _flag(field: Field, value: Any) -> bool:
    known = {"true": True, "false": False, "是": True, "有": True, "不是": False, "否": False, "没有": False}
    if str(value).strip().lower() not in known:
        raise FactError(field.id, f"“{field.label}”请回答是或者不是。")
    return known[str(value).strip().lower()]


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise FactError(field.id, f"“{field.label}”要写文字。")
    text = UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise FactError(field.id, f"“{field.label}”还是空的。")
    if len(text) > field.longest:
        raise FactError(field.id, f"“{field.label}”最多写 {field.longest} 个字。")
    return text


def _phone(field: Field, value: Any) -> str:
    text = re.sub(r"[\s]", "", str(value))
    if not PHONE.fullmatch(BETWEEN.sub("", text)):
        raise FactError(field.id, f"“{field.label}”好像不对，请再核对一遍。")
    return text


def _id_card(field: Field, value: Any) -> str:
    text = re.sub(r"\s", "", str(value)).upper()
    if not ID_CARD.fullmatch(text):
        raise FactError(field.id, f"“{field.label}”应当是 18 位，请再核对一遍。")
    return text


def _moment(field: Field, value: Any) -> datetime:
    """A day and time of day; without a zone it is Beijing's."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise FactError(field.id, f"“{field.label}”要写日期和钟点，例如 2026-05-01 09:30。") from None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise FactError(field.id, f"“{field.label}”的年份不对，请核对一下。")
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _names(field: Field, value: Any) -> list[str]:
    """A list of short texts: who came, which papers."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not given or len(given) > MOST_NAMES:
        raise FactError(field.id, f"“{field.label}”要写成一列，最多 {MOST_NAMES} 项。")
    one = replace(field, longest=LONGEST_NAME)
    return [_text(one, name) for name in given]


CHECKS: Mapping[str, Callable[[Field, Any], Any]] = {
    "money": _money,
    "number": _number,
    "count": _count,
    "months": _months,
    "date": _date,
    "choice": _choice,
    "flag": _flag,
    "text": _text,
    "organisation": _text,
    "moment": _moment,
    "names": _names,
    "phone": _phone,
    "id_card": _id_card,
}


def check(field: Field, value: Any) -> Any:
    """The value as its type; raises FactError, also for what nobody can have meant (a wage of 3 yuan)."""
    typed = CHECKS[field.type](field, value)
    low, high = field.least, field.most
    if (low is not None and typed < low) or (high is not None and typed > high):
        raise FactError(field.id, heard("implausible", field, value=f"{typed:f}".rstrip("0").rstrip(".")))
    return typed


def check_all(fields: Sequence[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """All given values, typed; null and "" count as not given. Raises FactError, also for a fact nobody knows."""
    known = {field.id: field for field in fields}
    if unknown := sorted(set(given) - set(known)):
        raise FactError(unknown[0], f"不认识的项目：{'、'.join(unknown)[:80]}")
    return {key: check(known[key], value) for key, value in given.items() if value not in (None, "")}


def described(field: Field) -> dict[str, Any]:
    """For people and programs that fill it in."""
    return {
        "id": field.id,
        "label": field.label,
        "question": field.question,
        "type": field.type,
        "required": field.required,
        "unit": unit_of(field),
        "choices": [{"value": one.value, "label": one.label} for one in field.choices],
    }
