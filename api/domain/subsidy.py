"""一案一补: what a file is worth, with its inputs in sight, and the guards that hold files back before they are paid.

Pay per file breeds files: what piles up in one village or on one mediator, repeats itself or shares its signatures is
held for a look, never refused by the machine.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Concentration:
    """From `least` files on, when they are `share` percent of all and `times_fair` of what would be a fair part."""

    least: int
    share: int
    times_fair: float

    def exceeded(self, count: int, total: int, fair: float) -> bool:
        """`fair`: the part of all files, from 0 to 1, that one would expect."""
        part = count / total if total else 0.0
        return count >= self.least and part * 100 >= self.share and part >= self.times_fair * fair


@dataclass(frozen=True)
class Spike:
    least: int
    times: float
    months: int


@dataclass(frozen=True)
class Extra:
    code: str
    zh: str
    yuan: int


@dataclass(frozen=True)
class SubsidyRules:
    """`grades`: complexity → (Chinese, yuan); `shares`: outcome → percent; `words`: the sentences people read."""

    grades: Mapping[str, tuple[str, int]]
    shares: Mapping[str, int]
    outcomes: Mapping[str, str]
    extras: tuple[Extra, ...]
    most_yuan: int
    village: Concentration
    mediator: Concentration
    spike: Spike
    per_day: int
    phone_files: int
    call_percent: int
    call_least: int
    words: Mapping[str, str]


@dataclass(frozen=True)
class File:
    """A closed ticket as the guards see it. `parties`, `text`, `phones`, `papers` are digests, "" or empty if unknown.

    `extras`: codes of what was found in it.
    """

    no: str
    village: str
    mediator: str
    complexity: str
    outcome: str
    closed_on: date
    category: str = ""
    parties: str = ""
    text: str = ""
    phones: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Worth:
    grade: str
    yuan: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Hold:
    code: str
    text: str


@dataclass(frozen=True)
class Expected:
    """What would be usual: each village's fair part (0 to 1), how many mediators there are, past monthly counts."""

    village_part: Mapping[str, float]
    mediators: int
    village_before: Mapping[str, float]
    mediator_before: Mapping[str, float]


def worth(file: File, rules: SubsidyRules) -> Worth:
    """Whole yuan, rounded down, with every step as a sentence."""
    zh, base = rules.grades[file.complexity]
    percent, words = rules.shares[file.outcome], rules.words
    yuan = base * percent // 100
    reasons = [
        words["basis"].format(grade=zh, yuan=base),
        words["share"].format(outcome=rules.outcomes[file.outcome], percent=percent),
    ]
    for extra in rules.extras:
        if extra.code in file.extras:
            yuan += extra.yuan
            reasons.append(words["extra"].format(zh=extra.zh, yuan=extra.yuan))
    if yuan > rules.most_yuan:
        yuan = rules.most_yuan
        reasons.append(words["most"].format(yuan=yuan))
    return Worth(file.complexity, yuan, tuple(reasons))


def holds(
    files: Sequence[File], before: Sequence[File], expected: Expected, rules: SubsidyRules
) -> dict[str, list[Hold]]:
    """Why each of these files must wait; `before`: files of earlier months, which only duplicates are looked for in."""
    found: dict[str, list[Hold]] = defaultdict(list)
    for one in (_piles(files, expected, rules), _spikes(files, expected, rules), _days(files, rules)):
        for no, hold in one:
            found[no].append(hold)
    for no, hold in _repeats(files, before, rules):
        found[no].append(hold)
    return dict(found)


Found = Iterable[tuple[str, Hold]]


def _piles(files: Sequence[File], expected: Expected, rules: SubsidyRules) -> Found:
    total, words = len(files), rules.words
    fair = 1 / expected.mediators if expected.mediators else 1.0
    for village, mine in _grouped(files, lambda file: file.village).items():
        if rules.village.exceeded(len(mine), total, expected.village_part.get(village, 0.0)):
            text = words["village"].format(name=village, count=len(mine), total=total, percent=len(mine) * 100 // total)
            yield from ((file.no, Hold("village", text)) for file in mine)
    for mediator, mine in _grouped(files, lambda file: file.mediator).items():
        if mediator and rules.mediator.exceeded(len(mine), total, fair):
            text = words["mediator"].format(count=len(mine), total=total, percent=len(mine) * 100 // total)
            yield from ((file.no, Hold("mediator", text)) for file in mine)


def _spikes(files: Sequence[File], expected: Expected, rules: SubsidyRules) -> Found:
    looked: tuple[tuple[Callable[[File], str], Mapping[str, float], bool], ...] = (
        (lambda file: file.village, expected.village_before, True),
        (lambda file: file.mediator, expected.mediator_before, False),
    )
    for key, before, is_place in looked:
        for name, mine in _grouped(files, key).items():
            usual = before.get(name)
            if usual and len(mine) >= rules.spike.least and len(mine) > usual * rules.spike.times:
                text = rules.words["spike"].format(
                    name=name if is_place else "同一调解员",
                    count=len(mine),
                    months=rules.spike.months,
                    average=f"{usual:.1f}",
                )
                yield from ((file.no, Hold("spike", text)) for file in mine)


def _days(files: Sequence[File], rules: SubsidyRules) -> Found:
    for (mediator, day), mine in _grouped(files, lambda file: (file.mediator, file.closed_on)).items():
        if mediator and len(mine) > rules.per_day:
            text = rules.words["per_day"].format(day=f"{day.month}月{day.day}日", count=len(mine))
            yield from ((file.no, Hold("per_day", text)) for file in mine)


def _repeats(files: Sequence[File], before: Sequence[File], rules: SubsidyRules) -> Found:
    """The same people about the same matter, the same text, the same signed paper, one telephone in many files."""
    everything = [*files, *before]
    asked = {file.no for file in files}
    parties = [((file.parties, file.category), file.no) for file in everything if file.parties]
    texts = [(file.text, file.no) for file in everything if file.text]
    papers = [(paper, file.no) for file in everything for paper in file.papers]
    for code, pairs in (("duplicate", parties), ("same_text", texts), ("signature", papers)):
        for no, others in _shared(pairs).items():
            if no in asked:
                yield no, Hold(code, rules.words[code].format(others="、".join(sorted(others)[:5])))
    used = Counter(phone for file in files for phone in file.phones)
    for file in files:
        most = max((used[phone] for phone in file.phones), default=0)
        if most >= rules.phone_files:
            yield file.no, Hold("phone", rules.words["phone"].format(count=most))


def _shared(pairs: Iterable[tuple[Hashable, str]]) -> dict[str, set[str]]:
    """File number → the other files that hold the same thing."""
    holders: dict[Hashable, set[str]] = defaultdict(set)
    for thing, no in pairs:
        holders[thing].add(no)
    others: dict[str, set[str]] = defaultdict(set)
    for numbers in holders.values():
        for no in numbers if len(numbers) > 1 else ():
            others[no] |= numbers - {no}
    return others


def _grouped(files: Iterable[File], key: Callable[[File], Key]) -> dict[Key, list[File]]:
    groups: dict[Key, list[File]] = defaultdict(list)
    for file in files:
        groups[key(file)].append(file)
    return groups


def drawn(numbers: Sequence[str], percent: int, least: int, seed: str) -> list[str]:
    """A random sample, rounded up; the same seed draws the same one from the same numbers, in whatever order."""
    wanted = min(len(numbers), max(least, math.ceil(len(numbers) * percent / 100)))
    return sorted(random.Random(seed).sample(sorted(numbers), wanted))
