"""Closed tickets by the hundred, written straight into the tables: what reviews, subsidies and guards look at."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from api.db.session import Database
from api.db.tables.desk import MemberRow, OrganisationRow, PartyRow, TicketAccess, TicketRow
from api.domain.tier import Tier

OCTOBER = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)


async def close_files(
    database: Database, village: str, count: int, *, first: datetime = OCTOBER, mediators: int = 4, **changed: Any
) -> list[str]:
    """`count` files of a village committee, spread over its mediators and the month; their numbers."""
    async with database.transaction() as session:
        committee = await session.scalar(
            select(OrganisationRow).where(
                OrganisationRow.name.startswith(village[:2]) & (OrganisationRow.kind == "village_committee")
            )
        )
        assert committee is not None
        query = select(MemberRow.id).where(MemberRow.organisation_id == committee.id).order_by(MemberRow.id)
        members = list((await session.scalars(query)).all())[:mediators]
        start = len((await session.scalars(select(TicketRow.id))).all())
        rows = []
        for number in range(start, start + count):
            at = first + timedelta(hours=6 * (number % 110))
            rows.append(closed_row(number, village, committee.id, members[number % len(members)], at, **changed))
        session.add_all(rows)
        await session.flush()
        session.add_all(TicketAccess(ticket_id=row.id, organisation_id=committee.id, why="handles") for row in rows)
        return [row.no for row in rows]


def closed_row(number: int, village: str, organisation: int, mediator: int, at: datetime, **changed: Any) -> TicketRow:
    no = f"T-{at:%Y%m%d}-{number:05d}"
    names = changed.pop("names", (f"{village}甲户{number}", f"{village}乙户{number}"))
    phone = changed.pop("phone", None)
    values: dict[str, Any] = {
        "no": no,
        "scope": "test",
        "key": no,
        "fingerprint": no,
        "status": "closed",
        "outcome": "agreed",
        "category": "neighbor",
        "subcategory": "boundary",
        "tier": "village",
        "tier_rank": Tier.VILLAGE.rank,
        "organisation_id": organisation,
        "mediator_id": mediator,
        "complexity": "complex",
        "warning_level": "general",
        "protective": False,
        "crisis": None,
        "flags": [],
        "reasons": [],
        "rejected": [],
        "due": [],
        "legal": [],
        "facts": {},
        "text": f"第{number}件：院墙滴水",
        "county": "清和县",
        "town": "青石镇",
        "village": village,
        "group_name": "",
        "channel": "web",
        "sender": f"visitor-{number}",
        "trail": [],
        "opened_at": at,
        "ended_at": at + timedelta(hours=1),
        "reopen_days": 0,
        "extended": False,
        "merged_into": "",
        "version": 1,
        "head": "",
    }
    parties = [
        PartyRow(role="applicant", kind="person", name=names[0], phone=phone),
        PartyRow(role="respondent", kind="person", name=names[1]),
    ]
    return TicketRow(**(values | changed), parties=parties)
