"""A photo out of the chat: it goes on the visitor's open ticket, or is refused with the reason."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.domain.access import Viewer
from api.domain.conversation import Reply
from api.domain.errors import InvalidInput, Unauthenticated
from api.http import talk_view
from api.http.deps import AppRuntime, Now, WriteSession
from api.http.routes.evidence import RULES, files_of, sent_file
from api.http.schemas.chat import Channel, Identifier
from api.services import conversations, evidence
from api.services.antivirus import scan
from api.services.sent_photos import open_ticket_of
from knowledge_base.operators import load_operator_rules

router = APIRouter(prefix="/api/v1", tags=["chat"])


class PhotoOut(BaseModel):
    ticket_no: str
    name: str
    text: str


@router.post("/conversations/{channel}/{sender}/photos", status_code=201)
async def add(
    channel: Channel, sender: Identifier, request: Request, session: WriteSession, app: AppRuntime, now: Now
) -> PhotoOut:
    """multipart/form-data with one part `file`; for web visitors, whose id is their key.

    Nothing is kept before there is a ticket: 422 `no_ticket`.
    """
    if not talk_view.own(channel, sender):
        raise Unauthenticated("请在自己的聊天窗口里发照片。")
    visitor, say = Viewer.applicant(channel, sender), load_operator_rules().say
    ticket = await open_ticket_of(session, channel, sender)
    if ticket is None:
        raise InvalidInput(say["photo_without_ticket"], code="no_ticket")
    name, content = await sent_file(request)
    await scan(app.settings.antivirus_command, content)
    files = files_of(app.settings)
    kept = await evidence.add(session, files, RULES, ticket.no, name=name, content=content, by=visitor, at=now)
    receipt = say["photo_kept"].format(no=ticket.no)
    talk = await conversations.get(session, channel, sender)
    await conversations.tell(session, talk, Reply(f"[照片] {kept.name}"), role="user", at=now)
    await conversations.tell(session, talk, Reply(receipt), role="bot", at=now)
    return PhotoOut(ticket_no=ticket.no, name=kept.name, text=receipt)
