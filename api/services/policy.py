"""Turns the routing content into the domain's policy values. Pure; built once when a process starts."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.domain import policy as p
from api.domain.organisation import OrganisationKind
from api.domain.tier import Tier
from knowledge_base.calculators import limitation
from knowledge_base.routing.loader import RoutingContent, parse_test

Raw = Mapping[str, Any]


def build_policy(content: RoutingContent) -> p.Policy:
    """Raises ValueError or KeyError for content that the loader should have refused."""
    tiers = content.tiers
    return p.Policy(
        categories={raw["code"]: _category(raw, tiers) for raw in content.taxonomy["categories"]},
        tier_of={p.Complexity(key): Tier(value) for key, value in tiers["tier_of"].items()},
        tier_zh={Tier(key): value for key, value in tiers["tiers"].items()},
        complexity_zh={p.Complexity(key): value for key, value in tiers["complexity"].items()},
        warning_zh={p.WarningLevel(key): value for key, value in tiers["warning_levels"].items()},
        kind_of={Tier(key): OrganisationKind(value) for key, value in tiers["kind_of"].items()},
        kind_zh={OrganisationKind(key): value for key, value in tiers["kinds"].items()},
        last_resort=_kinds(tiers["last_resort"]),
        crisis_zh=content.taxonomy["crisis"],
        respondent_words={key: tuple(words) for key, words in tiers["respondent_words"].items()},
        respondent_patterns={
            key: tuple(map(re.compile, patterns)) for key, patterns in tiers["respondent_patterns"].items()
        },
        conflicts={key: tuple(map(Tier, values)) for key, values in tiers["conflicts"].items()},
        implied_respondents=tuple(
            p.ConflictRule(**_rule(raw), respondent=raw["respondent"]) for raw in tiers["implied_respondents"]
        ),
        wording=tiers["wording"],
        rights=tiers["rights"],
        reopen_days=tiers["reopen_days"],
        acquaintance=_acquaintance(tiers["acquaintance"]),
        choosable=_kinds(tiers["choosable"]),
        cross_place_basis=tuple(tiers["cross_place_basis"]),
        similarity=_similarity(content.similar),
        version=content.version,
        **_assessment(content.assessment),
        **_routes(content),
    )


def _assessment(raw: Raw) -> dict[str, Any]:
    return {
        "weight_rules": tuple(
            p.WeightRule(**_rule(one), group=one["group"], weight=one["weight"]) for one in raw["weights"]
        ),
        "complexity_rules": tuple(
            p.ComplexityRule(**_rule(one), complexity=p.Complexity(one["complexity"])) for one in raw["complexity"]
        ),
        "complexity_from_weight": tuple(
            (one["weight"], p.Complexity(one["complexity"])) for one in raw["complexity_from_weight"]
        ),
        "warning_rules": tuple(
            p.WarningRule(**_rule(one), level=p.WarningLevel(one["level"])) for one in raw["warning"]
        ),
        "warning_from_weight": tuple(
            (one["weight"], p.WarningLevel(one["level"])) for one in raw["warning_from_weight"]
        ),
        "flag_rules": tuple(p.FlagRule(**_rule(one), flag=one["flag"]) for one in raw["flags"]),
    }


def _routes(content: RoutingContent) -> dict[str, Any]:
    return {
        "referrals": tuple(map(_referral, content.referrals["referrals"])),
        "specialists": tuple(
            p.SpecialistRule(**_rule(raw), subject=raw["subject"], from_tier=Tier(raw["from_tier"]))
            for raw in content.specialists["specialists"]
        ),
        "protective": tuple(
            p.ProtectiveRule(**_rule(raw), kinds=_kinds(raw["kinds"]), notify=_kinds(raw["notify"]))
            for raw in content.protective["protective"]
        ),
        "deadlines": tuple(map(_deadline, content.deadlines["deadlines"])),
        "legal_clocks": tuple(
            p.LegalClockRule(**_rule(raw), key=raw["key"], zh=raw["zh"], **_limit(raw.get("limit", "")))
            for raw in content.deadlines["legal_clocks"]
        ),
        "legal_advice": p.LegalAdvice(**content.deadlines["legal_advice"]),
    }


def _limit(code: str) -> dict[str, Any]:
    return {"limit": code, "length": limitation.clocks()[code]["length"] if code else {}}


def _acquaintance(raw: Raw) -> p.Acquaintance:
    surnames = frozenset(raw["compound_surnames"])
    return p.Acquaintance(_kinds(raw["kinds"]), surnames, int(raw["name_length"]), tuple(raw["basis"]))


def _similarity(raw: Raw) -> p.Similarity:
    return p.Similarity(
        window_days=int(raw["window_days"]),
        candidates=int(raw["candidates"]),
        name_alike=float(raw["name_alike"]),
        organisation_alike=float(raw["organisation_alike"]),
        offered_from=int(raw["offered_from"]),
        points={key: int(value) for key, value in raw["points"].items()},
        because={key: str(raw["because"][key]) for key in raw["points"]},
        company_words=tuple(raw["company_words"]),
        batch_from=int(raw["batch_from"]),
    )


def _category(raw: Raw, tiers: Raw) -> p.CategoryPolicy:
    first = raw.get("first_tier")
    return p.CategoryPolicy(
        code=raw["code"],
        zh=raw["zh"],
        first_tier=Tier(tiers["specialist_tier"] if first == "specialist" else first) if first else None,
        complexity=p.Complexity(raw["complexity"]),
        subcategories=raw["subcategories"],
    )


def _referral(raw: Raw) -> p.ReferralRule:
    kind = OrganisationKind(raw["kind"]) if raw["kind"] else None
    papers = tuple(raw["papers"])
    return p.ReferralRule(
        **_rule(raw), code=raw["code"], door=raw["door"], deadline=raw["deadline"], papers=papers, kind=kind
    )


def _deadline(raw: Raw) -> p.DeadlineRule:
    return p.DeadlineRule(
        **_rule(raw),
        key=raw["key"],
        zh=raw["zh"],
        amount=raw["amount"],
        unit=raw["unit"],
        roll=raw.get("roll", False),
    )


def _rule(raw: Raw) -> dict[str, Any]:
    return {"when": condition(raw["when"]), "because": raw["because"], "basis": tuple(raw["basis"])}


def condition(when: Raw) -> p.Condition:
    """A `when` of any policy file as the domain's condition."""
    tests = []
    for fact, expected in when.items():
        operator, value = parse_test(expected)
        tests.append(p.Comparison(fact, p.Operator(operator), value))
    return p.Condition(tuple(tests))


def _kinds(values: Sequence[str]) -> tuple[OrganisationKind, ...]:
    return tuple(map(OrganisationKind, values))
