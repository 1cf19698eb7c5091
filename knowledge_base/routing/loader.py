"""Reads the routing policy and refuses content that is incomplete, unexplained or uses unknown codes."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.calculators import limitation

HERE = Path(__file__).parent
FILES = (
    "taxonomy",
    "tiers",
    "assessment",
    "referrals",
    "protective",
    "specialists",
    "deadlines",
    "questions",
    "similar",
    "clarify",
)
RULES = {
    "tiers": ("implied_respondents",),
    "assessment": ("weights", "complexity", "warning", "flags"),
    "referrals": ("referrals",),
    "protective": ("protective",),
    "specialists": ("specialists",),
    "deadlines": ("deadlines", "legal_clocks"),
}
ARTICLE = re.compile(r"^[\u4e00-\u9fff、]+#第[零一二三四五六七八九十百千]+条(之[一二三四五])?$")
COMPARISON = re.compile(r"^(>=|<)\s*(\d+(?:\.\d+)?)$")
MAX_QUESTIONS = 5


class RoutingError(Exception):
    """All problems at once, each with its file."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class RoutingContent:
    """The files as plain data, by their names."""

    taxonomy: Mapping[str, Any]
    tiers: Mapping[str, Any]
    assessment: Mapping[str, Any]
    referrals: Mapping[str, Any]
    protective: Mapping[str, Any]
    specialists: Mapping[str, Any]
    deadlines: Mapping[str, Any]
    questions: Mapping[str, Any]
    similar: Mapping[str, Any]
    clarify: Mapping[str, Any]
    version: str = ""

    def rules(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every rule with the place it stands at, for checks that go through all of them."""
        for file, lists in RULES.items():
            for name in lists:
                for number, rule in enumerate(getattr(self, file)[name], 1):
                    yield f"{file}.yml {name}[{number}]", rule

    def subjects(self) -> dict[str, str]:
        """Fields of specialist committees and arbitration bodies: code → Chinese."""
        return {**self.specialists["fields"], **self.specialists["arbitration"]}

    def articles(self) -> frozenset[str]:
        """All article ids that the policy rests on."""
        return frozenset(basis for _, rule in self.rules() for basis in rule["basis"] if "#" in basis)

    def common_facts(self, *, but: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
        """The questions of every kind of dispute that give a fact of routing by a button, without those in `but`."""
        asked = {question["key"] for question in but}
        common = self.questions["ask"].values()
        return [dict(one) for one in common if one.get("values") and one["key"] not in asked]

    def questions_for(self, category: str, subcategory: str = "") -> list[dict[str, Any]]:
        """The questions of the subcategory, else of the category, else none."""
        known = self.questions["questions"]
        return list(known.get(f"{category}.{subcategory}") or known.get(category) or ())


def load(folder: Path = HERE) -> RoutingContent:
    """Raises RoutingError with every problem found."""
    problems: list[str] = []
    digest = hashlib.sha256()
    read: dict[str, Any] = {}
    for name in FILES:
        path = folder / f"{name}.yml"
        try:
            raw = path.read_bytes()
            read[name] = yaml.safe_load(raw)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            problems.append(f"{path.name}: 读不出来（{type(error).__name__}）")
            continue
        digest.update(raw)
        if not isinstance(read[name], dict):
            problems.append(f"{path.name}: 内容应当是“名称: 值”")
    if problems:
        raise RoutingError(problems)
    content = RoutingContent(**read, version=digest.hexdigest()[:12])
    try:
        problems = list(check(content))
    except (KeyError, TypeError, AttributeError) as error:
        problems = [f"缺少必要的内容或结构不对：{error}"]
    if problems:
        raise RoutingError(problems)
    return content


def parse_test(expected: Any) -> tuple[str, Any]:
    """One value of a `when`: (operator, value). Strings like ">=10" compare, lists are alternatives."""
    if isinstance(expected, str) and (match := COMPARISON.match(expected)):
        return ("at_least" if match[1] == ">=" else "below", float(match[2]))
    if isinstance(expected, list):
        return ("in", tuple(expected))
    if isinstance(expected, dict):
        ((_, value),) = expected.items()
        return ("contains", value)
    return ("is", expected)


def check(content: RoutingContent) -> Iterator[str]:
    cases = _cases(content)
    for where, rule in content.rules():
        yield from _explained(where, rule)
        yield from _known_codes(where, rule.get("when"), cases, content)
    yield from _subjects(content)
    yield from _respondents(content)
    yield from _limits(content)
    yield from _questions(content, cases)
    yield from _clarifying(content, cases)


def _subjects(content: RoutingContent) -> Iterator[str]:
    known = content.subjects()
    for number, rule in enumerate(content.specialists["specialists"], 1):
        if rule["subject"] not in known:
            yield f"specialists.yml specialists[{number}]: 没有这个专业领域：{rule['subject']}"


def _respondents(content: RoutingContent) -> Iterator[str]:
    """Patterns that compile, of kinds that have words."""
    for kind, patterns in content.tiers["respondent_patterns"].items():
        if kind not in content.tiers["respondent_words"]:
            yield f"tiers.yml respondent_patterns: respondent_words 里没有 {kind}"
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error:
                yield f"tiers.yml respondent_patterns.{kind}: 写法不对：{pattern}"


def _limits(content: RoutingContent) -> Iterator[str]:
    for number, rule in enumerate(content.deadlines["legal_clocks"], 1):
        if "limit" in rule and rule["limit"] not in limitation.clocks():
            yield f"deadlines.yml legal_clocks[{number}]: 期限计算器里没有 {rule['limit']}"
    if not {"soon_days", "soon", "passed"} <= content.deadlines["legal_advice"].keys():
        yield "deadlines.yml legal_advice: 要写 soon_days、soon 和 passed"


def _cases(content: RoutingContent) -> frozenset[str]:
    """Every code that a condition may name: categories, category.subcategory, and a category left open."""
    found: set[str] = set()
    for category in content.taxonomy["categories"]:
        code = category["code"]
        found |= {code, f"{code}.", *(f"{code}.{sub}" for sub in category["subcategories"])}
    return frozenset(found)


def _explained(where: str, rule: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(rule.get("because"), str) or not rule["because"].strip():
        yield f"{where}: 缺少理由 because"
    basis = rule.get("basis")
    if not isinstance(basis, list) or not basis:
        yield f"{where}: 缺少依据 basis"
        return
    for item in basis:
        if "#" in item and not ARTICLE.match(item):
            yield f"{where}: 条文编号写法不对：{item}"


def _known_codes(where: str, when: Any, cases: frozenset[str], content: RoutingContent) -> Iterator[str]:
    if not isinstance(when, dict):
        yield f"{where}: 缺少条件 when"
        return
    known = {"case": cases, "category": cases, "crisis": content.taxonomy["crisis"]}
    for fact, expected in when.items():
        values = expected if isinstance(expected, list) else [expected]
        if fact in known and (wrong := [value for value in values if value not in known[fact]]):
            yield f"{where}: {fact} 里有不认识的代码：{'、'.join(map(str, wrong))}"


def _questions(content: RoutingContent, cases: frozenset[str]) -> Iterator[str]:
    for case, questions in content.questions["questions"].items():
        where = f"questions.yml {case}"
        if case not in cases:
            yield f"{where}: 没有这个类别"
        if len(questions) > MAX_QUESTIONS:
            yield f"{where}: 最多 {MAX_QUESTIONS} 个问题"
        for question in questions:
            if not question.get("key") or not question.get("text"):
                yield f"{where}: 每个问题要有 key 和 text"
            if set(question.get("values", ())) - set(question.get("buttons", ())):
                yield f"{where}.{question['key']}: values 只能对应按钮文字"
            said, numbers = question.get("said", ()), question.get("type") == "number"
            if isinstance(said, dict) and not numbers and set(said) - set(question.get("buttons", ())):
                yield f"{where}.{question['key']}: said 只能对应按钮文字"


def _clarifying(content: RoutingContent, cases: frozenset[str]) -> Iterator[str]:
    """Every category that can be told apart has plain words; a pair names two categories and a button for each way."""
    rules = content.clarify
    named = {category["code"] for category in content.taxonomy["categories"]} - {"out_of_scope"}
    if set(rules["plain"]) != named:
        yield f"clarify.yml plain: 和分类对不上：{'、'.join(sorted(set(rules['plain']) ^ named))}"
    for pair in rules["pairs"]:
        where = f"clarify.yml {'、'.join(pair['between'])}"
        if len(set(pair["between"])) != 2 or not set(pair["between"]) <= named:
            yield f"{where}: between 要写两个类别"
        if len(pair["buttons"]) < 2 or not set(pair["buttons"]) <= cases:
            yield f"{where}: 按钮要对应至少两个类别"


def load_demo_place(folder: Path = HERE) -> Mapping[str, Any]:
    """The fictional county of the demo: towns, villages, bodies, and one placeholder per post."""
    plan: Mapping[str, Any] = yaml.safe_load((folder / "demo_place.yml").read_text("utf-8"))
    return plan
