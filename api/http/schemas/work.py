"""Shapes of calculators and papers: facts by the ids of their fields."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.http.schemas.chat import EntityIn

MAX_FACTS = 60
FactsGiven = dict[str, Any]


class CalculateIn(BaseModel):
    """Facts by field id; what is null or empty counts as not given."""

    facts: FactsGiven = Field(default={}, max_length=MAX_FACTS, examples=[{"worked": 38, "monthly_wage": 4500}])


class SaidIn(BaseModel):
    """Words of a person, with the entities the bot found in them."""

    text: str = Field(min_length=1, max_length=2000)
    entities: list[EntityIn] = Field(default=[], max_length=200)

    @property
    def found(self) -> list[dict[str, Any]]:
        return [one.model_dump() for one in self.entities]


class AnswerIn(SaidIn):
    field: str = Field(max_length=40)


class ReckoningOut(BaseModel):
    """`result` when nothing is missing, else what is missing and the field to `ask` for next.

    `worth_asking` are facts without which the result leaves out what matters most.
    """

    code: str
    title: str
    facts: dict[str, Any]
    missing: list[dict[str, Any]]
    ask: dict[str, Any] | None
    worth_asking: list[dict[str, Any]]
    result: dict[str, Any] | None


class PaperIn(BaseModel):
    """Blanks by field id; `ticket` fills what is not given."""

    fields: FactsGiven = Field(default={}, max_length=MAX_FACTS)
    ticket: str | None = Field(default=None, max_length=40)


class PaperReadOut(BaseModel):
    code: str
    title: str
    facts: dict[str, Any]
    missing: list[dict[str, Any]]
    ask: dict[str, Any] | None
    read_back: str
    door: str
    safety: str


class PaperOut(PaperReadOut):
    """`link` opens without logging in until `expires_at`."""

    id: str
    link: dict[str, str]
    link_note: str
    expires_at: datetime
