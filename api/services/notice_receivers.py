"""Whom an audience of the notice policy means for one ticket."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import tickets
from api.db.tables.desk import TicketRow
from api.domain.conflict import conflicts_of
from api.domain.facts import DisputeFacts
from api.domain.notice import Audience
from api.domain.organisation import Directory, Organisation
from api.domain.policy import Policy
from api.domain.tier import Tier
from api.services.routing import located


@dataclass(frozen=True)
class Receiver:
    """A whole organisation (`name`), one member of it, a person outside, or another system by its name."""

    name: str = ""
    organisation: int | None = None
    member: int | None = None
    conversation: int | None = None
    phone: str | None = None


async def receivers(
    session: AsyncSession, row: TicketRow, to: Audience, directory: Directory, policy: Policy, department: str = ""
) -> list[Receiver]:
    """Empty when there is nobody; a ticket without a mediator is its organisation's."""
    match to:
        case Audience.MEDIATOR if row.mediator_id:
            return [Receiver(organisation=row.organisation_id, member=row.mediator_id)]
        case Audience.MEDIATOR | Audience.ORGANISATION:
            found = [directory.get(str(row.organisation_id))]
        case Audience.ABOVE:
            found = [above(row, directory, policy)]
        case Audience.TOWN:
            found = [at_tier(row, Tier.TOWN, directory, policy)]
        case Audience.TOLD:
            found = [directory.get(one) for one in await tickets.granted(session, row, "told")]
        case _:
            found = [directory.get(department)]
    return [whole(one) for one in found if one]


def whole(one: Organisation) -> Receiver:
    return Receiver(name=one.name, organisation=int(one.id))


def above(row: TicketRow, directory: Directory, policy: Policy) -> Organisation | None:
    """Who supervises: the next tier up with a body for the place that is not itself a party. Never the court."""
    tier = Tier(row.tier).above
    while tier and tier is not Tier.COURT:
        if found := at_tier(row, tier, directory, policy):
            return found
        tier = tier.above
    return None


def at_tier(row: TicketRow, tier: Tier, directory: Directory, policy: Policy) -> Organisation | None:
    facts = located(DisputeFacts.from_mapping(row.facts), directory)
    conflicts = conflicts_of(facts, policy)
    serving = directory.serving(facts.served_at, policy.kind_of[tier])
    return next((one for one in serving if one.id != str(row.organisation_id) and not conflicts.blocks(one)), None)
