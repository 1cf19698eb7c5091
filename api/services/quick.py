"""随手调: a small matter settled on the spot becomes a closed ticket of the simple kind, once, however often it syncs.

What is not small goes where it belongs: a crisis to a protective ticket, a larger matter to the routing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import tickets as store
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.conflict import conflicts_of
from api.domain.deadline import LOCAL
from api.domain.errors import Conflict, DomainError, Forbidden, InvalidInput
from api.domain.facts import DisputeFacts
from api.domain.lifecycle import Move
from api.domain.organisation import Organisation, Place
from api.domain.policy import Reason
from api.domain.routing import RoutingDecision
from api.services import agreeing, evidence, ticket_opening, tickets
from api.services.evidence_files import EvidenceStore
from api.services.routing import RoutingDesk, located, with_parties
from api.services.ticket_opening import Applicant, Application
from api.services.tickets import MoveRequest


@dataclass(frozen=True)
class QuickEntry:
    """`id` is made by the phone, `at` is when it was written there; `signatures` are (who, PNG)."""

    id: str
    at: datetime
    what: str
    result: str
    category: str
    subcategory: str = ""
    outcome: str = ""
    place: Place = field(default_factory=Place)
    applicant: Applicant | None = None
    respondent: Applicant | None = None
    facts: Mapping[str, Any] | None = None
    signatures: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class QuickDone:
    """`state`: closed, failed or refused as asked; routed, protective; or error with its code and what to tell."""

    id: str
    state: str
    no: str | None
    text: str
    error: str | None = None


@dataclass(frozen=True)
class QuickDesk:
    """`crisis` names the kinds of danger in a text, most urgent first; `evidence_rules` judge signatures."""

    desk: RoutingDesk
    rules: Mapping[str, Any]
    crisis: Callable[[str], list[str]]
    files: EvidenceStore
    evidence_rules: Mapping[str, Any]

    async def sync(
        self, session: AsyncSession, entries: list[QuickEntry], *, by: Viewer, at: datetime
    ) -> list[QuickDone]:
        """One answer per entry, in their order; an entry that fails leaves the others alone. Raises Forbidden."""
        directory = await self.desk.directory(session)
        home = directory.get(by.organisation) if by.organisation else None
        if home is None or home.tier not in self.rules["tiers"]:
            raise Forbidden(self.rules["wording"]["nobody"])
        return [await self._safely(session, entry, home, by=by, at=at) for entry in entries]

    async def _safely(
        self, session: AsyncSession, entry: QuickEntry, home: Organisation, *, by: Viewer, at: datetime
    ) -> QuickDone:
        for last in (False, True):
            try:
                async with session.begin_nested():
                    return await self._one(session, entry, home, by=by, at=at)
            except DomainError as error:
                return QuickDone(entry.id, "error", None, error.detail, error.code)
            except IntegrityError:  # the same phone sends twice at once: the other one has stored it
                if last:
                    raise
        raise AssertionError

    async def _one(
        self, session: AsyncSession, entry: QuickEntry, home: Organisation, *, by: Viewer, at: datetime
    ) -> QuickDone:
        application = self._application(entry, home, by)
        if known := await store.by_key(session, by.actor, entry.id, visible_to=by):
            if known.text != application.text:
                raise Conflict(self.rules["wording"]["changed"], code="key_reused")
            return self._told(entry, known)
        self._check(entry, at)
        kinds = self.crisis(f"{entry.what}\n{entry.outcome}")
        if kinds:
            application = replace(application, crisis=kinds[0])
            return self._told(entry, await self._open(session, application, entry, by))
        ticket_opening.check_parties(application)
        facts = located(DisputeFacts.from_mapping(application.routing_facts()), await self.desk.directory(session))
        asked = with_parties(facts, (one.name for one in (entry.applicant, entry.respondent) if one))
        turn = await self.desk.turn(session)
        decision = self.desk.route(turn.directory, asked, entry.at)
        if decision.referral or not self._small(decision, asked, home, by):
            return self._told(entry, await self._open(session, application, entry, by))
        here = self._here(decision, home, by)
        no = await store.next_number(session, entry.at.astimezone(LOCAL).date())
        row = await ticket_opening.store(
            session, self.desk, turn, application, facts, here, no=no, by=by, at=entry.at, key=entry.id
        )
        return self._told(entry, await self._settle(session, row.no, entry, by))

    def _check(self, entry: QuickEntry, now: datetime) -> None:
        words, days = self.rules["wording"], self.rules["oldest_days"]
        if entry.at > now + timedelta(minutes=self.rules["ahead_minutes"]):
            raise InvalidInput(words["future"], code="in_the_future")
        if entry.at < now - timedelta(days=days):
            raise InvalidInput(words["too_old"].format(days=days), code="too_old")
        if entry.result not in self.rules["results"]:
            names = "、".join(one["zh"] for one in self.rules["results"].values())
            raise InvalidInput(words["result"].format(results=names), code="unknown_result")
        if not entry.outcome.strip():
            raise InvalidInput(words["outcome"], code="outcome_required")
        if not entry.category:
            raise InvalidInput(words["category"], code="unknown_category")

    def _application(self, entry: QuickEntry, home: Organisation, by: Viewer) -> Application:
        place = entry.place if entry.place.village else next(iter(home.serves), Place())
        result = self.rules["results"].get(entry.result, {}).get("zh", entry.result)
        text = self.rules["wording"]["text"].format(what=entry.what, result=result, outcome=entry.outcome)
        application = Application(
            channel=self.rules["channel"],
            sender=by.member or by.name,
            category=entry.category,
            subcategory=entry.subcategory,
            text=text,
            place=place,
            applicant=entry.applicant,
            respondent=entry.respondent,
            facts=entry.facts or {},
        )
        return ticket_opening.understood(application, self.desk.policy)

    async def _open(self, session: AsyncSession, application: Application, entry: QuickEntry, by: Viewer) -> TicketRow:
        return await ticket_opening.open_ticket(session, self.desk, application, by=by, at=entry.at, key=entry.id)

    def _small(self, decision: RoutingDecision, facts: DisputeFacts, home: Organisation, by: Viewer) -> bool:
        """Simple, here, and neither the organisation nor who settled it is a party or a relative of one."""
        here = any(place.local.contains(facts.place) for place in home.serves)
        conflicts = conflicts_of(facts, self.desk.policy)
        own = [member for member in home.members if member.id == by.member]
        partial = conflicts.blocks(home) or any(conflicts.blocks_member(member) for member in own)
        return here and decision.complexity in self.rules["complexities"] and not partial

    def _here(self, decision: RoutingDecision, home: Organisation, by: Viewer) -> RoutingDecision:
        """The same decision, but the one who settled it on the spot has it; nothing is due any more."""
        mediator = next((one for one in home.members if one.id == by.member), None)
        reasons = (*decision.reasons, Reason(self.rules["wording"]["reason"], ()))
        return replace(
            decision,
            tier=home.tier,
            organisation=home,
            mediator=mediator,
            reasons=reasons,
            rejected=(),
            due={},
            notify=(),
        )

    async def _settle(self, session: AsyncSession, no: str, entry: QuickEntry, by: Viewer) -> TicketRow:
        """Through the life cycle like any other ticket, at the time it happened; signatures before it closes."""
        words, result = self.rules["wording"], self.rules["results"][entry.result]
        when = entry.at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
        note = words["note"].format(at=when, result=result["zh"], outcome=entry.outcome)
        failed = words["failed_note"].format(outcome=entry.outcome)
        moves = [Move(one) for one in result["moves"]]
        for move in moves:
            if move is Move.CLOSE:
                await self._sign(session, no, entry, by)
            if move is Move.RECORD_AGREEMENT:
                said = {"facts": entry.what, "terms": entry.outcome}
                await agreeing.oral(session, self.desk, no, **said, by=by, at=entry.at)
                continue
            text = failed if move is Move.RECORD_FAILURE else note
            await tickets.move(session, self.desk, no, move, MoveRequest(note=text), by=by, at=entry.at)
        return await tickets.get(session, no, visible_to=by)

    async def _sign(self, session: AsyncSession, no: str, entry: QuickEntry, by: Viewer) -> None:
        for who, picture in entry.signatures:
            name = f"{self.rules['signed'][who]}.png"
            await evidence.add(
                session, self.files, self.evidence_rules, no, name=name, content=picture, by=by, at=entry.at
            )

    def _told(self, entry: QuickEntry, row: TicketRow) -> QuickDone:
        words = self.rules["wording"]
        if row.protective:
            return QuickDone(entry.id, "protective", row.no, words["protective"].format(no=row.no))
        if words["reason"] in [one["text"] for one in row.reasons]:
            states = {"agreed": "closed", "failed": "failed", "refused": "refused"}
            return QuickDone(entry.id, states.get(row.outcome, "closed"), row.no, words["done"].format(no=row.no))
        if row.organisation is None:
            return QuickDone(entry.id, "routed", row.no, words["waiting"].format(no=row.no))
        text = words["routed"].format(no=row.no, organisation=row.organisation.name)
        return QuickDone(entry.id, "routed", row.no, text)
