"""The routing policy as values: content (knowledge_base/routing) decides, these types say what can be decided.

Every rule carries `because` (Chinese, shown to people) and `basis` (article ids or document names).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api.domain.organisation import OrganisationKind
from api.domain.tier import Tier


class Complexity(StrEnum):
    SIMPLE = "simple"
    COMPLEX = "complex"
    DIFFICULT = "difficult"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        return list(Complexity).index(self)


class WarningLevel(StrEnum):
    GENERAL = "general"
    LARGER = "larger"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        return list(WarningLevel).index(self)


class Operator(StrEnum):
    IS = "is"
    IN = "in"
    AT_LEAST = "at_least"
    BELOW = "below"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; a fact that is not known (None) never matches."""

    fact: str
    operator: Operator
    expected: Any

    def holds(self, values: Mapping[str, Any]) -> bool:
        actual = values.get(self.fact)
        if actual is None:
            return False
        match self.operator:
            case Operator.IS:
                return bool(actual == self.expected)
            case Operator.IN:
                return actual in self.expected
            case Operator.AT_LEAST:
                return bool(actual >= self.expected)
            case Operator.BELOW:
                return bool(actual < self.expected)
            case Operator.CONTAINS:
                return self.expected in actual


@dataclass(frozen=True, slots=True)
class Condition:
    """All tests must hold; no tests = always."""

    tests: tuple[Comparison, ...] = ()

    def holds(self, values: Mapping[str, Any]) -> bool:
        return all(test.holds(values) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Rule:
    when: Condition
    because: str
    basis: tuple[str, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return self.when.holds(values)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: text for people, basis for those who check."""

    text: str
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComplexityRule(Rule):
    complexity: Complexity


@dataclass(frozen=True, slots=True)
class WeightRule(Rule):
    """`group`: of several rules in one group only the heaviest counts (10 people is not also 5 people)."""

    group: str
    weight: int


@dataclass(frozen=True, slots=True)
class WarningRule(Rule):
    level: WarningLevel


@dataclass(frozen=True, slots=True)
class FlagRule(Rule):
    flag: str


@dataclass(frozen=True, slots=True)
class ReferralRule(Rule):
    """Not for mediation: the right door, how long it stays open, what to bring."""

    code: str
    door: str
    deadline: str
    papers: tuple[str, ...]
    kind: OrganisationKind | None


@dataclass(frozen=True, slots=True)
class SpecialistRule(Rule):
    """`from_tier`: below it the ordinary tier keeps the case."""

    subject: str
    from_tier: Tier


@dataclass(frozen=True, slots=True)
class ProtectiveRule(Rule):
    """Safety first: who takes the protective ticket (first found on duty), and who is told besides."""

    kinds: tuple[OrganisationKind, ...]
    notify: tuple[OrganisationKind, ...]


@dataclass(frozen=True, slots=True)
class DeadlineRule(Rule):
    """`unit`: minutes, hours, days, working_days, months; `roll` moves a night or holiday into office hours."""

    key: str
    zh: str
    amount: int
    unit: str
    roll: bool


@dataclass(frozen=True, slots=True)
class LegalClockRule(Rule):
    """A limit set by law, told to staff and villager. `limit` names it in the calculator; `length` in years, months and
    days, empty for what is only told."""

    key: str
    zh: str
    limit: str = ""
    length: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegalAdvice:
    """What is said when a legal limit ends within `soon_days`, and when it seems to be over."""

    soon_days: int
    soon: str
    passed: str


@dataclass(frozen=True, slots=True)
class ConflictRule(Rule):
    """The respondent is a public body although nobody named it (村里收地)."""

    respondent: str


@dataclass(frozen=True, slots=True)
class CategoryPolicy:
    code: str
    zh: str
    first_tier: Tier | None
    complexity: Complexity
    subcategories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Where people of one surname may be family, so that a mediator is asked (`kinds`), and how surnames are read."""

    kinds: tuple[OrganisationKind, ...]
    compound_surnames: frozenset[str]
    name_length: int
    basis: tuple[str, ...]

    def surname(self, name: str) -> str:
        """Empty for what is no person's name (东沟村一组网格员)."""
        if not 2 <= len(name) <= self.name_length:
            return ""
        return name[:2] if name[:2] in self.compound_surnames and len(name) > 2 else name[0]


@dataclass(frozen=True, slots=True)
class Similarity:
    """When two open tickets are offered as one dispute, and from how many on a batch is offered."""

    window_days: int
    candidates: int
    name_alike: float
    organisation_alike: float
    offered_from: int
    points: Mapping[str, int]
    because: Mapping[str, str]
    company_words: tuple[str, ...]
    batch_from: int


@dataclass(frozen=True)
class Policy:
    """`version` is the hash of the files it was built from."""

    categories: Mapping[str, CategoryPolicy]
    tier_of: Mapping[Complexity, Tier]
    tier_zh: Mapping[Tier, str]
    complexity_zh: Mapping[Complexity, str]
    warning_zh: Mapping[WarningLevel, str]
    kind_of: Mapping[Tier, OrganisationKind]
    kind_zh: Mapping[OrganisationKind, str]
    last_resort: tuple[OrganisationKind, ...]
    crisis_zh: Mapping[str, str]
    respondent_words: Mapping[str, tuple[str, ...]]
    respondent_patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    conflicts: Mapping[str, tuple[Tier, ...]]
    implied_respondents: tuple[ConflictRule, ...]
    complexity_rules: tuple[ComplexityRule, ...]
    weight_rules: tuple[WeightRule, ...]
    complexity_from_weight: tuple[tuple[int, Complexity], ...]
    warning_rules: tuple[WarningRule, ...]
    warning_from_weight: tuple[tuple[int, WarningLevel], ...]
    flag_rules: tuple[FlagRule, ...]
    referrals: tuple[ReferralRule, ...]
    specialists: tuple[SpecialistRule, ...]
    protective: tuple[ProtectiveRule, ...]
    deadlines: tuple[DeadlineRule, ...]
    legal_clocks: tuple[LegalClockRule, ...]
    legal_advice: "LegalAdvice"
    wording: Mapping[str, str]
    rights: str
    reopen_days: int
    acquaintance: "Acquaintance"
    choosable: tuple[OrganisationKind, ...]
    cross_place_basis: tuple[str, ...]
    similarity: "Similarity"
    version: str = ""
