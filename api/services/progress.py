"""Where a case stands, in words: who holds it, what comes next and by when. The same for villager and staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db.tables.desk import TicketRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.deadline import readable
from api.domain.lifecycle import Status
from api.domain.organisation import OrganisationKind
from api.domain.policy import Policy
from api.domain.tier import Tier
from api.services import tickets
from api.services.desk_rules import desk_rules
from api.services.record_book import record_book

OWN = Viewer.tool("进度")
DUE_OF = {Status.SUBMITTED: ("accept", "first_contact"), Status.ACCEPTED: ("mediate",), Status.MEDIATING: ("mediate",)}
WAITING = {
    Status.SUBMITTED: frozenset({"accept", "first_contact", "mediate"}),
    Status.ACCEPTED: frozenset({"first_contact", "mediate"}),
    Status.MEDIATING: frozenset({"mediate"}),
}


@dataclass(frozen=True)
class Progress:
    """`master`: the ticket that is handled instead, when this one was merged. `next_at` is None when nothing is due."""

    no: str
    status: str
    tier: str
    holder: str
    next_at: datetime | None
    next_what: str
    text: str
    master: str = ""


def due_text(row: TicketRow) -> str:
    """What was promised at the opening and is not done yet; nothing once the matter has come to an end."""
    return "，".join(one["text"] for one in row.due if one["key"] in WAITING.get(Status(row.status), ()))


async def progress(session: AsyncSession, no: str, policy: Policy, *, visible_to: Viewer, now: datetime) -> Progress:
    """Raises NotFound. A merged ticket tells of its master, without whatever is not this person's."""
    asked = await tickets.get(session, no, visible_to=visible_to)
    row = await _handled(session, asked)
    rows = await store.of_ticket(session, row.id)
    words = desk_rules().words
    holder = _holder(row, policy)
    pause = next((one for one in rows if (one.kind, one.state) == ("pause", "paused")), None)
    next_at, what = _next(row, rows, words, now, paused=pause is not None)
    said = [words["status"][row.outcome if row.outcome in words["status"] else row.status].format(holder=holder)]
    if row.no != asked.no:
        said.insert(0, words["merged"].format(no=row.no))
    if pause and Status(row.status) in DUE_OF:
        said.append(_waits(pause, words))
    if next_at:
        said.append(words["next"].format(at=readable(next_at), what=what))
    said.append(policy.rights)
    return Progress(
        no=no,
        status=row.status,
        tier=policy.tier_zh[Tier(row.tier)],
        holder=holder,
        next_at=next_at,
        next_what=what,
        text="".join(one if one.endswith("。") else f"{one}。" for one in said),
        master=row.no if row.no != asked.no else "",
    )


async def _handled(session: AsyncSession, row: TicketRow) -> TicketRow:
    """The master of the master, however often it was merged; a ticket can only be merged into an open one."""
    seen = {row.no}
    while row.merged_into and row.merged_into not in seen:
        found = await tickets.find_for(session, row.merged_into, OWN)
        if found is None:
            break
        seen.add(found.no)
        row = found
    return row


def _holder(row: TicketRow, policy: Policy) -> str:
    """The body and the part of the person in it, not a name."""
    if row.organisation is None:
        return str(desk_rules().words["nobody"])
    role = desk_rules().roles.get(row.mediator.role, "") if row.mediator else ""
    kind = policy.kind_zh[OrganisationKind(row.organisation.kind)]
    return f"{row.organisation.name}（{'，'.join(filter(None, (kind, role)))}）"


def _waits(pause: RecordRow, words: Mapping[str, Any]) -> str:
    """What for, and until when at the latest."""
    known = store.content_of(pause)
    field = next(one for one in record_book().step("pause", "add").fields if one.id == "why")
    why = next(one.label for one in field.choices if one.value == known["why"])
    until = date.fromisoformat(known["until"])
    return str(words["paused"].format(why=why, until=f"{until.month}月{until.day}日"))


def _next(
    row: TicketRow, rows: Sequence[RecordRow], words: Mapping[str, Any], now: datetime, *, paused: bool
) -> tuple[datetime | None, str]:
    """The nearest of what is promised and still to come: due times of this status while they are not paused,
    meetings, duties, answers of courts. Dates only."""
    waiting: list[tuple[datetime, str]] = []
    for one in () if paused else row.due:
        if one["key"] in DUE_OF.get(Status(row.status), ()):
            waiting.append((datetime.fromisoformat(one["at"]), words["due"][one["key"]]))
    for record in rows:
        what = words["record_due"].get(f"{record.kind}.{record.state}")
        if what and record.due_at:
            waiting.append((record.due_at, what))
    return min((one for one in waiting if one[0] >= now), key=lambda pair: pair[0], default=(None, ""))
