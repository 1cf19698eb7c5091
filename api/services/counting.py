"""Keeps what reports count in step with the tickets: called in the transaction of every move."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import statistics, tickets
from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.domain.counting import CountedTicket, Described, RecordFact, count_of, recorded_of
from api.domain.facts import BODIES, Origin
from api.services.count_rules import CountRules, count_rules

AT_ONCE = 500
ORIGIN_FACT = "origin"


async def recount(session: AsyncSession, row: TicketRow) -> None:
    """`row` with its organisation, parties and events loaded, as tickets.find gives it."""
    facts = await statistics.record_facts(session, [row.id])
    await statistics.put(session, row.id, counted(row, facts.get(row.id, []), count_rules()))


async def begin(session: AsyncSession, row: TicketRow) -> None:
    """Of a ticket just opened: there are no records yet."""
    await statistics.put(session, row.id, counted(row, [], count_rules()))


def counted(row: TicketRow, records: Sequence[RecordFact], rules: CountRules) -> CountedTicket:
    history = [tickets.event_of(row.no, event) for event in row.events]
    return count_of(tickets.to_domain(row), history, _described(row, rules), recorded_of(records))


def _described(row: TicketRow, rules: CountRules) -> Described:
    """A named respondent only when it is an organisation: persons are never counted by name."""
    facts = row.facts
    named = row.respondent_org
    body = any(one.role == "respondent" and one.kind in BODIES for one in row.parties)
    given = facts.get(ORIGIN_FACT)
    return Described(
        kind=row.organisation.kind if row.organisation else "",
        origin=Origin(given) if given in list(Origin) else rules.origin(row.channel),
        complexity=row.complexity,
        respondent_org=named if named and (body or rules.is_organisation(named)) else "",
        people=max(int(facts.get("people_involved") or 0), len(row.parties), 1),
        cents=round(float(facts.get("amount_yuan") or 0) * 100),
    )


async def catch_up(
    database: Database, *, everything: bool = False, progress: Callable[[str, int, int], None] | None = None
) -> int:
    """Counts tickets that were opened before there were counts (or all of them); returns how many. Resumable."""
    async with database.reading() as session:
        total = await statistics.number_uncounted(session, everything=everything)
    done, last, rules = 0, 0, count_rules()
    while done < total:
        async with database.transaction() as session:
            rows = await statistics.uncounted(session, after=last, limit=AT_ONCE, everything=everything)
            facts = await statistics.record_facts(session, [row.id for row in rows])
            for row in rows:
                await statistics.put(session, row.id, counted(row, facts.get(row.id, []), rules))
        if not rows:
            break
        done, last = done + len(rows), rows[-1].id
        if progress:
            progress("重新统计", done, total)
    return done
