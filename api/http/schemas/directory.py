"""Shapes of the directory: places, organisations, members, committees, policy."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from api.http.schemas.desk import OrganisationOut, PlaceIn, PlaceOut, ReasonOut, RejectedOut, Strict

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Count = Annotated[int, Field(ge=0, le=100_000_000)]


class PlaceFactsIn(Strict):
    division_code: Text | None = None
    population: Count | None = None
    households: Count | None = None


class PlaceNewIn(PlaceFactsIn):
    place: PlaceIn


class PlaceEditIn(PlaceFactsIn):
    revision: int


class ChangeIn(Strict):
    """`on`: the day from which it holds, not later than today."""

    on: date
    note: Text = ""


class RenameIn(ChangeIn):
    name: Name


class MoveIn(ChangeIn):
    to: Id
    name: Text = ""


class MergeIn(ChangeIn):
    places: Annotated[list[Id], Field(min_length=2, max_length=50)]
    name: Name
    groups: dict[Id, Name] = Field(default_factory=dict)


class PlaceRowOut(Strict):
    id: int
    place: PlaceOut
    division_code: str | None
    population: int | None
    households: int | None
    active: bool
    merged_into: int | None
    revision: int


class PlaceChangeOut(Strict):
    kind: str
    source: str
    target: str | None
    on: date
    at: datetime
    actor: str
    note: str


class SpanIn(Strict):
    since: AwareDatetime
    until: AwareDatetime


class OrganisationIn(Strict):
    """Fields that are left out stay as they are (or empty, for a new one)."""

    name: Name | None = None
    kind: Text | None = None
    tier: Text | None = None
    serves: list[Id] | None = None
    subjects: list[Text] | None = None
    parent: Id | None = None
    phone: Text | None = None
    address: Text | None = None
    office_hours: Text | None = None
    active: bool | None = None


class OrganisationEditIn(OrganisationIn):
    revision: int


class MemberIn(Strict):
    name: Name | None = None
    role: Text | None = None
    seat: Text | None = None
    woman: bool | None = None
    username: Text | None = None
    password: Annotated[str, StringConstraints(max_length=256)] | None = None
    phone: Text | None = None
    takes_cases: bool | None = None
    specialties: list[Text] | None = None
    languages: list[Text] | None = None
    relations: list[Text] | None = None
    household: Text | None = None
    duty_days: list[Annotated[int, Field(ge=0, le=6)]] | None = None
    load_limit: Annotated[int, Field(ge=0, le=10_000)] | None = None
    active: bool | None = None
    absences: list[SpanIn] | None = None
    shifts: list[SpanIn] | None = None


class MemberEditIn(MemberIn):
    revision: int


class RegisterIn(Strict):
    revision: int
    seats: Annotated[int, Field(ge=0, le=99)]
    elected_on: date | None = None
    term_ends_on: date | None = None
    elected_by: Text = ""
    multi_ethnic: bool = False
    minority_member: bool = False
    checklist: list[Text] = Field(default_factory=list)


class GapOut(Strict):
    code: str
    text: str
    basis: list[str]


class MemberOut(Strict):
    id: int
    name: str
    role: str
    role_zh: str
    seat: str
    woman: bool
    username: str | None
    phone: str | None
    takes_cases: bool
    specialties: list[str]
    languages: list[str]
    relations: list[str]
    household: str | None
    duty_days: list[int]
    load: int
    load_limit: int
    active: bool
    revision: int
    absences: list[SpanIn]
    shifts: list[SpanIn]


class OrganisationRowOut(Strict):
    id: int
    name: str
    kind: str
    kind_zh: str
    tier: str
    serves: list[PlaceOut]
    subjects: list[str]
    parent: int | None
    phone: str | None
    address: str | None
    office_hours: str | None
    active: bool
    revision: int


class OrganisationWholeOut(OrganisationRowOut):
    members: list[MemberOut]
    committee: dict[str, Any] | None
    gaps: list[GapOut]


class CommitteeOut(Strict):
    organisation: OrganisationOut
    seats: int | None
    elected_on: date | None
    women: int
    gaps: list[GapOut]


class PolicyOut(Strict):
    version: str
    changed: bool
    problems: list[str]


class OverrideIn(Strict):
    organisation: Text = ""
    mediator: Text = ""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class RoutingRecordOut(Strict):
    at: datetime
    kind: str
    policy: str
    tier: str
    organisation: int | None
    mediator: int | None
    flags: list[str]
    reasons: list[ReasonOut]
    rejected: list[RejectedOut]
    actor: str
    note: str


class LikenessOut(Strict):
    no: str
    points: int
    why: list[str]


class BatchOut(Strict):
    respondent: str
    count: int
    tickets: list[str]
    offered: bool


class SimilarOut(Strict):
    duplicates: list[LikenessOut]
    batch: BatchOut | None


class RowErrorOut(Strict):
    sheet: str
    row: int
    column: str
    why: str


class ImportOut(Strict):
    dry_run: bool
    created: dict[str, int]
    updated: dict[str, int]
    unchanged: dict[str, int]
    errors: list[RowErrorOut]
    text: str
