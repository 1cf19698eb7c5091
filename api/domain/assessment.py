"""How complex a dispute is, and how loud the warning: both computed from rules, both with their reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.domain.policy import Complexity, Policy, Reason, Rule, WarningLevel, WeightRule


@dataclass(frozen=True)
class Assessment:
    complexity: Complexity
    warning_level: WarningLevel
    weight: int
    reasons: tuple[Reason, ...]


def assess(values: Mapping[str, Any], policy: Policy) -> Assessment:
    """`values` are the facts by name (DisputeFacts.values, plus what routing derived from them)."""
    weights = aggravations(values, policy)
    total = sum(rule.weight for rule in weights)
    complexity, why_complexity = _complexity(values, policy, total)
    warning, why_warning = _warning(values, policy, total)
    reasons = (*why_complexity, *map(_reason, weights), *why_warning)
    return Assessment(complexity, warning, total, tuple(dict.fromkeys(reasons)))


def aggravations(values: Mapping[str, Any], policy: Policy) -> list[WeightRule]:
    """The heaviest matching rule of each group, in the order of the policy."""
    heaviest: dict[str, WeightRule] = {}
    for rule in policy.weight_rules:
        known = heaviest.get(rule.group)
        if rule.holds(values) and (known is None or rule.weight > known.weight):
            heaviest[rule.group] = rule
    return list(heaviest.values())


def _complexity(values: Mapping[str, Any], policy: Policy, total: int) -> tuple[Complexity, list[Reason]]:
    category = policy.categories.get(values["category"])
    level = category.complexity if category else Complexity.COMPLEX
    reasons = [Reason(f"{category.zh}一般按“{policy.complexity_zh[level]}”起步")] if category else []
    for floor, complexity in policy.complexity_from_weight:
        if total >= floor and complexity.rank > level.rank:
            level = complexity
            reasons.append(Reason(f"加重情节合计 {total} 分，按“{policy.complexity_zh[level]}”办理"))
    for rule in policy.complexity_rules:
        if rule.holds(values) and rule.complexity.rank >= level.rank:
            level = rule.complexity
            reasons.append(_reason(rule))
    return level, reasons


def _warning(values: Mapping[str, Any], policy: Policy, total: int) -> tuple[WarningLevel, list[Reason]]:
    level = WarningLevel.GENERAL
    reasons: list[Reason] = []
    for floor, warning in policy.warning_from_weight:
        if total >= floor and warning.rank > level.rank:
            level = warning
            reasons = [Reason(f"加重情节合计 {total} 分，预警“{policy.warning_zh[level]}”")]
    for rule in policy.warning_rules:
        if rule.holds(values) and rule.level.rank >= level.rank:
            level = rule.level
            reasons.append(_reason(rule))
    return level, reasons


def _reason(rule: Rule) -> Reason:
    return Reason(rule.because, rule.basis)
