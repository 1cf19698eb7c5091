"""Covenants read beside the law: which sentences take rights away that no village may take, and whether a vote counts.

It may not infringe personal, democratic or property rights (村民委员会组织法 31); people decide, this only shows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.domain.clauses import negated

SENTENCE = re.compile(r"[^。；;！!\n]+[。；;！!]?")


@dataclass(frozen=True)
class CovenantRule:
    """`always`: also where the sentence forbids something (it is the forbidding that is wrong)."""

    code: str
    words: re.Pattern[str]
    text: str
    advice: str
    basis: tuple[str, ...]
    always: bool = False


@dataclass(frozen=True)
class Flag:
    code: str
    passage: str
    text: str
    advice: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class VoteRules:
    """(text, advice) of a meeting too small and of a vote without a majority."""

    quorum: tuple[str, str]
    majority: tuple[str, str]
    basis: tuple[str, ...]


def text_flags(text: str, rules: Sequence[CovenantRule], unless: re.Pattern[str]) -> list[Flag]:
    """In the order of the text; a sentence may carry several flags, each once."""
    found = []
    for sentence in SENTENCE.findall(text):
        plain = "".join(sentence.split())
        for rule in rules:
            hit = rule.words.search(plain)
            if hit and (rule.always or not negated(plain, hit.start(), unless)):
                found.append(Flag(rule.code, sentence.strip(), rule.text, rule.advice, rule.basis))
    return found


def vote_flags(vote: Mapping[str, int], by: str, rules: VoteRules) -> list[Flag]:
    """`vote`: entitled, present, in_favour; `by`: people or households, which need different numbers to be there."""
    entitled, present, in_favour = (vote.get(name) for name in ("entitled", "present", "in_favour"))
    if entitled is None or present is None or in_favour is None:
        return []
    enough = present * 3 >= entitled * 2 if by == "households" else present * 2 > entitled
    wrong = [("quorum", rules.quorum)] if not enough else []
    if in_favour * 2 <= present:
        wrong.append(("majority", rules.majority))
    return [Flag(code, "", text.format(**vote), advice, rules.basis) for code, (text, advice) in wrong]
