"""What the directory accepts: kinds, tiers, roles, fields of specialists, committee rules. Built from content, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.domain.committee import CommitteeRules, GapRule
from api.domain.policy import Policy
from api.services.policy import build_policy
from knowledge_base.directory.loader import load_columns, load_committee
from knowledge_base.routing.loader import load


@dataclass(frozen=True)
class DirectoryRules:
    """All code → Chinese. `columns` is the raw content of the import tables."""

    kinds: Mapping[str, str]
    tiers: Mapping[str, str]
    roles: Mapping[str, str]
    subjects: Mapping[str, str]
    categories: Mapping[str, str]
    seats: Mapping[str, str]
    committee: CommitteeRules
    columns: Mapping[str, Any]

    def codes(self, name: str) -> Mapping[str, str]:
        found: Mapping[str, str] = getattr(self, name)
        return found


@cache
def directory_rules() -> DirectoryRules:
    content = load()
    columns = load_columns()
    committee = committee_rules(load_committee())
    policy = build_policy(content)
    return DirectoryRules(
        kinds={kind.value: zh for kind, zh in policy.kind_zh.items()},
        tiers={tier.value: zh for tier, zh in policy.tier_zh.items()},
        roles=columns["roles"],
        subjects=content.subjects(),
        categories=case_names(policy),
        seats=committee.seats,
        committee=committee,
        columns=columns,
    )


def case_names(policy: Policy) -> dict[str, str]:
    """Categories by their name, and every subcategory by its own with the category before it."""
    names = {category.code: category.zh for category in policy.categories.values()}
    for category in policy.categories.values():
        names |= {f"{category.code}.{code}": f"{category.zh}/{zh}" for code, zh in category.subcategories.items()}
    return names


def committee_rules(raw: Mapping[str, Any]) -> CommitteeRules:
    return CommitteeRules(
        kinds=frozenset(raw["kinds"]),
        not_tiers=frozenset(raw["not_tiers"]),
        min_seats=raw["min_seats"],
        max_seats=raw["max_seats"],
        term_years=raw["term_years"],
        seats=raw["seats"],
        gaps={code: GapRule(one["text"], tuple(one["basis"])) for code, one in raw["gaps"].items()},
        checklist=raw["checklist"],
    )
