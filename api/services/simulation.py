"""What a policy would do with a file of cases: loads by organisation and tier, and what would change."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from api.domain.errors import DomainError
from api.domain.facts import DisputeFacts
from api.domain.organisation import Directory, Member
from api.domain.policy import Policy
from api.domain.routing import RoutingDecision, route
from api.services.cells import BadCell, Column, Words, parse
from api.services.directory_rules import DirectoryRules
from api.services.directory_tables import RowError, limits, positions, words
from api.services.routing import located
from api.services.sheets import Table, read_tables
from knowledge_base.directory.loader import load_facts

TABLE = "案件"


@dataclass(frozen=True)
class Moved:
    row: int
    before: str
    after: str


@dataclass
class Simulation:
    """`load` by organisation, `tiers` by tier; both count the new policy when there are two."""

    cases: int = 0
    load: Counter[str] = field(default_factory=Counter)
    tiers: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    moved: list[Moved] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


class _Run:
    """One policy over a directory of its own, in which every case handed out adds to the load."""

    def __init__(self, policy: Policy, directory: Iterable[Any], successors: Mapping[Any, Any], at: datetime) -> None:
        self.policy = policy
        self.at = at
        self.directory = Directory(directory)
        self.directory.successors = successors

    def take(self, facts: DisputeFacts) -> RoutingDecision:
        decision = route(located(facts, self.directory), self.policy, self.directory, self.at)
        if decision.organisation and decision.mediator:
            busier = tuple(_busier(one, decision.mediator, self.at) for one in decision.organisation.members)
            self.directory.update(replace(decision.organisation, members=busier))
        return decision


def simulate(
    content: bytes,
    rules: DirectoryRules,
    directory: Directory,
    current: Policy,
    *,
    at: datetime,
    proposed: Policy | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulation:
    """Nothing is stored. Raises InvalidInput for a file that cannot be read."""
    result = Simulation()
    runs = [_Run(policy, list(directory), directory.successors, at) for policy in (current, proposed) if policy]
    rows = list(_cases(read_tables(content, limits(rules)), rules, current, result))
    for done, (number, given) in enumerate(rows, 1):
        try:
            facts = DisputeFacts.from_mapping(given)
            decisions = [run.take(facts) for run in runs]
        except DomainError as error:
            result.errors.append(RowError(TABLE, number, "", error.detail))
            continue
        _count(result, number, decisions, current)
        if progress:
            progress(done, len(rows))
    return result


def _count(result: Simulation, number: int, decisions: Sequence[RoutingDecision], policy: Policy) -> None:
    last = decisions[-1]
    result.cases += 1
    name = last.organisation.name if last.organisation else "（没有能接的组织）"
    if "not_mediable" in last.flags and "crisis" not in last.flags:
        result.tiers["（不属于调解，指引去处）"] += 1
    else:
        result.load[name] += 1
        result.tiers[policy.tier_zh[last.tier] if last.tier else "（没有层级）"] += 1
        result.waiting[name] += "nobody_available" in last.flags
    before, after = _named(decisions[0], policy), _named(last, policy)
    if before != after:
        result.moved.append(Moved(number, before, after))


def _named(decision: RoutingDecision, policy: Policy) -> str:
    if decision.referral and "crisis" not in decision.flags:
        return f"指引：{decision.referral.door}"
    tier = policy.tier_zh[decision.tier] if decision.tier else ""
    return f"{tier}·{decision.organisation.name if decision.organisation else '无'}"


def _busier(member: Member, chosen: Member, at: datetime) -> Member:
    return replace(member, load=member.load + 1, last_assigned=at) if member is chosen else member


def _cases(
    tables: Sequence[Table], rules: DirectoryRules, policy: Policy, result: Simulation
) -> Iterable[tuple[int, dict[str, Any]]]:
    wanted = fact_columns(rules, policy)
    for table in tables:
        known = positions(wanted, table.header)
        if "category" not in known:
            result.errors.append(RowError(TABLE, 1, "类别", "缺少必填的列"))
            continue
        for number, cells in table.rows:
            given, errors = _facts(wanted, known, cells, words(rules), policy)
            result.errors += [RowError(TABLE, number, column, why) for column, why in errors]
            if not errors:
                yield number, given


def _facts(
    wanted: Sequence[Column], known: Mapping[str, int], cells: Sequence[str | None], said: Words, policy: Policy
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    given: dict[str, Any] = {}
    errors = []
    for column in wanted:
        index = known.get(column.field)
        text = cells[index] if index is not None and index < len(cells) else ""
        if text == "" and not column.required:
            continue
        try:
            given[column.field] = parse(column, text, said)
        except BadCell as bad:
            errors.append((column.zh, str(bad)))
    if "category" in given and "subcategory" in given:
        subs = policy.categories[given["category"]].subcategories
        given["subcategory"] = next(
            (code for code, zh in subs.items() if zh == given["subcategory"]), given["subcategory"]
        )
    return given, errors


def fact_columns(rules: DirectoryRules, policy: Policy) -> list[Column]:
    raw = load_facts()
    codes = {
        "categories": {code: one.zh for code, one in policy.categories.items()},
        "tiers": rules.tiers,
        "injuries": raw["injuries"],
    }
    return [
        Column(
            one["field"],
            one["zh"],
            one["type"],
            one.get("required", False),
            aliases=tuple(one.get("aliases", ())),
            codes=codes.get(one.get("values", "")),
        )
        for one in raw["columns"]
    ]
