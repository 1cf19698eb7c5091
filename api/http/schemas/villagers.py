"""Shapes of what villagers do with tickets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.http.schemas.desk import Strict, TicketOut

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class ClaimIn(Strict):
    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] = Field(examples=["042317"])


class ClaimOut(BaseModel):
    """`side`: applicant or respondent. Of a ticket the other party sees no more than this."""

    no: str
    side: str
    category_zh: str


class CodesOut(BaseModel):
    """`respondent` is None where the other side must not come near (protective tickets)."""

    applicant: str
    respondent: str | None


class StatementIn(Strict):
    text: Words
    refuses: bool = False


class ReasonIn(Strict):
    reason: Words


class ContactIn(Strict):
    """How somebody can be reached who left nothing when they applied; `note` as they said it."""

    phone: Annotated[str, StringConstraints(pattern=r"^1[3-9]\d{9}$")] = Field(examples=["13800138001"])
    name: Annotated[str, StringConstraints(max_length=20)] = ""
    note: Words


class ChangedOut(BaseModel):
    """`changed` False: nobody else was there, the ticket went one tier up."""

    ticket: TicketOut
    changed: bool


class RatingIn(Strict):
    score: Literal["satisfied", "fair", "dissatisfied"]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class RatingOut(BaseModel):
    score: str
    at: datetime


class MattersIn(BaseModel):
    text: str = Field(min_length=1, max_length=10_000)
