"""Reads the kinds of records on a ticket: what each holds, who writes and reads it, and how it moves on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.fields import Field, field_of
from knowledge_base.schema import KnowledgeError, Problem
from knowledge_base.statutes.catalogue import Catalogue

FILE = Path(__file__).with_name("records.yml")
SEES = ("parties", "staff", "author")
BY = ("handler", "supervisor", "target", "applicant", "staff", "author", "system")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "day": ("date",),
    "due": ("date", "moment"),
    "code": ("choice", "text", "flag"),
    "amount": ("money",),
    "organisation": ("organisation",),
}
DATES = ("date", "moment")
# Fields that the rules of a kind fill in, so that no form asks for them.
COMPUTED = {"agreement": {"amount"}, "confirmation": {"last_day"}, "obligation": {"late"}}


@dataclass(frozen=True)
class Rows:
    """A list inside a record: obligations, signatures."""

    zh: str
    most: int
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class StepContent:
    """Adding a record, or one step of its life. `past`: dates that cannot lie in the future.

    `under`: the states one of which the record it hangs under must be in; empty: any. `not_before`: date → dates that
    it cannot lie before, "agreement.agreed_on" being one of the record it hangs under.
    """

    code: str
    zh: str
    start: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    rows: Mapping[str, Rows] = field(default_factory=dict)
    past: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    not_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class KindContent:
    """`while_` empty: at any time. `columns`: query column → field. `part_of`: the kind it must hang under."""

    code: str
    zh: str
    sees: str
    states: Mapping[str, str]
    add: StepContent
    steps: Mapping[str, StepContent]
    columns: Mapping[str, str]
    because: str
    basis: tuple[str, ...]
    while_: tuple[str, ...] = ()
    part_of: str = ""
    once: bool = False
    protective: bool = True

    def fields(self) -> tuple[Field, ...]:
        """Of adding and all steps."""
        return tuple(one for step in (self.add, *self.steps.values()) for one in step.fields)


def load_records(catalogue: Catalogue, *, today: date, path: Path = FILE) -> Mapping[str, KindContent]:
    """Raises KnowledgeError with every problem found."""
    raw = yaml.safe_load(path.read_text("utf-8"))["kinds"]
    kinds: dict[str, KindContent] = {}
    problems: list[Problem] = []
    for code, row in raw.items():
        try:
            kinds[code] = _kind(code, row)
        except (KeyError, TypeError, AttributeError, re.error) as error:
            problems.append(Problem(path.name, code, "", f"读不懂（{error}）"))
            continue
        wrong = _wrong(kinds[code], raw, catalogue, today)
        problems += [Problem(path.name, code, where, why) for where, why in wrong]
    if problems:
        raise KnowledgeError(problems)
    return kinds


def _kind(code: str, row: Mapping[str, Any]) -> KindContent:
    states = row["states"]
    add = _step("add", {"zh": "登记", "to": next(iter(states)), "from": [], **row})
    return KindContent(
        code=code,
        zh=row["zh"],
        sees=row["sees"],
        states=states,
        add=add,
        steps={name: _step(name, step) for name, step in row.get("steps", {}).items()},
        columns=row.get("columns", {}),
        because=row["because"],
        basis=tuple(row["basis"]),
        while_=tuple(row.get("while", ())),
        part_of=row.get("part_of", ""),
        once=row.get("once", False),
        protective=row.get("protective", True),
    )


def _step(code: str, row: Mapping[str, Any]) -> StepContent:
    return StepContent(
        code=code,
        zh="登记" if code == "add" else row["zh"],
        start=tuple(row["from"]),
        to=row["to"],
        by=tuple(row["by"]),
        fields=_fields(row["fields"]),
        rows={
            name: Rows(one["zh"], one["most"], _fields(one["fields"])) for name, one in (row.get("rows") or {}).items()
        },
        past=tuple(row.get("past", ())),
        under=tuple(row.get("under", ())),
        not_before={name: tuple(earlier) for name, earlier in row.get("not_before", {}).items()},
    )


def _fields(rows: list[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(field_of({"question": row["label"], **row}) for row in rows)


def _wrong(
    kind: KindContent, all_kinds: Mapping[str, Any], catalogue: Catalogue, today: date
) -> Iterator[tuple[str, str]]:
    if kind.sees not in SEES:
        yield "sees", f"只能是 {'、'.join(SEES)}"
    if kind.part_of and kind.part_of not in all_kinds:
        yield "part_of", f"没有“{kind.part_of}”"
    for cited in kind.basis:
        if "#" in cited and (why := catalogue.refusal(cited, on=today)):
            yield "basis", why
    yield from _wrong_columns(kind)
    yield from _wrong_order(kind, all_kinds)
    parents = all_kinds[kind.part_of]["states"] if kind.part_of in all_kinds else {}
    for step in (kind.add, *kind.steps.values()):
        yield from (("under", f"上级记录没有“{one}”这个状态") for one in step.under if one not in parents)
        yield from ((step.code, why) for why in _wrong_step(kind, step))


def _wrong_columns(kind: KindContent) -> Iterator[tuple[str, str]]:
    types = {one.id: one.type for one in kind.fields()}
    for column, name in kind.columns.items():
        if column not in COLUMNS:
            yield "columns", f"没有“{column}”这一列"
        elif name not in COMPUTED.get(kind.code, ()) and types.get(name) not in COLUMNS[column]:
            yield "columns", f"“{name}”的类型不能进 {column} 列"


def _wrong_order(kind: KindContent, all_kinds: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    dates = {one.id for one in kind.fields() if one.type in DATES}
    if above := all_kinds.get(kind.part_of):
        rows = [*above["fields"], *(one for step in above.get("steps", {}).values() for one in step["fields"])]
        dates |= {f"{kind.part_of}.{one['id']}" for one in rows if one["type"] in DATES}
    for step in (kind.add, *kind.steps.values()):
        named = [*step.not_before, *(one for earlier in step.not_before.values() for one in earlier)]
        yield from (("not_before", f"“{one}”不是日期项") for one in named if one not in dates)


def _wrong_step(kind: KindContent, step: StepContent) -> Iterator[str]:
    yield from (f"没有“{one}”这个状态" for one in (*step.start, step.to) if one not in kind.states)
    yield from (f"by 只能是 {'、'.join(BY)}" for one in step.by if one not in BY)
    dates = {one.id for one in step.fields if one.type in DATES}
    yield from (f"past 里的“{one}”不是日期项" for one in step.past if one not in dates)
    if step.code != "add" and not step.start:
        yield "要写明从哪个状态来"
