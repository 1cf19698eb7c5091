"""Shapes of the chat and conversation endpoints."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Channel = Literal["web", "hotline", "wechat", "chatwoot"]
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


class CardOut(BaseModel):
    """A ticket as the villager sees it in the chat."""

    no: str
    status_zh: str
    category_zh: str
    organisation: str
    due_text: str


class WaitingOut(BaseModel):
    """`ahead` is null when nobody is waited for; `text` is for the villager."""

    ahead: int | None
    open_now: bool
    text: str


class StateOut(BaseModel):
    owner: Literal["bot", "human"]
    waiting: WaitingOut


class ConversationOut(BaseModel):
    owner: Literal["bot", "human"]
    tickets: list[str]
    cards: list[CardOut] = []
    waiting: WaitingOut
    crisis: list[str]
    messages: list[MessageOut]


class HandoffIn(BaseModel):
    """`known`: what has been gathered so far, by Chinese label."""

    reason: str = Field(default="", max_length=200)
    known: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=1000)]] = Field(
        default={}, max_length=30
    )


class HandoffOut(BaseModel):
    """`text` says to the villager when somebody is there."""

    owner: Literal["human"]
    ahead: int
    open_now: bool = True
    text: str = ""


class OwnerOut(BaseModel):
    owner: Literal["bot", "human"]
    operator: str | None = None


class MarkIn(BaseModel):
    kind: Literal["abuse", "out_of_scope"]
    note: str = Field(default="", max_length=500)


class MarkOut(BaseModel):
    kind: str
    rest_until: datetime | None


class CallbackIn(BaseModel):
    phone: str = Field(max_length=40)
    wish: str = Field(default="", max_length=200)


class CallbackOut(BaseModel):
    """`operator`: who spoke to them before and should ring, if on duty."""

    id: int
    channel: str
    sender: str
    phone: str
    wish: str
    operator: str | None
    due_at: datetime
    due_text: str
    status: str
    note: str | None


class CallbackKept(BaseModel):
    due_at: datetime
    text: str


class DoneIn(BaseModel):
    note: str = Field(default="", max_length=500)


class SummaryLine(BaseModel):
    label: str
    text: str


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
