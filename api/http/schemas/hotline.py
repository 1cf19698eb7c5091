"""Shapes of the hotline."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.http.schemas.chat import CallbackOut, Identifier, MessageOut
from api.http.schemas.desk import PartyIn, PlaceIn, PlaceOut, Short, TicketSummary

Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)]


class CallEventIn(BaseModel):
    """What the exchange tells; `call_id` is its own number of the call. Events may come twice and in any order."""

    call_id: Identifier
    event: Literal["ringing", "answered", "ended", "missed"]
    phone: Phone = ""
    at: datetime | None = None


class CallIn(BaseModel):
    """A call that no exchange told of: the operator picked up an ordinary telephone."""

    phone: Phone = ""


class CallOut(BaseModel):
    id: int
    sender: str
    phone: str | None
    status: str
    operator: str | None
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    summary: str | None


class CallbackNote(BaseModel):
    id: int
    due_text: str
    wish: str
    operator: str | None


class CallerOut(BaseModel):
    """One screen: the call, what was `noted` in it so far, and what is known about who rings."""

    call: CallOut
    tickets: list[TicketSummary]
    calls: list[CallOut]
    lines: list[MessageOut]
    noted: list[MessageOut]
    callback: CallbackNote | None


class LineIn(BaseModel):
    message_id: Identifier
    text: str


class LikeOut(BaseModel):
    no: str
    points: float
    why: list[str]


class BatchOut(BaseModel):
    respondent: str
    tickets: list[str]
    count: int
    offered: bool


class CardOut(BaseModel):
    """A curated answer with the articles it rests on."""

    entry: str
    title: str
    text: str
    steps: list[str]
    evidence: list[str]
    citations: list[str]


class HintsOut(BaseModel):
    text: str
    act: str
    category: str | None
    category_zh: str | None
    subcategory: str | None
    subcategory_zh: str | None
    warning_level: str | None
    crisis: str | None
    help: list[str]
    mediable: bool
    referral: dict[str, Any] | None
    card: CardOut | None
    others: list[str]
    questions: list[str]
    place: PlaceOut | None
    respondent: str
    phone: str | None
    similar: list[LikeOut]
    batch: BatchOut | None


class LineOut(BaseModel):
    """`ticket_no`: a protective ticket that the line itself opened. `hints` is null when the bot cannot read now."""

    ticket_no: str | None
    help: list[str]
    hints: HintsOut | None


class QuickTicketIn(BaseModel):
    """What is left out is taken from the hints of this call."""

    category: Short | None = None
    subcategory: Short | None = None
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    place: PlaceIn | None = None
    applicant: PartyIn | None = None
    respondent: PartyIn | None = None
    facts: dict[str, Any] = Field(default_factory=dict)


class CloseIn(BaseModel):
    """An empty summary is written from what was said."""

    outcome: Literal["ticket", "answered", "callback", "out_of_scope", "crisis", "dropped"]
    summary: str = Field(default="", max_length=2000)


class ClocksOut(BaseModel):
    calls: int
    answered: int
    in_time: int
    mean_seconds: float | None
    waiting: int
    out_of_scope: int


class QueuedOut(BaseModel):
    """A conversation that waits for a human: why, since when, who answers it, what was said last."""

    channel: str
    sender: str
    owner: str
    attention: str | None
    reason: str
    operator: str | None
    since: datetime | None
    last: str


class DeskOut(BaseModel):
    """`callbacks` counts `wanted`; `talks` has danger first, then who waits longest."""

    calls: list[CallOut]
    callbacks: int
    clocks: ClocksOut
    talks: list[QueuedOut]
    wanted: list[CallbackOut]
