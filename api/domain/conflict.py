"""Conflict of interest: who may not handle a case because they are a party to it, or were refused by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.domain.facts import DisputeFacts
from api.domain.organisation import Member, Organisation, OrganisationKind, Place
from api.domain.policy import Acquaintance, Policy, Reason
from api.domain.tier import Tier


@dataclass(frozen=True)
class Conflicts:
    """`kinds` are closed inside `place`: their body is the respondent. Names in `refused` are skipped everywhere."""

    kinds: frozenset[OrganisationKind] = frozenset()
    place: Place = field(default_factory=Place)
    respondent: str = ""
    refused: tuple[str, ...] = ()
    party_names: frozenset[str] = frozenset()
    reasons: tuple[Reason, ...] = ()
    why_closed: str = ""
    why_refused: str = ""
    why_related: str = ""
    why_household: str = ""
    households: frozenset[str] = frozenset()
    surnames: frozenset[str] = frozenset()
    acquaintance: Acquaintance | None = None

    def blocks(self, organisation: Organisation) -> str:
        """Why this organisation may not take the case; empty when it may."""
        if self.respondent and organisation.name in self.respondent:
            return self.why_closed
        closed = organisation.kind in self.kinds
        if closed and any(self.place.contains(served.local) for served in organisation.serves):
            return self.why_closed
        if any(name in (organisation.name, organisation.kind, organisation.tier) for name in self.refused):
            return self.why_refused
        return ""

    def blocks_member(self, member: Member) -> str:
        if member.name in self.refused:
            return self.why_refused
        if self.party_names & (member.relations | {member.name}):
            return self.why_related
        if member.household and member.household in self.households:
            return self.why_household
        return ""

    def to_be_asked(self, organisation: Organisation, member: Member) -> bool:
        """Neighbours of one surname may be family: whoever hands out the case asks before the mediator begins."""
        known = self.acquaintance
        if known is None or organisation.kind not in known.kinds:
            return False
        return known.surname(member.name) in self.surnames


def respondent_kind(facts: DisputeFacts, policy: Policy) -> str | None:
    """Which public body (or company) the respondent is, by the words of the policy; None when unknown."""
    if facts.respondent_org:
        return named_kind(facts.respondent_org, policy)
    values = facts.values()
    return next((rule.respondent for rule in policy.implied_respondents if rule.holds(values)), None)


def named_kind(name: str, policy: Policy) -> str:
    """What a respondent of this name is; "other" for whatever the policy does not tell apart."""
    for kind, words in policy.respondent_words.items():
        if any(word in name for word in words):
            return kind
    for kind, patterns in policy.respondent_patterns.items():
        if any(pattern.search(name) for pattern in patterns):
            return kind
    return "other"


def conflicts_of(facts: DisputeFacts, policy: Policy) -> Conflicts:
    """As routing finds them, for who gives out, takes or settles a case otherwise."""
    return find_conflicts(facts, facts.values() | {"respondent_is": respondent_kind(facts, policy)}, policy)


def find_conflicts(facts: DisputeFacts, values: Mapping[str, Any], policy: Policy) -> Conflicts:
    kind = values["respondent_is"] or ""
    tiers = policy.conflicts.get(kind, ())
    words = policy.wording
    of_village = all(tier.rank <= Tier.VILLAGE.rank for tier in tiers)
    place = Place(town=facts.town, village=facts.village if of_village else "")
    reasons: list[Reason] = []
    if tiers:
        implied = next((rule for rule in policy.implied_respondents if rule.holds(values)), None)
        because = implied.because if implied and not facts.respondent_org else words[f"conflict_{kind}"]
        reasons.append(Reason(because, ("人民调解法#第三条", "人民调解法#第二十三条")))
    return Conflicts(
        kinds=frozenset(policy.kind_of[tier] for tier in tiers),
        place=place,
        respondent=facts.respondent_org,
        refused=facts.refused,
        party_names=frozenset(facts.party_names),
        reasons=tuple(reasons),
        why_closed=words["why_closed"],
        why_refused=words["why_refused"],
        why_related=words["why_related"],
        why_household=words["why_household"],
        households=frozenset(facts.party_households),
        surnames=frozenset(filter(None, map(policy.acquaintance.surname, facts.party_names))),
        acquaintance=policy.acquaintance,
    )
