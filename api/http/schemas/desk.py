"""Shapes of the dispute desk: tickets, routing preview, places, questions."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from api.http.schemas.chat import EntityIn

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlaceIn(Strict):
    county: Short | None = None
    town: Short | None = None
    village: Short | None = None
    group: Short | None = None


class PartyIn(Strict):
    name: Short | None = None
    phone: Short | None = None
    kind: Short | None = None


class TicketIn(Strict):
    """An application. `facts` take the keys of routing/preview."""

    channel: Literal["web", "hotline", "wechat", "chatwoot", "console", "import"] = Field(examples=["web"])
    sender: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
    category: Short = Field(examples=["neighbor"])
    subcategory: Short | None = Field(default=None, examples=["boundary"])
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    place: PlaceIn | None = None
    applicant: PartyIn | None = None
    respondent: PartyIn | None = None
    facts: dict[str, Any] = Field(default_factory=dict, examples=[{"parties_same_group": True}])
    crisis: Short | None = None


class MoveIn(Strict):
    """What a move may need: a reason, the receiving organisation, the mediator, the master ticket, the new level.

    `consents`: who agrees to an extension; `guidance`: where else to go; `version`: of the ticket as last seen.
    """

    note: Note = Field(default="", validation_alias=AliasChoices("note", "reason"))
    organisation: Short | None = None
    mediator: Short | None = None
    ticket: Short | None = None
    warning_level: Short | None = None
    consents: list[Literal["applicant", "respondent"]] = Field(default_factory=list, max_length=2)
    guidance: Note = ""
    version: int | None = Field(default=None, ge=0, le=2**31 - 1)


class FactsIn(Strict):
    facts: dict[str, Any] = Field(examples=[{"category": "neighbor", "town": "青石镇", "village": "东沟村"}])


class OrganisationOut(BaseModel):
    id: str
    name: str
    kind: str
    kind_zh: str


class MediatorOut(BaseModel):
    id: str
    name: str
    role: str


class DueOut(BaseModel):
    at: datetime
    text: str
    because: str
    basis: list[str]
    estimated: bool


class LegalOut(BaseModel):
    """A limit set by law, as of today. `question` asks for the first day while `starts` is not known; `ends` is the
    last day, moved off holidays; `steps` show the reckoning; `advice`: what to do when it is short or over."""

    key: str
    text: str
    because: str
    basis: list[str]
    starts: str | None
    ends: str | None
    left_days: int | None
    passed: bool
    question: str | None
    steps: list[str]
    notes: list[str]
    advice: str


class ReasonOut(BaseModel):
    text: str
    basis: list[str]


class RejectedOut(BaseModel):
    organisation: str
    why: str


class PartyOut(BaseModel):
    id: int
    role: str
    kind: str
    name: str | None
    phone: str | None
    represents: int | None


class EventOut(BaseModel):
    seq: int
    move: str
    move_zh: str
    at: datetime
    actor: str
    note: str
    changes: dict[str, Any]
    hash: str


class PlaceOut(BaseModel):
    county: str
    town: str
    village: str
    group: str
    label: str


class TicketSummary(BaseModel):
    """A line of a queue."""

    no: str
    status: str
    status_zh: str
    category: str
    category_zh: str
    subcategory: str
    subcategory_zh: str
    tier: str
    tier_zh: str
    organisation: OrganisationOut | None
    mediator: MediatorOut | None
    complexity: str
    warning_level: str
    flags: list[str]
    due: dict[str, DueOut]
    due_text: str
    outcome: str
    protective: bool
    crisis: str | None
    channel: str
    place: PlaceOut
    opened_at: datetime
    ended_at: datetime | None


class MissingOut(BaseModel):
    """A kind of record, in one of these states."""

    kind: str
    zh: str
    states: list[str]


class BlockedOut(BaseModel):
    """A step of the life cycle that cannot be taken yet: why, and which records it waits for."""

    move: str
    move_zh: str
    because: str
    basis: list[str]
    missing: list[MissingOut]


class TicketOut(TicketSummary):
    """`moves` can be made now, `blocked` cannot yet or no more."""

    reasons: list[str]
    explained: list[ReasonOut]
    rejected: list[RejectedOut]
    legal: list[LegalOut]
    parties: list[PartyOut]
    events: list[EventOut]
    moves: list[str]
    blocked: list[BlockedOut]
    similar: list[str]
    facts: dict[str, Any]
    text: str
    merged_into: str
    version: int
    rights: str
    check_code: str | None = None


class TicketPage(BaseModel):
    """`next` goes into `before` for the page after this one."""

    tickets: list[TicketSummary]
    next: int | None


class ReferralOut(BaseModel):
    code: str
    door: str
    deadline: str
    papers: list[str]
    text: str
    basis: list[str]


class RoutingOut(BaseModel):
    tier: str | None
    tier_zh: str | None
    organisation: OrganisationOut | None
    mediator: MediatorOut | None
    mediable: bool
    complexity: str
    warning_level: str
    due: dict[str, DueOut]
    reasons: list[str]
    explained: list[ReasonOut]
    flags: list[str]
    rejected: list[RejectedOut]
    referral: ReferralOut | None
    legal: list[LegalOut]
    notify: list[OrganisationOut]
    rights: str
    policy: str


class PlaceMatchOut(BaseModel):
    place: PlaceOut | None
    candidates: list[PlaceOut]


class QuestionOut(BaseModel):
    """`fact` names the routing fact that the answer gives; `values` maps button texts to its values."""

    key: str
    text: str
    buttons: list[str] = []
    fact: str | None = None
    type: str | None = None
    values: dict[str, Any] = {}


class QuestionsOut(BaseModel):
    questions: list[QuestionOut]


class OpenQuestionsIn(BaseModel):
    """What was told, and the entities found in it."""

    category: Short = Field(examples=["neighbor"])
    subcategory: Short | None = None
    text: str = Field(max_length=10_000)
    entities: list[EntityIn] = Field(default=[], max_length=200)


class KnownOut(BaseModel):
    """`answer` in words (a button's text where the question has buttons); `value` of the routing fact if it has one."""

    key: str
    question: str
    answer: str
    fact: str | None = None
    value: Any = None


class OpenQuestionsOut(BaseModel):
    """`beside`: facts of routing that the words tell although no question of this category asks for them."""

    questions: list[QuestionOut]
    known: list[KnownOut]
    beside: list[KnownOut] = []
