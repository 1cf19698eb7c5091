"""What the operator sees while the caller still talks: category, danger, law, what to ask, what is open already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.desk import PartyRow, TicketRow
from api.domain.access import Viewer
from api.domain.conversation import Reply
from api.domain.deadline import LOCAL
from api.domain.organisation import Place
from api.domain.policy import Policy
from api.services import places
from api.services.callbacks import phone_in
from api.services.crisis import CrisisDesk
from api.services.knowledge import Library
from api.services.similar import SimilarTickets, similar_open
from api.services.triage import TriageDesk

ROLES = ("party_role", "organisation", "company")
SELF = frozenset({"self", "child", "parent"})


class Reader(Protocol):
    async def parse(self, texts: Sequence[str]) -> list[Mapping[str, Any]]: ...


@dataclass(frozen=True)
class Hints:
    """`triage` and `answer` are the objects of contracts.md; `respondent` and `phone` are only what was heard."""

    text: str
    triage: Mapping[str, Any]
    help: tuple[Reply, ...]
    answer: Mapping[str, Any]
    place: Place | None
    respondent: str
    phone: str | None
    similar: SimilarTickets


@dataclass(frozen=True)
class HintDesk:
    """The parts of the product that know something about a text."""

    reader: Reader
    triage: TriageDesk
    crisis: CrisisDesk
    library: Library
    policy: Policy

    async def hints(
        self, session: AsyncSession, text: str, *, sender: str, phone: str | None, by: Viewer, at: datetime
    ) -> Hints:
        """Over everything the caller said in this call; `phone` is the number that rang, another may be said.

        Raises Unavailable when the bot cannot read it.
        """
        parse = (await self.reader.parse([text]))[0]
        judged = self.triage.judge(text, parse)
        nowhere = judged["category"] in (None, "out_of_scope")
        on = at.astimezone(LOCAL).date()
        answer = self.library.nothing() if nowhere else self.library.ask(text, judged, on=on)
        phone = phone_in(text) or phone
        place = (await places.match(session, text)).place
        respondent = heard_respondent(judged["entities"])
        nothing = SimilarTickets((), None)
        draft = draft_ticket(judged, place, respondent, phone, sender=sender)
        alike = nothing if nowhere else await similar_open(session, draft, self.policy.similarity, visible_to=by, at=at)
        help_texts = self.crisis.replies(self.crisis.check(text), text)
        return Hints(text, judged, help_texts, answer, place, respondent, phone, alike)


def heard_respondent(entities: Sequence[Mapping[str, Any]]) -> str:
    """The first other party named, in the caller's words."""
    found = (one for one in entities if one["type"] in ROLES and one["value"] not in SELF)
    return next((str(one.get("text") or one["value"]) for one in found), "")


def draft_ticket(
    judged: Mapping[str, Any], place: Place | None, respondent: str, phone: str | None, *, sender: str
) -> TicketRow:
    """A ticket that is not stored, to be compared with those that are."""
    where = place or Place()
    parties = [PartyRow(role="applicant", kind="person", name=None, phone=phone)]
    if respondent:
        parties.append(PartyRow(role="respondent", kind="person", name=respondent, phone=None))
    return TicketRow(
        id=0,
        no="",
        category=judged["category"] or "",
        subcategory=judged["subcategory"] or "",
        channel="hotline",
        sender=sender,
        county=where.county,
        town=where.town,
        village=where.village,
        group_name=where.group,
        respondent_org="",
        parties=parties,
    )
