"""From an application to a routed, numbered, stored ticket."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import routing_log, tickets
from api.db.tables.desk import PartyRow, TicketRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL, LegalClock
from api.domain.errors import Conflict, InvalidInput
from api.domain.facts import A_PERSON, BODIES, DisputeFacts
from api.domain.history import open_ticket as open_in_domain
from api.domain.organisation import Place
from api.domain.policy import Policy
from api.domain.routing import RoutingDecision
from api.domain.ticket import Ticket
from api.domain.tier import Tier
from api.services import clocks, counting
from api.services.count_rules import count_rules
from api.services.record_book import record_book
from api.services.respondents import body_kind
from api.services.routing import RoutingDesk, Turn, located, with_parties
from knowledge_base.fields import FactError, check_all

MAX_TEXT = 4000


@dataclass(frozen=True)
class Applicant:
    name: str | None = None
    phone: str | None = None
    kind: str = "person"


@dataclass(frozen=True)
class Application:
    """What was asked for, as it was asked; `facts` in the words of routing (DisputeFacts.from_mapping)."""

    channel: str
    sender: str
    category: str
    subcategory: str
    text: str
    place: Place = field(default_factory=Place)
    applicant: Applicant | None = None
    respondent: Applicant | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    crisis: str | None = None

    @property
    def fingerprint(self) -> str:
        """The same content gives the same value, so that a reused key with other content shows."""
        content = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()

    def routing_facts(self) -> dict[str, Any]:
        given = dict(self.facts)
        given |= {"category": self.category, "subcategory": self.subcategory, "crisis": self.crisis}
        given |= {level: getattr(self.place, level) or given.get(level) for level in ("town", "village", "group")}
        if self.respondent and self.respondent.kind in BODIES and not given.get("respondent_org"):
            given["respondent_org"] = self.respondent.name
        return {key: value for key, value in given.items() if value is not None}


def check_parties(application: Application) -> None:
    """As the party's record on the ticket would. Raises InvalidInput naming the field (applicant.phone).

    Not asked in danger, which does not wait for a better number.
    """
    if application.crisis:
        return
    fields = record_book().step("party", "add").fields
    for role, one in (("applicant", application.applicant), ("respondent", application.respondent)):
        given = {"kind": one.kind, "phone": one.phone} if one else {}
        try:
            check_all(fields, given)
        except FactError as error:
            raise InvalidInput(error.detail, code=error.code, more={"field": f"{role}.{error.field}"}) from error


def understood(application: Application, policy: Policy) -> Application:
    """A respondent whose name is that of a village committee, a company … is one, whether anybody said so or not."""
    told = application.respondent
    kind = body_kind(told.name, policy) if told and told.name and told.kind not in BODIES else ""
    return replace(application, respondent=replace(told, kind=kind)) if told and kind else application


@dataclass(frozen=True)
class Plan:
    """A decision as it is stored on the ticket."""

    tier: Tier
    organisation: str
    mediator: str
    flags: list[str]
    reasons: list[dict[str, Any]]
    rejected: list[dict[str, str]]
    due: list[dict[str, Any]]
    legal: list[dict[str, Any]]
    notify: tuple[str, ...]
    accept_due_at: datetime | None
    mediate_due_at: datetime | None


async def open_ticket(
    session: AsyncSession, desk: RoutingDesk, application: Application, *, by: Viewer, at: datetime, key: str | None
) -> TicketRow:
    application = understood(application, desk.policy)
    turn = await desk.turn(session)  # openings are one after another from here: a key is looked up but once
    no = await tickets.next_number(session, at.astimezone(LOCAL).date(), unless=(by.actor, key))
    if not no:
        return await _repeated(session, application, by, key)
    facts = located(DisputeFacts.from_mapping(application.routing_facts()), turn.directory)
    named = (application.applicant, application.respondent)
    decision = desk.route(turn.directory, with_parties(facts, (one.name for one in named if one)), at)
    if decision.referral and "crisis" not in decision.flags:
        raise InvalidInput(_door(decision), code="not_mediable")
    row = await store(session, desk, turn, application, facts, decision, no=no, by=by, at=at, key=key)
    await counting.begin(session, row)
    return row


async def _repeated(session: AsyncSession, application: Application, by: Viewer, key: str | None) -> TicketRow:
    """Raises Conflict when the key stood for other content."""
    known = await tickets.by_key(session, by.actor, key or "", visible_to=by)
    if known is None or known.fingerprint != application.fingerprint:
        raise Conflict("同一个幂等键已经用于另一份内容", code="key_reused")
    return known


async def store(
    session: AsyncSession,
    desk: RoutingDesk,
    turn: Turn,
    application: Application,
    facts: DisputeFacts,
    decision: RoutingDecision,
    *,
    no: str,
    by: Viewer,
    at: datetime,
    key: str | None,
) -> TicketRow:
    """The stored ticket, as `tickets.find` would give it."""
    plan = plan_of(decision)
    county = application.place.county or turn.directory.county_of(facts.town)
    draft = _draft(application, facts, decision, no=no, county=county, at=at, reopen_days=desk.policy.reopen_days)
    ticket, event = open_in_domain(draft, by.actor)
    row = _row(application, facts, decision, ticket, scope=by.actor, key=key)
    set_plan(row, plan)
    session.add(row)
    await session.flush()
    row.events.append(tickets.add_event(session, row, event, actor_name=by.name, key=None))
    routing_log.add(session, row, decision, kind="open", by=by.actor, at=at)
    clocks.begin(session, desk, row, at=at)
    given = [(plan.organisation, "handles"), (by.organisation, "opened"), *((one, "told") for one in plan.notify)]
    await tickets.grant_all(session, row, given)
    if plan.mediator:
        await tickets.recount_load(session, int(plan.mediator), at, version=turn.version)
    await tickets.complete(session, row)
    return row


def _draft(
    application: Application,
    facts: DisputeFacts,
    decision: RoutingDecision,
    *,
    no: str,
    county: str,
    at: datetime,
    reopen_days: int,
) -> Ticket:
    return Ticket(
        no=no,
        category=facts.category,
        subcategory=facts.subcategory,
        tier=decision.tier or Tier.JUDICIAL_OFFICE,
        organisation=decision.organisation.id if decision.organisation else "",
        opened_at=at,
        place=Place(county, facts.town, facts.village, facts.group),
        mediator=decision.mediator.id if decision.mediator else "",
        warning_level=decision.warning_level,
        channel=application.channel,
        sender=application.sender,
        protective="crisis" in decision.flags,
        reopen_days=reopen_days,
    )


def _row(
    application: Application,
    facts: DisputeFacts,
    decision: RoutingDecision,
    ticket: Ticket,
    *,
    scope: str,
    key: str | None,
) -> TicketRow:
    organisation, person = respondent_of(application, facts)
    return TicketRow(
        **tickets.columns_of(ticket),
        no=ticket.no,
        scope=scope,
        key=key,
        fingerprint=application.fingerprint,
        category=ticket.category,
        subcategory=ticket.subcategory,
        complexity=decision.complexity.value,
        protective=ticket.protective,
        crisis=application.crisis,
        facts=stored_facts(application, facts, organisation),
        text=application.text[:MAX_TEXT],
        county=ticket.place.county,
        town=ticket.place.town,
        village=ticket.place.village,
        group_name=ticket.place.group,
        respondent_org=organisation,
        channel=ticket.channel,
        sender=ticket.sender,
        opened_at=ticket.opened_at,
        reopen_days=ticket.reopen_days,
        parties=_parties(application, person),
        events=[],
    )


def respondent_of(application: Application, facts: DisputeFacts) -> tuple[str, str]:
    """(organisation, person) by name, one of them empty: only an organisation's name may be stored in the clear."""
    name, given = facts.respondent_org, application.respondent
    body = given is not None and given.kind in BODIES and given.name == name
    if body or count_rules().is_organisation(name):
        return name, ""
    return "", "" if name == A_PERSON else name


def stored_facts(application: Application, facts: DisputeFacts, organisation: str) -> dict[str, Any]:
    """The facts as given plus the place that was found, readable again by DisputeFacts.from_mapping."""
    stored = application.routing_facts() | {"town": facts.town, "village": facts.village, "group": facts.group}
    return stored | {"respondent_org": organisation or A_PERSON} if facts.respondent_org else stored


def _parties(application: Application, person: str) -> list[PartyRow]:
    """`person`: the respondent as named among the facts, who is a party like one given as such."""
    told = application.respondent
    if told and not told.name:
        told = replace(told, name=person)
    given = [("applicant", application.applicant), ("respondent", told)]
    if person and (told is None or told.name != person):
        given.append(("respondent", Applicant(person)))
    return [
        PartyRow(role=role, kind=one.kind, name=one.name or None, phone=one.phone)
        for role, one in given
        if one and (one.name or one.phone)
    ]


def plan_of(decision: RoutingDecision) -> Plan:
    due = decision.due
    return Plan(
        tier=decision.tier or Tier.JUDICIAL_OFFICE,
        organisation=decision.organisation.id if decision.organisation else "",
        mediator=decision.mediator.id if decision.mediator else "",
        flags=list(decision.flags),
        reasons=[{"text": one.text, "basis": list(one.basis)} for one in decision.reasons],
        rejected=[{"organisation": one.organisation, "why": one.why} for one in decision.rejected],
        due=due_list(decision),
        legal=[_kept(one) for one in decision.legal],
        notify=tuple(one.id for one in decision.notify),
        accept_due_at=due["accept"].at if "accept" in due else None,
        mediate_due_at=due["mediate"].at if "mediate" in due else None,
    )


def due_list(decision: RoutingDecision) -> list[dict[str, Any]]:
    return [
        {
            "key": one.key,
            "at": one.at.isoformat(),
            "text": one.text,
            "because": one.because,
            "basis": list(one.basis),
            "estimated": one.estimated,
        }
        for one in sorted(decision.due.values(), key=lambda due: due.at)
    ]


def _kept(clock: LegalClock) -> dict[str, Any]:
    """What was known on the day; people are shown what is known now (services.legal_clocks)."""
    return {"key": clock.key, "text": clock.zh, "ends": clock.ends.isoformat() if clock.ends else None}


def set_plan(row: TicketRow, plan: Plan) -> None:
    """Flags of the opening stay: a case does not stop being, say, a batch because it moved up."""
    row.flags = list(dict.fromkeys([*(row.flags or ()), *plan.flags]))
    row.reasons, row.rejected = plan.reasons, plan.rejected
    row.due, row.legal = plan.due, plan.legal
    row.accept_due_at, row.mediate_due_at = plan.accept_due_at, plan.mediate_due_at


def _door(decision: RoutingDecision) -> str:
    assert decision.referral
    door = decision.referral
    papers = f"。请带：{'、'.join(door.papers)}" if door.papers else ""
    return f"{door.because}。请找：{door.door}；期限：{door.deadline}{papers}"
