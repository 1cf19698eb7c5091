"""Choosing inside an organisation: on duty, specialty, language, lowest load, longest idle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from api.domain.conflict import Conflicts
from api.domain.facts import DisputeFacts
from api.domain.organisation import Member, Organisation


@dataclass(frozen=True)
class Rejected:
    organisation: str
    why: str


ABSENT = "没有可派的人（不在岗或已满负荷）"
ALL_CLOSED = "人人都要回避"


def first_free(
    candidates: Iterable[Organisation],
    facts: DisputeFacts,
    at: datetime,
    conflicts: Conflicts,
    *,
    protective: bool = False,
) -> tuple[Organisation | None, Member | None, tuple[Rejected, ...]]:
    """The first organisation with a person for it, and everyone passed over on the way with the reason."""
    rejected: list[Rejected] = []
    for organisation in candidates:
        if why := conflicts.blocks(organisation):
            rejected.append(Rejected(organisation.name, why))
            continue
        member, skipped = choose_member(organisation, facts, at, conflicts, protective=protective)
        rejected += skipped
        if member:
            return organisation, member, tuple(rejected)
        rejected.append(
            Rejected(organisation.name, ALL_CLOSED if everybody_blocked(organisation, conflicts) else ABSENT)
        )
    return None, None, tuple(rejected)


def everybody_blocked(organisation: Organisation, conflicts: Conflicts) -> bool:
    """Then waiting for the next person on duty would not help: the case goes up (人民调解法 23)."""
    return bool(organisation.members) and all(map(conflicts.blocks_member, organisation.members))


def choose_member(
    organisation: Organisation, facts: DisputeFacts, at: datetime, conflicts: Conflicts, *, protective: bool = False
) -> tuple[Member | None, list[Rejected]]:
    """Who takes it, and who was passed over for a conflict. `protective`: a full desk does not refuse an emergency.

    One whose surname is a party's comes after everybody else, unless the parties ask for them.
    """
    skipped: list[Rejected] = []
    asked: Member | None = None
    for member in _in_preference(organisation, facts):
        room = protective or member.load < member.limit
        if not room or not member.on_duty(at):
            continue
        why = conflicts.blocks_member(member)
        if why:
            skipped.append(Rejected(f"{organisation.name}·{member.name}", why))
        elif member.name == facts.preferred_mediator or not conflicts.to_be_asked(organisation, member):
            return member, skipped
        else:
            asked = asked or member
    return asked, skipped


def _in_preference(organisation: Organisation, facts: DisputeFacts) -> Iterator[Member]:
    """The one the parties ask for, then specialists who speak the language, specialists, speakers, everybody."""
    if facts.preferred_mediator:
        yield from (one for one in organisation.members if one.name == facts.preferred_mediator)
    special = organisation.by_specialty.get(facts.case, ()) or organisation.by_specialty.get(facts.category, ())
    if facts.language:
        yield from (one for one in special if facts.language in one.languages)
    yield from special
    if facts.language:
        yield from (one for one in organisation.in_turn if facts.language in one.languages)
    yield from organisation.in_turn
