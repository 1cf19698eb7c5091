"""Is this the same dispute as that one? Names are compared loosely, the rest exactly; every point has its reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from api.domain.policy import Similarity


@dataclass(frozen=True)
class Sketch:
    """What two tickets are compared by."""

    no: str
    category: str
    subcategory: str
    village: str
    group: str
    sender: str
    applicant: str = ""
    respondent: str = ""
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Likeness:
    no: str
    points: int
    why: tuple[str, ...]


def likeness(one: Sketch, other: Sketch, rules: Similarity) -> Likeness:
    found = list(_alike(one, other, rules))
    return Likeness(other.no, sum(rules.points[key] for key in found), tuple(rules.because[key] for key in found))


def same_respondent(one: str, other: str, rules: Similarity) -> bool:
    """Names of people or bodies; a body is compared without 有限公司, 工地 and the like."""
    if not one or not other:
        return False
    mine, theirs = _bare(one, rules.company_words), _bare(other, rules.company_words)
    limit = rules.organisation_alike if max(len(one), len(other)) > 4 else rules.name_alike
    return mine == theirs or SequenceMatcher(None, mine, theirs).ratio() >= limit


def _alike(one: Sketch, other: Sketch, rules: Similarity) -> Iterator[str]:
    yield from _equal(one, other)
    if _same_person(one.applicant, other.applicant, rules):
        yield "applicant"
    if same_respondent(one.respondent, other.respondent, rules):
        yield "respondent"
    if _crossed(one, other, rules):
        yield "crossed"


def _equal(one: Sketch, other: Sketch) -> Iterator[str]:
    if one.sender and one.sender == other.sender:
        yield "same_sender"
    if one.phones & other.phones:
        yield "same_phone"
    if one.subcategory and one.subcategory == other.subcategory:
        yield "subject"
    if one.village and one.village == other.village:
        yield "village"
        if one.group and one.group == other.group:
            yield "group"


def _crossed(one: Sketch, other: Sketch, rules: Similarity) -> bool:
    """Both sides asked, each against the other."""
    return _same_person(one.applicant, other.respondent, rules) and _same_person(one.respondent, other.applicant, rules)


def _same_person(one: str, other: str, rules: Similarity) -> bool:
    """One wrong character in a name of three is forgiven, a different length is not."""
    if not one or len(one) != len(other):
        return False
    return one == other or SequenceMatcher(None, one, other).ratio() >= rules.name_alike


@lru_cache(maxsize=4096)
def _bare(name: str, words: tuple[str, ...]) -> str:
    bare = "".join(name.split())
    for word in words:
        bare = bare.replace(word, "")
    return bare or name
