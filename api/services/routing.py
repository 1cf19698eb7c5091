"""Routing over the directory in the database, kept in memory and refreshed only where something changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations
from api.db.organisations import Busy, DirectoryVersion
from api.db.tables.desk import OrganisationRow, TicketRow
from api.domain import routing
from api.domain.conflict import conflicts_of
from api.domain.deadline import LOCAL, WorkingCalendar
from api.domain.facts import A_PERSON, BODIES, DisputeFacts
from api.domain.organisation import Directory, Member, Place
from api.domain.policy import Policy
from api.domain.routing import RoutingDecision
from api.domain.selection import choose_member
from api.domain.tier import Tier
from api.services.working_days import working_calendar


@dataclass(frozen=True)
class Turn:
    """To give out a case: nobody else does before the transaction ends, nor changes the directory.

    `version` of the directory, for who is busy when the turn is over; `directory` is that of the version before.
    """

    directory: Directory
    version: int


class RoutingDesk:
    """One per process: the policy, the calendar, and the directory as it was last read."""

    def __init__(self, policy: Policy, calendar: WorkingCalendar | None = None) -> None:
        self.policy = policy
        self.calendar = calendar or working_calendar()
        self._directory = Directory([])
        self._version = 0

    async def directory(self, session: AsyncSession) -> Directory:
        """Call it before the transaction changes organisations: what is read here is kept."""
        return await self._read(session, await organisations.directory_version(session))

    async def turn(self, session: AsyncSession) -> Turn:
        """Tickets are locked before it, never after (db.tickets.lock_in_order)."""
        taken = await organisations.take_turn(session)
        before = replace(taken, version=taken.version - 1)
        return Turn(await self._read(session, before), taken.version)

    async def _read(self, session: AsyncSession, now: DirectoryVersion) -> Directory:
        """Organisations are read again only where they changed; of those who are just busy, only how much."""
        if now.version > self._version:
            since = self._version
            successors: Mapping[Place, Place] | None = None
            rows: Sequence[OrganisationRow] = ()
            if now.changed > since:
                successors = await organisations.successors(session)
                rows = await organisations.changed_since(session, since)
            busy = await organisations.busy_since(session, since)
            if now.version > self._version:  # nobody else has read further meanwhile
                self._keep(successors, rows, busy)
                self._version = now.version
        return self._directory

    def _keep(
        self, successors: Mapping[Place, Place] | None, rows: Sequence[OrganisationRow], busy: Sequence[Busy]
    ) -> None:
        if successors is not None:
            self._directory.successors = successors
        for row in rows:
            self._directory.update(organisations.to_domain(row), active=row.active)
        for one in busy:
            self._directory.occupy(one.organisation, one.member, one.load, one.last_assigned)

    async def decide(self, session: AsyncSession, facts: DisputeFacts, at: datetime) -> RoutingDecision:
        return self.route(await self.directory(session), facts, at)

    async def claim(self, session: AsyncSession, facts: DisputeFacts, at: datetime) -> RoutingDecision:
        """Like `decide`, for a transaction that then gives the case out: nobody else can fill the desk meanwhile."""
        return self.route((await self.turn(session)).directory, facts, at)

    def route(self, directory: Directory, facts: DisputeFacts, at: datetime) -> RoutingDecision:
        return routing.route(located(facts, directory), self.policy, directory, at, self.calendar)

    async def receiver(self, session: AsyncSession, facts: DisputeFacts, tier: Tier, at: datetime) -> RoutingDecision:
        """Who takes a case that is handed to this tier, whatever its complexity; locks like `claim`."""
        directory = (await self.turn(session)).directory
        return routing.route(located(facts, directory), self.policy, directory, at, self.calendar, at_tier=tier)

    async def next_in_turn(
        self, session: AsyncSession, organisation: str, facts: DisputeFacts, at: datetime
    ) -> Member | None:
        """Who of this organisation is next; None when nobody is free. Locks like `claim`."""
        found = (await self.turn(session)).directory.get(organisation)
        conflicts = conflicts_of(facts, self.policy)
        return choose_member(found, facts, at.astimezone(LOCAL), conflicts)[0] if found else None


def located(facts: DisputeFacts, directory: Directory) -> DisputeFacts:
    """The place as it is today. A village without its town gets it, when only one town has a village of that name."""
    towns = directory.towns_of(facts.village) if facts.village and not facts.town else []
    if len(towns) == 1:
        facts = replace(facts, town=towns[0])
    now, served = directory.today(facts.place), directory.today(facts.served_at)
    if facts.served_at != facts.place and served != facts.served_at:
        facts = replace(facts, serve_town=served.town, serve_village=served.village, serve_group=served.group)
    if now == facts.place:
        return facts
    return replace(facts, town=now.town, village=now.village, group=now.group)


def with_parties(facts: DisputeFacts, parties: Iterable[str | None]) -> DisputeFacts:
    """The names of the parties, for the conflict check only: they are stored encrypted, never among the facts."""
    return replace(facts, party_names=tuple(dict.fromkeys((*facts.party_names, *filter(None, parties)))))


def facts_of(row: TicketRow) -> DisputeFacts:
    """What routing needs to know of a stored ticket, with the names of its parties.

    A body that came to be a respondent later is one as much as one named at the opening.
    """
    facts = DisputeFacts.from_mapping(row.facts)
    if facts.respondent_org in ("", A_PERSON):
        bodies = (one.name for one in row.parties if one.role == "respondent" and one.kind in BODIES and one.name)
        facts = replace(facts, respondent_org=next(bodies, facts.respondent_org))
    return with_parties(facts, (party.name for party in row.parties))


async def preview(session: AsyncSession, desk: RoutingDesk, given: Mapping[str, Any], at: datetime) -> RoutingDecision:
    """What would happen to a dispute with these facts; nothing is stored. Raises InvalidInput for unknown facts."""
    return await desk.decide(session, DisputeFacts.from_mapping(given), at)
