"""Kinds of work beside tickets, built once from content: the domain's rules with the typed fields they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from api.domain.errors import InvalidInput, NotFound
from api.domain.work import SeenBy, WorkKind, WorkMove, WorkPersons
from api.domain.work_checks import Value, WorkChecks
from knowledge_base.desk.work import KindContent, load_work
from knowledge_base.fields import FactError, Field, check_all

WORDS = frozenset({"text", "phone"})


@dataclass(frozen=True)
class KindRules:
    kind: WorkKind
    fields: tuple[Field, ...]
    persons: WorkPersons

    def read(self, given: Mapping[str, Any], *, whole: bool = True) -> dict[str, Value]:
        """Checked values as they are stored. Raises InvalidInput for a wrong, an unknown or (`whole`) a missing one."""
        try:
            values = {name: stored(value) for name, value in check_all(self.fields, given).items()}
        except FactError as error:
            raise InvalidInput(error.detail, code="bad_field") from error
        missing = [one.label for one in self.fields if whole and one.required and one.id not in values]
        if missing:
            raise InvalidInput(f"还要填：{'、'.join(missing)}", code="field_required")
        if self.kind.no_persons:
            self.persons.check(str(value) for name, value in values.items() if name in self.word_ids)
        return values

    @property
    def word_ids(self) -> frozenset[str]:
        """Fields in a person's own words: encrypted at rest."""
        return frozenset(one.id for one in self.fields if one.type in WORDS)

    def split(self, values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
        """(facts, words)"""
        facts = {name: value for name, value in values.items() if name not in self.word_ids}
        return facts, {name: value for name, value in values.items() if name in self.word_ids}


def stored(value: Any) -> Value:
    """As JSON keeps it: days as ISO text, whole numbers as such, others as text without loss."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    assert isinstance(value, date)
    return value.isoformat()


@cache
def work_rules() -> Mapping[str, KindRules]:
    content = load_work()
    refused = WorkPersons.of(content.persons["refused"], content.persons["says"], content.persons["basis"])
    return {code: KindRules(kind_of(one), one.fields, refused) for code, one in content.kinds.items()}


def rules_of(kind: str) -> KindRules:
    if kind not in work_rules():
        raise NotFound(f"没有这一种记录：{kind[:40]}")
    return work_rules()[kind]


def kind_of(content: KindContent) -> WorkKind:
    raw = content.raw
    first = next(iter(raw["statuses"]))
    return WorkKind(
        code=content.code,
        zh=content.zh,
        statuses=raw["statuses"],
        moves={code: move_of(code, one) for code, one in raw["moves"].items()},
        labels={one.id: one.label for one in content.fields},
        level=raw.get("level", 0),
        seen_by=SeenBy(raw.get("seen_by", "scope")),
        parents=frozenset(raw.get("parent", ())),
        owned=raw.get("owner", False),
        no_persons=raw.get("no_persons", False),
        day=raw.get("day", ""),
        due=raw.get("due", ""),
        counts=tuple(raw.get("counts", ())),
        basis=tuple(raw.get("basis", ())),
        checked_by=raw.get("checked_by", ""),
        waits=frozenset(raw.get("waits", (first,))),
        checks=checks_of(raw),
    )


def checks_of(raw: Mapping[str, Any]) -> WorkChecks:
    limits = {name: (Decimal(str(low)), Decimal(str(high))) for name, (low, high) in raw.get("between", {}).items()}
    return WorkChecks(
        past=tuple(raw.get("past", ())),
        order=tuple((earlier, later) for earlier, later in raw.get("order", ())),
        within=tuple((whole, tuple(parts)) for whole, parts in raw.get("within", ())),
        between=limits,
        after_parent=tuple(raw.get("after_parent", ())),
    )


def move_of(code: str, raw: Mapping[str, Any]) -> WorkMove:
    return WorkMove(
        code=code,
        zh=raw["zh"],
        sources=frozenset(raw["from"]),
        to=raw["to"],
        needs=tuple(raw.get("needs", ())),
        note=raw.get("note", False),
        owner_may=raw.get("by") == "owner",
        past=tuple(raw.get("past", ())),
    )
