"""Papers of a ticket, filled from what is recorded on it: agreement, confirmation, cover and index of the case file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.casefile import FileItem, ItemState
from api.domain.deadline import LOCAL
from api.domain.errors import NotFound, TransitionNotAllowed
from api.domain.lifecycle import Status
from api.domain.policy import Policy
from api.services import casefile, tickets
from api.services.desk_rules import desk_rules
from api.services.papers import Draft, PaperDesk, sealing_committee
from api.services.record_book import record_book
from api.services.record_dates import zh_day
from api.services.routing import RoutingDesk
from knowledge_base.desk import HERE
from knowledge_base.statutes.catalogue import load_catalogue
from knowledge_base.templates import Paper, load_papers
from knowledge_base.templates.render import render

FOLDER = HERE / "papers"
FORMS = {"written": "mediation_agreement", "oral": "oral_agreement_record"}
MADE = ("agreement", "confirmation", "file_cover", "file_index")


@dataclass(frozen=True)
class Material:
    """A ticket with all that its papers are made from. `committee`: whose seal stands on them.

    `in_force`: the newest agreement in force. `agreement`: the one to print, which while they are talking is the draft.
    """

    ticket: TicketRow
    records: Sequence[RecordRow]
    policy: Policy
    committee: str | None

    @property
    def agreement(self) -> RecordRow | None:
        drafts = [row for row in self.records if (row.kind, row.state) == ("agreement", "draft")]
        talking = drafts and self.ticket.status == Status.MEDIATING
        return drafts[-1] if talking else self.in_force or (drafts[-1] if drafts else None)

    @property
    def in_force(self) -> RecordRow | None:
        found = [row for row in self.records if (row.kind, row.state) == ("agreement", "effective")]
        return found[-1] if found else None

    def last(self, kind: str, *, under: RecordRow | None = None) -> dict[str, Any]:
        """The content of the newest record of this kind (that hangs under another), empty when there is none."""
        found = [row for row in self.records if row.kind == kind and (under is None or row.parent_id == under.id)]
        return store.content_of(found[-1]) if found else {}

    def named(self, role: str) -> str | None:
        return "、".join(one.name for one in self.ticket.parties if one.role == role and one.name) or None

    def phone(self, role: str) -> str | None:
        return next((one.phone for one in self.ticket.parties if one.role == role and one.phone), None)


@cache
def file_papers() -> tuple[Mapping[str, Paper], Mapping[str, str]]:
    """Cover and index of the case file, with their fixed words. Raises KnowledgeError."""
    papers = load_papers(load_catalogue(), today=date.max, folder=FOLDER)
    return papers, yaml.safe_load((FOLDER / "wording.yml").read_text("utf-8"))


async def material(session: AsyncSession, no: str, desk: RoutingDesk, *, visible_to: Viewer) -> Material:
    """Without private notes: nothing sealed ever goes into a paper. Raises NotFound."""
    row = await tickets.get(session, no, visible_to=visible_to)
    rows = [one for one in await store.of_ticket(session, row.id) if one.kind != "caucus"]
    return Material(row, rows, desk.policy, sealing_committee(row, await desk.directory(session)))


async def document(
    session: AsyncSession, papers: PaperDesk, desk: RoutingDesk, no: str, code: str, *, visible_to: Viewer
) -> Draft:
    """The docx. Raises NotFound (ticket, kind of paper), TransitionNotAllowed without an agreement."""
    if code not in MADE:
        raise NotFound(f"没有这种材料：{code[:40]}")
    made_from = await material(session, no, desk, visible_to=visible_to)
    if code in ("agreement", "confirmation"):
        if code == "confirmation":
            return confirmation_paper(made_from, papers, in_force(made_from))
        return agreement_paper(made_from, papers, _to_print(made_from))
    own, wording = file_papers()
    facts = cover_facts(made_from)
    if code == "file_index":
        facts = index_facts(made_from, await casefile.state(session, made_from.ticket, "archive"))
    return Draft(own[code].title, render(own[code], facts, wording))


def agreement_paper(made_from: Material, papers: PaperDesk, agreement: RecordRow) -> Draft:
    """Written or oral, as it was recorded."""
    content = store.content_of(agreement)
    paper = papers.of(FORMS[content["form"]])
    facts = _common(made_from) | {
        "facts": content["facts"],
        "agreed": _terms(content),
        "performance": content.get("performance") or _as_listed(content),
        "signed_on": _day(content.get("effective_on") or content["agreed_on"]),
    }
    if agreement.state != "effective":
        return _filled(paper, facts, papers.wording)
    words = desk_rules().words["documents"]["in_force"]
    return _filled(replace(paper, door=words["door"]), facts, {**words, "draft": _signed(content, words)})


def _signed(content: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """That it is in force, and who signed: the copy made here does not carry their hands."""
    fields = record_book().content["agreement"].add.rows["signatures"].fields
    roles = {choice.value: choice.label for one in fields if one.id == "role" for choice in one.choices}
    signatures = "、".join(
        words["signature"].format(role=roles[one["role"]], name=one["name"], day=_zh(one["day"]))
        for one in content.get("signatures", [])
    )
    return str(words[content["form"]].format(day=_zh(content["effective_on"]), signatures=signatures))


def confirmation_paper(made_from: Material, papers: PaperDesk, agreement: RecordRow) -> Draft:
    content, applied = store.content_of(agreement), made_from.last("confirmation", under=agreement)
    facts = _common(made_from) | {
        "agreed_on": _day(content["effective_on"]),
        "agreed": _terms(content),
        "court": applied.get("court"),
        "signed_on": _day(applied["applied_on"]) if applied else None,
    }
    return _filled(papers.of("judicial_confirmation"), facts, papers.wording)


def cover_facts(made_from: Material) -> dict[str, Any]:
    row, archive = made_from.ticket, made_from.last("archive")
    category = made_from.policy.categories[row.category]
    subject = category.subcategories.get(row.subcategory, "")
    outcomes = desk_rules().words["documents"]["outcome"]
    facts = _common(made_from) | {
        "ticket_no": row.no,
        "title": "·".join(filter(None, (category.zh, subject))),
        "outcome": outcomes.get(row.outcome),
        "opened_on": row.opened_at.astimezone(LOCAL).date(),
        "ended_on": row.ended_at.astimezone(LOCAL).date() if row.ended_at else None,
        "file_no": archive.get("file_no"),
        "pages": archive.get("pages"),
        "archived_on": _day(archive["day"]) if archive else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def index_facts(made_from: Material, items: Sequence[ItemState]) -> dict[str, Any]:
    words = desk_rules().words["documents"]
    counted = Counter((row.kind, row.state) for row in made_from.records)
    lines = [f"{one.item.zh}，{_said(one, _copies(one.item, counted), words)}" for one in items]
    missing = "、".join(one.item.zh for one in items if one.missing)
    return {"ticket_no": made_from.ticket.no, "items": "\n".join(lines), "missing": missing or words["no_missing"]}


def _copies(item: FileItem, counted: Mapping[tuple[str, str], int]) -> int:
    """How many of its records have come to where they belong into the file: a meeting held, not one only planned."""
    wanted = item.states
    return sum(n for (kind, state), n in counted.items() if kind == item.of and (not wanted or state in wanted))


def _said(one: ItemState, count: int, words: Mapping[str, Any]) -> str:
    if one.present:
        return str(words["copies"].format(count=count) if one.item.source == "record" else words["present"])
    return str(words["lacking"] if one.needed else words["absent"])


def _to_print(made_from: Material) -> RecordRow:
    if made_from.agreement is None:
        raise TransitionNotAllowed("还没有登记调解协议", more={"allowed": ["agreement"]})
    return made_from.agreement


def in_force(made_from: Material) -> RecordRow:
    if made_from.in_force is None:
        _to_print(made_from)
        raise TransitionNotAllowed("协议还没有生效，不能申请司法确认", more={"allowed": ["take_effect"]})
    return made_from.in_force


def _common(made_from: Material) -> dict[str, Any]:
    row = made_from.ticket
    return {
        "applicant": made_from.named("applicant"),
        "applicant_phone": made_from.phone("applicant"),
        "respondent": made_from.named("respondent"),
        "respondent_phone": made_from.phone("respondent"),
        "mediator": row.mediator.name if row.mediator else None,
        "committee": made_from.committee,
    }


def _terms(content: Mapping[str, Any]) -> str:
    words = desk_rules().words["documents"]
    lines = [content["terms"]]
    for number, one in enumerate(content.get("obligations", []), 1):
        creditor = words["creditor"].format(name=one["creditor"]) if one.get("creditor") else ""
        amount = words["amount"].format(yuan=_plain(one["amount"])) if "amount" in one else ""
        due = _zh(one["due"])
        lines.append(
            words["duty"].format(
                number=number, debtor=one["debtor"], creditor=creditor, what=one["what"], amount=amount, due=due
            )
        )
    return "\n".join(lines)


def _as_listed(content: Mapping[str, Any]) -> str | None:
    return desk_rules().words["documents"]["performance"] if content.get("obligations") else None


def _filled(paper: Paper, facts: Mapping[str, Any], wording: Mapping[str, str]) -> Draft:
    """Only the blanks of this paper; what is not known stays marked on it. Values were checked when recorded."""
    known = {one.id for one in paper.fields}
    given = {name: value for name, value in facts.items() if name in known and value is not None}
    return Draft(paper.title, render(paper, given, wording))


def _plain(amount: float) -> str:
    return f"{Decimal(str(amount)):f}"


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _zh(text: str) -> str:
    return zh_day(_day(text))
