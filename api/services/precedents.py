"""Three settled cases like this one, told without place, person or number, for the mediator."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import precedents as store
from api.db.precedents import Settled
from api.db.tables.desk import TicketRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.policy import Policy
from api.domain.tier import Tier
from api.services import tickets
from api.services.desk_rules import desk_rules


async def precedents(session: AsyncSession, no: str, policy: Policy, *, visible_to: Viewer) -> list[str]:
    """Sentences in Chinese; none when nothing like it was settled here. Raises NotFound."""
    row = await tickets.get(session, no, visible_to=visible_to)
    words = desk_rules().words["precedent"]
    found = await store.settled_like(session, row, looked_at=words["looked_at"], limit=words["shown"])
    return [_told(one, row, policy, words) for one in found]


def _told(one: Settled, row: TicketRow, policy: Policy, words: Mapping[str, Any]) -> str:
    category = policy.categories[row.category]
    when = one.opened_at.astimezone(LOCAL)
    days = (one.ended_at - one.opened_at).days
    return str(words["text"]).format(
        when=f"{when.year}年{when.month}月",
        subject=category.subcategories.get(one.subcategory, category.zh),
        tier=policy.tier_zh[Tier(one.tier)],
        outcome=words["outcome"][one.outcome],
        days=words["days"].format(days=max(days, 1)),
        amount=words["amount"].format(band=_band(one.amount_fen, words)) if one.amount_fen else "",
        form=words["form"].get(one.form, ""),
        meetings=words["meetings"].format(count=one.meetings) if one.meetings else "",
    )


def _band(fen: int, words: Mapping[str, Any]) -> str:
    return next((str(zh) for most, zh in words["bands"] if fen <= most * 100), str(words["above"]))
