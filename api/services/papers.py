"""Papers as the desk offers them: blanks in, a draft behind a signed link that expires."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import yaml
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import papers
from api.db.tables.desk import TicketRow
from api.db.tables.papers import PaperRow
from api.domain.access import Viewer, ViewerKind
from api.domain.errors import NotFound
from api.domain.organisation import Directory, OrganisationKind
from api.domain.tier import Tier
from api.services import tickets
from api.services.calculating import answered, jsonable, refused
from api.services.routing import RoutingDesk
from knowledge_base import reading
from knowledge_base.fields import FactError, Field, check_all, described, spoken
from knowledge_base.statutes.catalogue import Catalogue
from knowledge_base.templates import FOLDER, Paper, load_papers
from knowledge_base.templates.render import render

SALT = "paper-link"
GONE = "这个下载链接不对或者已经过期。请回到聊天里重新写一份。"


@dataclass(frozen=True)
class Draft:
    """A finished docx and the name it is saved under."""

    title: str
    content: bytes

    @property
    def disposition(self) -> str:
        return f"attachment; filename*=UTF-8''{quote(self.title)}.docx"


@dataclass(frozen=True)
class PaperDesk:
    """One per process. `secret` signs the links, which live for `hours`; `public_url` stands before them if set."""

    papers: Mapping[str, Paper]
    wording: Mapping[str, str]
    secret: str
    hours: int
    public_url: str = ""

    def listing(self) -> list[dict[str, Any]]:
        return [
            {"code": one.code, "title": one.title, "door": one.door, "fields": [described(f) for f in one.fields]}
            for one in self.papers.values()
        ]

    def of(self, code: str) -> Paper:
        found = self.papers.get(code)
        if found is None:
            raise NotFound(f"没有这种文书：{code[:40]}")
        return found

    def read(self, code: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is known, read back, and what is still to be asked. Nothing is stored."""
        paper = self.of(code)
        facts = self._checked(paper, given)
        missing = paper.missing(facts)
        return {
            "code": code,
            "title": paper.title,
            "facts": jsonable(facts),
            "missing": [described(one) for one in missing],
            "ask": described(missing[0]) if missing else None,
            "read_back": self._read_back(paper, facts),
            "door": paper.door,
            "safety": paper.safety,
        }

    def render(self, code: str, given: Mapping[str, Any]) -> Draft:
        paper = self.of(code)
        return Draft(paper.title, render(paper, self._checked(paper, given), self.wording))

    def prefill(self, code: str, text: str, entities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Sums and dates a message already names; a telephone number there may be anybody's and is not taken."""
        fields = [one for one in self.of(code).fields if one.required and one.type != "text"]
        return jsonable(reading.prefill(fields, text, entities))

    def answer(self, code: str, field_id: str, text: str, entities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return answered(self.of(code).fields, field_id, text, entities)

    def token(self, paper_id: str) -> str:
        return str(URLSafeSerializer(self.secret, salt=SALT).dumps(paper_id))

    def paper_id(self, token: str) -> str:
        """Raises NotFound for a forged token."""
        try:
            return str(URLSafeSerializer(self.secret, salt=SALT).loads(token))
        except BadSignature as error:
            raise NotFound(GONE) from error

    def _checked(self, paper: Paper, given: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return check_all(paper.fields, given)
        except FactError as error:
            raise refused(error) from error

    def _read_back(self, paper: Paper, facts: Mapping[str, Any]) -> str:
        lines = [self.wording["read_back"].format(title=paper.title)]
        lines += [f"· {one.label}：{spoken(one, facts[one.id])}" for one in paper.fields if one.id in facts]
        if empty := [one.label for one in paper.fields if one.id not in facts]:
            lines.append(self.wording["blank_line"].format(labels="、".join(dict.fromkeys(empty))))
        return "\n".join([*lines, f"{self.wording['hand_in']}：{paper.door}", self.wording["draft"]])


async def make(
    session: AsyncSession,
    desk: PaperDesk,
    routing: RoutingDesk,
    code: str,
    given: Mapping[str, Any],
    *,
    ticket_no: str | None,
    visible_to: Viewer,
    at: datetime,
) -> dict[str, Any]:
    """Keeps the draft and gives its link. From a ticket only what this viewer may see of it goes in."""
    known: dict[str, Any] = {}
    if ticket_no:
        row = await tickets.get(session, ticket_no, visible_to=visible_to)
        committee = sealing_committee(row, await routing.directory(session))
        known = from_ticket(desk.of(code).fields, row, committee, visible_to)
    read = desk.read(code, {**known, **given})
    paper_id = secrets.token_urlsafe(24)
    stored = PaperRow(
        id=paper_id,
        code=code,
        facts=json.dumps(read["facts"], ensure_ascii=False),
        ticket_no=ticket_no,
        made_at=at,
        expires_at=at + timedelta(hours=desk.hours),
    )
    await papers.keep(session, stored)
    link = {
        "title": desk.wording["link_title"].format(title=read["title"]),
        "url": f"{desk.public_url.rstrip('/')}/papers/{desk.token(paper_id)}",
    }
    note = desk.wording["link"].format(hours=desk.hours)
    return {**read, "id": paper_id, "link": link, "link_note": note, "expires_at": stored.expires_at}


async def fetch(session: AsyncSession, desk: PaperDesk, token: str, *, at: datetime) -> Draft:
    """The docx behind a link; a forged, unknown or expired one answers alike."""
    row = await papers.find(session, desk.paper_id(token), at=at)
    if row is None:
        raise NotFound(GONE)
    return desk.render(row.code, json.loads(row.facts))


def sealing_committee(row: TicketRow, directory: Directory) -> str | None:
    """Whose seal stands on its papers: a grid station mediates for the committee of its village (人民调解法 29)."""
    if row.organisation is None or row.organisation.tier != Tier.GROUP:
        return row.organisation.name if row.organisation else None
    station = directory.get(str(row.organisation_id))
    places = station.serves if station else ()
    found = (one for place in places for one in directory.serving(place, OrganisationKind.VILLAGE_COMMITTEE))
    return next((one.name for one in found), None)


def from_ticket(fields: Sequence[Field], row: TicketRow, committee: str | None, viewer: Viewer) -> dict[str, Any]:
    """What the ticket already holds for these blanks; the other side's telephone is never given to an applicant."""
    parties = {party.role: party for party in reversed(row.parties)}
    applicant, respondent = parties.get("applicant"), parties.get("respondent")
    staff = viewer.kind is not ViewerKind.APPLICANT
    values = {
        "applicant.name": applicant.name if applicant else None,
        "applicant.phone": applicant.phone if applicant else None,
        "respondent.name": respondent.name if respondent else None,
        "respondent.phone": respondent.phone if respondent and staff else None,
        "organisation": committee,
        "amount": row.facts.get("amount_yuan"),
        "text": row.text[:600],
    }
    return {one.id: value for one in fields if (value := values.get(one.ticket)) not in (None, "")}


def open_papers(catalogue: Catalogue, *, secret: str, hours: int, today: date, public_url: str = "") -> PaperDesk:
    """Raises KnowledgeError when a paper is not fit to be used."""
    wording = yaml.safe_load((FOLDER / "wording.yml").read_text(encoding="utf8"))
    return PaperDesk(load_papers(catalogue, today=today), wording, secret, hours, public_url)
