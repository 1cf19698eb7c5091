"""Shapes of triage, ask and statute search."""

from typing import Any

from pydantic import BaseModel, Field, model_validator

from api.http.schemas.chat import ParseIn

MAX_TEXT = 10_000
MAX_TEXTS = 256


class TriageIn(BaseModel):
    """One text or up to 256 of them."""

    text: str | None = Field(default=None, max_length=MAX_TEXT, examples=["村里要把我家三亩地收走"])
    texts: list[str] | None = Field(default=None, max_length=MAX_TEXTS)
    parse: ParseIn | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> "TriageIn":
        if (self.text is None) == (self.texts is None):
            raise ValueError("text or texts")
        if any(len(text) > MAX_TEXT for text in self.texts or ()):
            raise ValueError("texts")
        return self


class AskIn(BaseModel):
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    parse: ParseIn | None = None


class FollowUpIn(BaseModel):
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    story: str = Field(min_length=1, max_length=MAX_TEXT)
    entry: str | None = None


class StatuteOut(BaseModel):
    id: str
    law: str
    label: str
    text: str
    effective: str
    score: float
    warning: str | None = None


Triage = dict[str, Any]
