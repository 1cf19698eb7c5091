"""Shapes of the chat and conversation endpoints."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Channel = Literal["web", "hotline", "wechat"]
Identifier = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class MessageIn(BaseModel):
    """One message of a villager. `message_id` names a retry: the same id gets the same answer."""

    channel: Channel = Field(examples=["web"])
    sender: Identifier = Field(examples=["d7c1b6f0-9a35-4a3c-8a3e-0c9a3f5d2b11"])
    message_id: Identifier = Field(examples=["m-1"])
    text: str = Field(examples=["包工头欠我三个月工资"])


class ReplyOut(BaseModel):
    text: str
    buttons: list[dict[str, str]] = []
    links: list[dict[str, str]] = []


class TurnOut(BaseModel):
    replies: list[ReplyOut]
    owner: Literal["bot", "human"]
    ticket_no: str | None = None
    crisis: str | None = None
    message_ids: list[int] = []


class MessageOut(BaseModel):
    id: int
    role: Literal["user", "bot", "staff"]
    text: str
    buttons: list[dict[str, str]] = []
    links: list[dict[str, str]] = []
    at: datetime


class ConversationOut(BaseModel):
    owner: Literal["bot", "human"]
    tickets: list[str]
    crisis: list[str]
    messages: list[MessageOut]


class HandoffIn(BaseModel):
    reason: str = Field(default="", max_length=200)


class HandoffOut(BaseModel):
    owner: Literal["human"]
    ahead: int


class StaffReplyIn(BaseModel):
    text: str = Field(min_length=1, max_length=2000)


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class IntentIn(Part):
    name: str | None = None
    confidence: float = Field(default=0.0, ge=0, le=1)


class EntityIn(Part):
    entity: str
    value: Any = None
    text: str | None = None


class CategoryIn(Part):
    category: str | None = None
    subcategory: str | None = None
    confidence: float = Field(default=0.0, ge=0, le=1)


class CategoriesIn(CategoryIn):
    alternatives: list[CategoryIn] = []


class ParseIn(Part):
    """What the bot's NLU made of a text; sent by the actions so that nothing is parsed twice."""

    intent: IntentIn = IntentIn()
    entities: list[EntityIn] = Field(default=[], max_length=200)
    triage: CategoriesIn = CategoriesIn()
