"""Shapes of the work beside tickets."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from api.http.schemas.desk import Note, PlaceIn, PlaceOut, Short, Strict

Fields = Annotated[dict[str, Any], Field(max_length=40)]


class WorkIn(Strict):
    """`fields` as the kind describes them; `organisation` is the viewer's own unless named."""

    place: PlaceIn = Field(examples=[{"town": "青石镇", "village": "东沟村"}])
    fields: Fields = Field(examples=[{"period": "monthly", "starts": "2026-11-01", "ends": "2026-11-30"}])
    organisation: Short = ""
    owner: Short = ""
    parent: Short = ""
    tickets: list[Short] = Field(default=[], max_length=50)


class WorkChangeIn(Strict):
    """`version` as it was read: a change on top of somebody else's is refused."""

    fields: Fields = Field(default_factory=dict)
    note: Note = ""
    version: int | None = Field(default=None, ge=1)


class NamedOut(Strict):
    id: str
    name: str


class WorkEventOut(Strict):
    seq: int
    move: str
    move_zh: str
    at: datetime
    actor: str
    note: str
    changes: dict[str, Any]
    words: dict[str, Any]


class WorkOut(Strict):
    """A line of a list."""

    no: str
    kind: str
    kind_zh: str
    status: str
    status_zh: str
    place: PlaceOut
    organisation: NamedOut
    owner: NamedOut | None
    parent: str | None
    day: date
    due: date | None
    overdue: bool
    fields: dict[str, Any]
    tickets: list[str]
    version: int


class StepOut(Strict):
    code: str
    zh: str
    needs: list[str]
    note: bool


class FlagOut(Strict):
    """A passage of a covenant that the law does not allow, with what to write instead."""

    code: str
    passage: str
    text: str
    advice: str
    basis: list[str]


class CovenantIn(Strict):
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class WorkWhole(WorkOut):
    moves: list[StepOut]
    flags: list[FlagOut]
    events: list[WorkEventOut]


class WorkPage(Strict):
    """`next` goes into `before` for the page after this one."""

    records: list[WorkOut]
    next: int | None


class SumOut(Strict):
    town: str
    village: str
    records: int
    sums: dict[str, int]


class SumsOut(Strict):
    kind: str
    records: int
    sums: dict[str, int]
    places: list[SumOut]


class KindOut(Strict):
    """What a form needs to know; `counts` are the fields that add up."""

    code: str
    zh: str
    level: int
    seen_by: str
    owned: bool
    parents: list[str]
    fields: list[dict[str, Any]]
    statuses: dict[str, str]
    moves: list[StepOut]
    counts: list[str]
    basis: list[str]
