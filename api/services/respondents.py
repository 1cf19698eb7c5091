"""Who the parties are, as far as it was told: what can be no party, and what a name alone says of one."""

from collections.abc import Mapping

from api.domain.conflict import named_kind
from api.domain.policy import Policy
from api.services.count_rules import count_rules

# As the policy tells respondents apart → kind of a party.
KINDS: Mapping[str, str] = {
    "village": "village",
    "town": "government",
    "judicial_office": "government",
    "police": "government",
    "company": "company",
}


def body_kind(name: str, policy: Policy) -> str:
    """The kind of party that a body of this name is; empty for a person, also for one named with where they work."""
    if not count_rules().is_organisation(name):
        return ""
    return KINDS.get(named_kind(name, policy), "organisation")
