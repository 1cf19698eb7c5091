"""随手调: a phone sends what was settled on the spot, now or when it has a network again."""

import base64
import binascii
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, StringConstraints

from api.domain.errors import Forbidden, InvalidInput
from api.domain.organisation import Place
from api.http.deps import AppRuntime, Now, StaffViewer
from api.http.desk_deps import CurrentDesk
from api.http.routes.evidence import RULES as EVIDENCE_RULES
from api.http.routes.evidence import files_of
from api.http.routes.tickets import party
from api.http.runtime import Runtime
from api.http.schemas.desk import PartyIn, PlaceIn, Short, Strict
from api.services.antivirus import scan
from api.services.quick import QuickDesk, QuickEntry
from api.services.quick_reading import read_note
from knowledge_base.desk.quick import load_quick

router = APIRouter(prefix="/api/v1/quick-mediations", tags=["quick mediations"])
RULES = load_quick()
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class SignatureIn(Strict):
    """A PNG in base64, with or without `data:image/png;base64,` before it."""

    who: Literal["applicant", "respondent"]
    png: str = Field(max_length=RULES["signature_bytes"] * 2)


class QuickIn(Strict):
    """`id` is made by the phone once and sent again on every retry; `at` is when it was written there."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,80}$")] = Field(examples=["3f1c2a90-5b7d"])
    at: AwareDatetime
    what: Words = Field(examples=["两家因为院墙滴水吵起来"])
    result: Short = Field(examples=["agreed"])
    outcome: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    category: Short = ""
    subcategory: Short = ""
    place: PlaceIn | None = None
    applicant: PartyIn | None = None
    respondent: PartyIn | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    signatures: list[SignatureIn] = Field(default=[], max_length=2)


class QuickBatch(Strict):
    entries: list[QuickIn] = Field(min_length=1, max_length=RULES["most_entries"])


class QuickOut(Strict):
    """`state`: closed, failed, refused, routed, protective, or error (then `error` is its code)."""

    id: str
    state: str
    no: str | None
    text: str
    error: str | None


class QuickResults(Strict):
    results: list[QuickOut]


class NoteIn(Strict):
    text: Words


class NoteOut(Strict):
    category: str | None
    subcategory: str | None
    crisis: str | None
    place: dict[str, str] | None
    result: str | None


async def judged(app: Runtime, text: str) -> dict[str, Any]:
    return app.triage.judge(text, (await app.bot.parse([text]))[0])


@router.post("/read")
async def read(body: NoteIn, app: AppRuntime, _staff: StaffViewer) -> NoteOut:
    """What a spoken note already says, to fill the form with; nothing is stored."""
    found = await judged(app, body.text)
    async with app.database.reading() as session:
        return NoteOut(**await read_note(session, body.text, found, RULES))


@router.post("")
async def sync(body: QuickBatch, app: AppRuntime, desk: CurrentDesk, viewer: StaffViewer, now: Now) -> QuickResults:
    """One result per entry, in order. The same id again answers with the ticket that is already there."""
    if not viewer.organisation:
        raise Forbidden(RULES["wording"]["nobody"])
    entries = [await entry_of(app, one) for one in body.entries]
    quick = QuickDesk(
        desk, RULES, lambda text: [hit.kind for hit in app.crisis.check(text)], files_of(app.settings), EVIDENCE_RULES
    )
    async with app.database.transaction() as session:
        done = await quick.sync(session, entries, by=viewer, at=now)
    return QuickResults(results=[QuickOut(**asdict(one)) for one in done])


async def entry_of(app: Runtime, body: QuickIn) -> QuickEntry:
    """Without a category the triage gives one; the bot is asked before any transaction is open."""
    category, subcategory = body.category, body.subcategory
    if not category:
        note = await judged(app, f"{body.what}。{body.outcome}")
        category = note["category"] if note["category"] != "out_of_scope" else ""
        subcategory = (note["subcategory"] if category else "") or ""
    place = Place(**body.place.model_dump(exclude_none=True)) if body.place else Place()
    at: datetime = body.at
    return QuickEntry(
        id=body.id,
        at=at,
        what=body.what,
        result=body.result,
        outcome=body.outcome,
        category=category or "",
        subcategory=subcategory,
        place=place,
        applicant=party(body.applicant, "person"),
        respondent=party(body.respondent, "person"),
        facts=body.facts,
        signatures=tuple([(one.who, await picture(app, one.png)) for one in body.signatures]),
    )


async def picture(app: Runtime, png: str) -> bytes:
    try:
        content = base64.b64decode(png.partition("base64,")[2] or png, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("签名图片读不出来，请重签一次", code="broken_image") from error
    if len(content) > RULES["signature_bytes"]:
        raise InvalidInput("签名图片太大，请重签一次", code="too_large")
    await scan(app.settings.antivirus_command, content)
    return content
