"""What a record beside tickets points to: a place, the organisation that keeps it, whom it is up to, tickets."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import directory, organisations, places, tickets
from api.db import work as store
from api.db.tables.desk import OrganisationRow
from api.db.tables.work import WorkRow
from api.domain.access import Viewer
from api.domain.errors import InvalidInput
from api.domain.organisation import Place
from api.domain.place import LEVEL_ZH
from api.domain.work_checks import Value
from api.services.work_rules import KindRules, rules_of


async def known_place(session: AsyncSession, place: Place, level: int) -> Place:
    """The place with its county, as the directory has it. Raises InvalidInput (unknown_place, place_too_wide)."""
    row = await places.in_use(session, place)
    if row is None:
        raise InvalidInput(f"没有这个地方：{place}", code="unknown_place")
    if place.level < level:
        raise InvalidInput(f"地点要写到{LEVEL_ZH[level]}", code="place_too_wide")
    return organisations.place_of(row)


async def keeping(session: AsyncSession, name_or_id: str, place: Place) -> OrganisationRow:
    """The organisation a record belongs to; it serves the place. Raises InvalidInput."""
    if not name_or_id:
        raise InvalidInput("要写明是哪个单位的工作", code="organisation_required")
    found = await organisations.find_organisation(session, name_or_id)
    whole = await directory.organisation(session, found.id) if found else None
    if whole is None:
        raise InvalidInput(f"名录里没有这个单位：{name_or_id}", code="unknown_organisation")
    if not any(organisations.place_of(one.place).local.contains(place.local) for one in whole.served):
        raise InvalidInput(f"{whole.name}不管{place}", code="outside")
    return whole


async def owing(session: AsyncSession, rules: KindRules, name: str) -> OrganisationRow | None:
    if not name:
        if rules.kind.owned:
            raise InvalidInput("要写明由哪个单位负责", code="owner_required")
        return None
    found = await organisations.find_organisation(session, name)
    if found is None:
        raise InvalidInput(f"名录里没有这个单位：{name}", code="unknown_organisation")
    return found


async def parent_of(session: AsyncSession, rules: KindRules, no: str, by: Viewer) -> WorkRow | None:
    for kind in sorted(rules.kind.parents):
        if no and (found := await store.find(session, rules_of(kind).kind, no, visible_to=by)):
            return found
    if no or rules.kind.parents:
        kinds = "、".join(rules_of(kind).kind.zh for kind in sorted(rules.kind.parents)) or "别的记录"
        raise InvalidInput(f"{rules.kind.zh}要挂在看得到的{kinds}下面", code="unknown_parent")
    return None


async def known_tickets(session: AsyncSession, numbers: Iterable[str], by: Viewer) -> list[str]:
    for no in numbers:
        if await tickets.find(session, no, visible_to=by) is None:
            raise InvalidInput(f"没有这张工单，或者您无权查看：{no}", code="unknown_ticket")
    return list(dict.fromkeys(numbers))


def day_of(facts: Mapping[str, Value], name: str) -> date | None:
    value = facts.get(name) if name else None
    return date.fromisoformat(str(value)) if value else None
