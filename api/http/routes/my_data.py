"""A person sees what is kept of their chat and has it erased; administrators see the proof."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api.db import erasures
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import Forbidden
from api.http import talk_view
from api.http.deps import AdminViewer, AppRuntime, Now, OptionalViewer, ReadSession
from api.http.runtime import Runtime
from api.http.schemas.chat import Channel, Identifier
from api.services import conversations, tickets
from api.services.erasure import ErasureDesk, retention_rules

router = APIRouter(prefix="/api/v1", tags=["my data"])


class KeptOut(BaseModel):
    what: str
    zh: str
    why: str
    basis: list[str]


class LineOut(BaseModel):
    role: str
    text: str
    at: datetime


class MyDataOut(BaseModel):
    """Everything kept of one conversation, and how long: `days` after which it is erased by itself."""

    messages: list[LineOut]
    since: datetime | None
    days: int
    tickets: list[str]
    kept: list[KeptOut]


class ErasedOut(BaseModel):
    """`text` is the answer to the person."""

    messages: int
    tickets: list[str]
    kept: list[KeptOut]
    text: str


class ErasureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: str
    kind_zh: str = ""
    channel: str
    subject: str
    messages: int
    oldest: datetime | None
    newest: datetime | None
    cutoff: datetime
    at: datetime
    actor: str


def desk_of(app: Runtime) -> ErasureDesk:
    return ErasureDesk(app.database, app.bot, app.settings.secret_key.get_secret_value().encode())


def kept() -> list[KeptOut]:
    return [KeptOut(**one) for one in retention_rules()["kept"]]


async def ticket_numbers(session: ReadSession, channel: str, sender: str) -> list[str]:
    own = Viewer.applicant(channel, sender)
    return await tickets.numbers_of(session, channel=channel, sender=sender, visible_to=own)


@router.get("/conversations/{channel}/{sender}/data")
async def see(channel: Channel, sender: Identifier, session: ReadSession, viewer: OptionalViewer) -> MyDataOut:
    """What is kept: every line of the chat, the tickets, and what stays after an erasure, with its reason."""
    conversation = await talk_view.opened(session, channel, sender, viewer)
    lines = await conversations.everything(session, conversation)
    return MyDataOut(
        messages=[LineOut(role=one.role, text=one.text, at=one.at) for one in lines],
        since=lines[0].at if lines else None,
        days=retention_rules()["chat_days"],
        tickets=await ticket_numbers(session, channel, sender),
        kept=kept(),
    )


@router.delete("/conversations/{channel}/{sender}")
async def erase(
    channel: Channel,
    sender: Identifier,
    app: AppRuntime,
    viewer: OptionalViewer,
    now: Now,
    when: Literal["now", "after_turn"] = "now",
) -> ErasedOut:
    """Erases the chat, also from the bot's memory; tickets stay, because the law makes a file of them.

    For the person, or for an operator who was asked to by them; nobody else of the staff. `after_turn`: asked for in
    the chat itself, so what was said up to now goes as soon as the answer is out.
    """
    if viewer and viewer.kind is ViewerKind.STAFF and not viewer.everything:
        raise Forbidden("只有本人，或者受本人委托的坐席能删除聊天记录。")
    async with app.database.reading() as session:
        await talk_view.opened(session, channel, sender, viewer)
        numbers = await ticket_numbers(session, channel, sender)
    if when == "after_turn":
        lines = await desk_of(app).after_this_turn(channel, sender, now=now)
        return ErasedOut(messages=lines, tickets=numbers, kept=kept(), text=told(lines, numbers, "wanted"))
    actor = viewer.actor if viewer else "applicant:web"
    done = await desk_of(app).on_request(channel, sender, actor=actor, now=now)
    return ErasedOut(messages=done.messages, tickets=numbers, kept=kept(), text=told(done.messages, numbers))


def told(messages: int, numbers: list[str], key: str = "erased") -> str:
    words: dict[str, Any] = retention_rules()["wording"]
    first: str = words[key].format(messages=messages) if messages else words["nothing"]
    rest: str = words["kept"].format(tickets="、".join(numbers)) if numbers else words["no_tickets"]
    return first + rest


@router.get("/erasures")
async def proof(
    session: ReadSession,
    _admin: AdminViewer,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ErasureOut]:
    """That chats were erased, when, how many lines of which days; not whose and not what."""
    kinds = retention_rules()["kinds"]
    rows = await erasures.listed(session, before=before, limit=limit)
    return [ErasureOut.model_validate(row).model_copy(update={"kind_zh": kinds[row.kind]}) for row in rows]
