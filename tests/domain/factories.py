"""A small place with every kind of organisation, and tickets with only the fields a test speaks of."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from api.domain.facts import DisputeFacts
from api.domain.history import open_ticket
from api.domain.organisation import Directory, Member, Organisation, OrganisationKind, Place
from api.domain.policy import Policy
from api.domain.routing import RoutingDecision, route
from api.domain.ticket import Ticket
from api.domain.tier import Tier
from api.services.policy import build_policy
from knowledge_base.routing import load

FRIDAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
TOWN = Place(town="青石镇")
VILLAGE = Place(town="青石镇", village="东沟村")
GROUP = Place(town="青石镇", village="东沟村", group="一组")
K = OrganisationKind


@cache
def policy() -> Policy:
    return build_policy(load())


def member(id: str, **fields: Any) -> Member:
    return Member(id=id, name=fields.pop("name", f"调解员{id}"), role="mediator", **fields)


def body(id: str, kind: OrganisationKind, tier: Tier, *serves: Place, **fields: Any) -> Organisation:
    fields.setdefault("members", (member(f"{id}-1"), member(f"{id}-2")))
    return Organisation(id, fields.pop("name", id), kind, tier, serves, **fields)


def organisations(**changed: Any) -> list[Organisation]:
    """`changed` replaces the members of an organisation by its id."""
    county = Place()
    specialists = ("labour", "traffic", "medical", "consumer", "property", "land_arbitration")
    found = [
        body("grid", K.GRID_STATION, Tier.GROUP, GROUP),
        body("village", K.VILLAGE_COMMITTEE, Tier.VILLAGE, VILLAGE),
        body("office", K.JUDICIAL_OFFICE, Tier.JUDICIAL_OFFICE, TOWN),
        body("town", K.TOWN_COMMITTEE, Tier.TOWN, TOWN),
        body("tribunal", K.TRIBUNAL, Tier.COURT, TOWN),
        body("police", K.POLICE_STATION, Tier.TOWN, TOWN),
        body("women", K.WOMENS_FEDERATION, Tier.TOWN, county),
        *(
            body(name, K.SPECIALIST_COMMITTEE, Tier.JUDICIAL_OFFICE, county, subjects=frozenset({name}))
            for name in specialists
        ),
    ]
    return [
        body(one.id, one.kind, one.tier, *one.serves, subjects=one.subjects, members=changed.get(one.id, one.members))
        for one in found
    ]


def decide(directory: Directory | None = None, at: datetime = FRIDAY, **facts: Any) -> RoutingDecision:
    """Routing of a dispute in 东沟村一组."""
    here = {"town": "青石镇", "village": "东沟村", "group": "一组"}
    return route(
        DisputeFacts.from_mapping(here | facts),
        policy(),
        Directory(organisations()) if directory is None else directory,
        at,
    )


def make_ticket(**fields: Any) -> Ticket:
    defaults: dict[str, Any] = {
        "no": "T-20261120-0001",
        "category": "neighbor",
        "subcategory": "boundary",
        "tier": Tier.GROUP,
        "organisation": "grid",
        "opened_at": FRIDAY,
        "place": GROUP,
        "channel": "web",
        "sender": "visitor",
        "reopen_days": 30,
    }
    return Ticket(**(defaults | fields))


def opened(**fields: Any) -> Ticket:
    return open_ticket(make_ticket(**fields), "tool:test")[0]
