"""A message as it is read for facts: its dates stand as single signs, what is used up is covered, entities are left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from knowledge_base.fields import FactError, Field, heard
from knowledge_base.quantities import DAYS
from knowledge_base.spoken import MOST_DAYS_OF_A_DATE

Entity = Mapping[str, Any]
_COVER = "\0"
# 俩 is a number; 仨 as well, but 三月 would be March.
_WIDE = str.maketrans("０１２３４５６７８９．％，：俩", "0123456789.%,:两")
_THREE = re.compile("仨(?!个?月)")
# Numbers that are no quantity of any field.
_NO_QUANTITY = ("phone", "id_card", "bank_card", "ticket_no", "clock", "plate")
# 春节, 国庆, 五一 stay as they are: they are words about work on holidays.
_CALENDRICAL = re.compile(r"\d|[年月日号天周]|星期|礼拜|前|后|现在")
_COUNTED = re.compile(r"[\d〇零一二三四五六七八九十]")
_DATE = re.compile(r"(?<!\d)(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})[日号]?(?!\d)")
_HAN = "一二三四五六七八九十"
# Days the bot did not find: no number in them is a sum.
_CALENDAR = re.compile(
    rf"(?:19|20)\d\d年|(?:\d{{1,2}}|[{_HAN}]{{1,2}})月份?(?:\d{{1,2}}|[{_HAN}]{{1,3}})[日号]"
    rf"|(?<![\d{_HAN}])(?:\d{{1,2}}|[{_HAN}]{{1,3}})[日号](?![线楼院])"
)


class Said:
    """`text` keeps its length, so that what a pattern finds can be covered.

    `left` are the entities nobody used, `words` the message without covers, `raw` as it was written.
    """

    def __init__(self, text: str, entities: Sequence[Entity] = ()) -> None:
        self.raw = text
        self.text = self.words = _THREE.sub("三", text.translate(_WIDE))
        self.left: list[tuple[int, int, Entity]] = []
        self._days: list[Any] = []
        self._used: set[str] = set()
        at = 0
        for one in entities:
            words = str(one.get("text") or "")
            start = self.words.find(words, at) if words else -1
            if start < 0:
                start = self.words.find(words) if words else -1
            end = start + len(words)
            at = max(at, end)
            self._place(one, start, end)
        for found in _DATE.finditer(self.text):
            self._put_day(found.start(), found.end(), _iso(found))
        self.text = _CALENDAR.sub(lambda found: _COVER * len(found[0]), self.text)

    def _place(self, one: Entity, start: int, end: int) -> None:
        kind = one.get("entity")
        if start >= 0 and kind == "date" and _calendrical(one):
            self._put_day(start, end, one.get("value"))
        elif start >= 0 and kind in _NO_QUANTITY:
            self._cover(start, end, _COVER)
        self.left.append((start, end, one))

    def _put_day(self, start: int, end: int, value: Any) -> None:
        if len(self._days) < len(DAYS) and value is not None:
            self._cover(start, end, chr(DAYS[len(self._days)]))
            self._days.append(value)

    def _cover(self, start: int, end: int, sign: str) -> None:
        self.text = self.text[:start] + sign * (end - start) + self.text[end:]

    def use(self, match: re.Match[str]) -> None:
        """These words are read: neither they (or their part `use`) nor any entity on them tell anything else."""
        groups = match.groupdict()
        if groups.get("d"):
            self._used.add(groups["d"])
            return
        start, end = match.span("use" if groups.get("use") else 0)
        self._cover(start, end, _COVER)
        self.left = [one for one in self.left if one[1] <= start or one[0] >= end or one[0] < 0]

    def take(self, field: Field) -> Any:
        """The value of the first entity of the field's kind that is precise enough."""
        for row in self.left:
            value = row[2].get("value")
            if not field.entity or row[2].get("entity") != field.entity or vague(value):
                continue
            if field.type == "date" and not precise(value):
                continue
            self.left.remove(row)
            return value
        return None

    def day(self, sign: str, field: Field) -> Any:
        """The date behind a sign; none when the field needs the very day and only a month or a year is told."""
        if sign in self._used:
            return None
        value = self._days[ord(sign) - DAYS[0]]
        return edge(value, field) if precise(value, month=field.month) else None

    def days(self) -> list[Any]:
        """Every date told, in order."""
        return list(self._days)

    def only(self, field: Field) -> Any:
        """The value of the only entity left of the field's kind."""
        rows = [row[2].get("value") for row in self.left if row[2].get("entity") == field.entity]
        return rows[0] if len(rows) == 1 and not vague(rows[0]) else None

    def values(self, kind: str) -> list[Any]:
        return [row[2].get("value") for row in self.left if row[2].get("entity") == kind]


def _calendrical(one: Entity) -> bool:
    """Whether a date is told by numbers or to the month; 国庆 and 今年 stay words like others."""
    words = str(one.get("text"))
    if not _CALENDRICAL.search(words):
        return False
    return bool(_COUNTED.search(words)) or precise(one.get("value"), month=True)


def vague(value: Any) -> bool:
    """三年多, 五千多, 小两年."""
    return isinstance(value, Mapping) and bool(value.get("at_least") or value.get("at_most"))


def precise(value: Any, *, month: bool = False) -> bool:
    """Whether a date is one day, or at most a month where that is enough."""
    if not isinstance(value, Mapping) or not {"from", "to"} <= value.keys():
        return value is not None
    span = (date.fromisoformat(str(value["to"])) - date.fromisoformat(str(value["from"]))).days
    return span < (MOST_DAYS_OF_A_DATE if month else 1)


def edge(value: Any, field: Field) -> Any:
    """The first day of what was told, or the last one where the field is an end."""
    return value.get(field.edge) if isinstance(value, Mapping) else value


def one_day(field: Field, said: Said) -> Any:
    """The day in an answer; a month will do when it is asked for. Raises FactError."""
    days = said.days()
    if len({str(edge(one, field)) for one in days}) > 1:
        if "不是" not in said.words:
            raise FactError(field.id, heard("several_days", field))
        days = days[-1:]
    if not days:
        return None
    if not precise(days[0], month=True):
        raise FactError(field.id, heard("which_day", field))
    return edge(days[0], field)


def _iso(found: re.Match[str]) -> str | None:
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None
