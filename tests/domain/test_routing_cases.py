"""The rules of the desk as a table of cases: category and facts → tier, organisation, flags, who was passed over."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from api.domain.errors import InvalidInput
from api.domain.facts import DisputeFacts
from api.domain.organisation import Directory, OrganisationKind, Place
from api.domain.routing import RoutingDecision, route
from api.domain.tier import Tier
from tests.domain.factories import FRIDAY, body, policy

TABLE = yaml.safe_load((Path(__file__).parent / "routing_cases.yml").read_text("utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]
KEYS = {"rule", "facts", "complexity", "warning", "tier", "org", "kind", "mediable", "referral", "mediator"} | {
    "flags",
    "without",
    "rejected",
    "notify",
    "invalid",
}


def world() -> Directory:
    return Directory(
        body(
            one["id"],
            OrganisationKind(one["kind"]),
            Tier(one["tier"]),
            *(Place("", *place) for place in one["serves"]),
            subjects=frozenset(one.get("subjects", ())),
        )
        for one in TABLE["world"]
    )


def decide(facts: dict[str, Any]) -> RoutingDecision:
    return route(DisputeFacts.from_mapping(TABLE["here"] | facts), policy(), world(), FRIDAY)


def seen(decision: RoutingDecision) -> dict[str, Any]:
    organisation = decision.organisation
    return {
        "complexity": decision.complexity,
        "warning": decision.warning_level,
        "tier": decision.tier,
        "org": organisation.id if organisation else None,
        "kind": organisation.kind if organisation else None,
        "mediator": decision.mediator.name if decision.mediator else None,
        "mediable": decision.mediable,
        "referral": decision.referral.code if decision.referral else None,
        "notify": [one.id for one in decision.notify],
    }


def test_the_table_is_long_and_every_case_names_its_rule() -> None:
    assert len(CASES) >= 120
    assert all(case["rule"] and set(case) <= KEYS for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['rule']}" for n, case in enumerate(CASES, 1)])
def test_case(case: dict[str, Any]) -> None:
    if case.get("invalid"):
        with pytest.raises(InvalidInput):
            decide(case["facts"])
        return
    decision = decide(case["facts"])
    expected = {"mediable": True} | {key: value for key, value in case.items() if key in seen(decision)}
    assert {key: seen(decision)[key] for key in expected} == expected
    assert set(case.get("flags", ())) <= set(decision.flags)
    assert not set(case.get("without", ())) & set(decision.flags)
    assert set(case.get("rejected", ())) <= {one.organisation for one in decision.rejected}
    assert decision.reasons
    assert decision.policy_version == policy().version
