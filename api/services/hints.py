"""What the operator sees while the caller still talks: category, danger, law, what to ask, what is open already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from knowledge_base.person_names import name_in

ROLES = ("party_role", "organisation", "company")
PERSON = "party_role"
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
        answer = self.library.nothing() if nowhere else self.answer(text, judged, on=at.astimezone(LOCAL).date())
        phone = phone_in(text) or phone
        place = (await places.match(session, text)).place
        respondent = heard_respondent(judged["entities"], text)
        nothing = SimilarTickets((), None)
        draft = draft_ticket(judged, place, respondent, phone, sender=sender)
        alike = nothing if nowhere else await similar_open(session, draft, self.policy.similarity, visible_to=by, at=at)
        help_texts = self.crisis.replies(self.crisis.check(text), text)
        return Hints(text, judged, help_texts, answer, place, respondent, phone, alike)

    def answer(self, text: str, judged: Mapping[str, Any], *, on: date) -> Mapping[str, Any]:
        """Over the whole call; a later line that makes it unclear does not take the card away again."""
        whole = self.library.ask(text, judged, on=on)
        if whole["answer"]:
            return whole
        for beginning in beginnings(text):
            earlier = self.library.ask(beginning, judged, on=on)
            card = earlier["answer"]
            if card and self.library.entry(card["entry"])["category"] == judged["category"]:
                return {**earlier, "choices": whole["choices"]}
        return whole


def beginnings(text: str) -> list[str]:
    """What had been said one line ago, two, four …, and the first line: longest first."""
    lines = text.split("\n")
    back = [2**power for power in range(len(lines).bit_length()) if 2**power < len(lines)]
    kept = dict.fromkeys([*(len(lines) - one for one in back), 1])
    return ["\n".join(lines[:count]) for count in kept if count < len(lines)]


def heard_respondent(entities: Sequence[Mapping[str, Any]], text: str) -> str:
    """The first other party named, in the caller's words: by name where one is said, else by what they are."""
    found = next((one for one in entities if one["type"] in ROLES and one["value"] not in SELF), None)
    called = str(found.get("text") or found["value"]) if found else ""
    if found and found["type"] != PERSON:
        return called
    return name_in(text, called) or called


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
