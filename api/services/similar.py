"""Open tickets that may be the same dispute, and many against one respondent: found and offered, never merged here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import similar as store
from api.db.tables.desk import PartyRow, TicketRow
from api.domain.access import Viewer
from api.domain.policy import Similarity
from api.domain.similarity import Likeness, Sketch, likeness, same_respondent


@dataclass(frozen=True)
class Batch:
    """`offered` from so many tickets on as the policy says; `tickets` are the others, oldest first."""

    respondent: str
    tickets: tuple[str, ...]
    offered: bool

    @property
    def count(self) -> int:
        return len(self.tickets) + 1


@dataclass(frozen=True)
class SimilarTickets:
    duplicates: tuple[Likeness, ...]
    batch: Batch | None


async def similar_open(
    session: AsyncSession, ticket: TicketRow, rules: Similarity, *, visible_to: Viewer, at: datetime
) -> SimilarTickets:
    """Among the open tickets of the same town and category that the viewer may see; `ticket` with its parties."""
    since = at - timedelta(days=rules.window_days)
    rows = await store.candidates(session, ticket, since=since, visible_to=visible_to, limit=rules.candidates)
    mine = sketch(ticket)
    others = [sketch(row) for row in rows]
    alike = [likeness(mine, other, rules) for other in others]
    offered = sorted((one for one in alike if one.points >= rules.offered_from), key=lambda one: -one.points)
    return SimilarTickets(tuple(offered), _batch(mine, others, rules))


def sketch(row: TicketRow) -> Sketch:
    return Sketch(
        no=row.no,
        category=row.category,
        subcategory=row.subcategory,
        village=row.village,
        group=row.group_name,
        sender=f"{row.channel}:{row.sender}",
        applicant=_named(row.parties, "applicant"),
        respondent=row.respondent_org or _named(row.parties, "respondent"),
        phones=frozenset(party.phone for party in row.parties if party.role == "applicant" and party.phone),
    )


def _named(parties: list[PartyRow], role: str) -> str:
    return next((party.name for party in parties if party.role == role and party.name), "")


def _batch(mine: Sketch, others: list[Sketch], rules: Similarity) -> Batch | None:
    """Different people against one respondent; one person asking twice is a duplicate, not a batch."""
    against = [one for one in others if same_respondent(mine.respondent, one.respondent, rules)]
    against = [one for one in against if not one.applicant or one.applicant != mine.applicant]
    if not against:
        return None
    return Batch(mine.respondent, tuple(one.no for one in against), len(against) + 1 >= rules.batch_from)
