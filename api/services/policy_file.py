"""Reading the routing policy from files: what is wrong is named, and a broken file never replaces what works."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.domain.facts import PARSERS
from api.domain.policy import Policy
from api.services.policy import build_policy
from knowledge_base.routing.loader import HERE, RoutingContent, RoutingError, load

DERIVED = frozenset({"case", "complexity", "warning_level", "respondent_is", "tier", "protective", "mediable"})
NUMBERS = ("weight", "amount")


@dataclass(frozen=True)
class PolicyReport:
    """`version` is the one in use afterwards; with `problems` it is still the old one."""

    version: str
    changed: bool
    problems: tuple[str, ...] = ()


def read_policy(folder: Path = HERE) -> Policy:
    """Raises RoutingError with everything that is wrong, also what only the desk can know (facts, kinds, tiers)."""
    content = load(folder)
    if problems := list(_problems(content)):
        raise RoutingError(problems)
    try:
        return build_policy(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RoutingError([f"政策里有不认识或缺少的值：{error}"]) from error


def reread(current: Policy, folder: Path = HERE) -> tuple[Policy, PolicyReport]:
    """The policy of the folder when it is sound, otherwise the current one with the problems."""
    try:
        found = read_policy(folder)
    except RoutingError as error:
        return current, PolicyReport(current.version, changed=False, problems=error.problems)
    return found, PolicyReport(found.version, changed=found.version != current.version)


def _problems(content: RoutingContent) -> Iterator[str]:
    known = PARSERS.keys() | DERIVED
    for where, rule in content.rules():
        if unknown := [str(fact) for fact in rule["when"] if fact not in known]:
            yield f"{where}: 条件里有不认识的事实项：{'、'.join(unknown)}"
        for key in NUMBERS:
            if key in rule and not _is_count(rule[key]):
                yield f"{where}: {key} 应当是不小于 0 的整数"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
