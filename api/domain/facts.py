"""What is known about a dispute, as routing needs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from api.domain.errors import InvalidInput
from api.domain.organisation import Place
from api.domain.tier import Tier

# Kinds of party that are no persons.
BODIES = frozenset({"organisation", "company", "government", "village"})
# What stands among the facts for a respondent who is a person: the name itself is kept encrypted, with the parties.
A_PERSON = "个人"


class Origin(StrEnum):
    """How a dispute came to mediation: 主动调解、依申请调解、委托移送调解."""

    ACTIVE = "active"
    APPLICATION = "application"
    REFERRED = "referred"


class Injury(StrEnum):
    NONE = "none"
    MINOR = "minor"
    SERIOUS = "serious"


@dataclass(frozen=True)
class DisputeFacts:
    """None means "not known". `refused_by_party`: a party refuses mediation itself; `refused`: whom they refuse.

    `serve_…`: where the person lives now, when that is not the place of the dispute (乡事城办); `other_…`: where the
    other party lives. `origin` only matters to statistics.
    """

    category: str = ""
    subcategory: str = ""
    town: str = ""
    village: str = ""
    group: str = ""
    parties_same_group: bool | None = None
    parties_same_village: bool | None = None
    people_involved: int | None = None
    amount_yuan: float | None = None
    injury: Injury = Injury.NONE
    violence_risk: bool = False
    emotional: bool = False
    historical: bool = False
    professional: bool = False
    prior_attempts: tuple[Tier, ...] = ()
    respondent_org: str = ""
    refused_by_party: bool = False
    refused: tuple[str, ...] = ()
    court_accepted: bool = False
    vulnerable_party: bool = False
    crisis: str = ""
    wants_court: bool = False
    language: str = ""
    preferred_mediator: str = ""
    preferred_organisation: str = ""
    party_names: tuple[str, ...] = ()
    party_households: tuple[str, ...] = ()
    serve_town: str = ""
    serve_village: str = ""
    serve_group: str = ""
    other_town: str = ""
    other_village: str = ""
    event_date: date | None = None
    origin: str = ""

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> "DisputeFacts":
        """Null values count as not given. Raises InvalidInput naming the key, in Chinese."""
        if unknown := sorted(set(given) - set(PARSERS)):
            more = {"field": unknown[0]}
            raise InvalidInput(f"不认识的事实项：{'、'.join(unknown)}", code="unknown_fact", more=more)
        values = {key: _parsed(key, value) for key, value in given.items() if value is not None}
        refusal = values.get("refused_by_party")
        if isinstance(refusal, tuple):
            values["refused_by_party"] = False
            values["refused"] = (*values.get("refused", ()), *refusal)
        return cls(**values)

    @property
    def place(self) -> Place:
        return Place(town=self.town, village=self.village, group=self.group)

    @property
    def served_at(self) -> Place:
        """Where the case is handled: the place of residence when one was given, else the place of the dispute."""
        if self.serve_town or self.serve_village:
            return Place(town=self.serve_town or self.town, village=self.serve_village, group=self.serve_group)
        return self.place

    @property
    def other_place(self) -> Place | None:
        """Of the other party, only when it is known to be another village or town."""
        town = self.other_town or (self.town if self.other_village else "")
        differs = town != self.town or (self.other_village and self.village and self.other_village != self.village)
        return Place(town=town, village=self.other_village) if town and self.town and differs else None

    @property
    def case(self) -> str:
        return f"{self.category}.{self.subcategory}"

    def values(self) -> dict[str, Any]:
        """The facts by name, plus `case` (category.subcategory), as conditions read them."""
        known = {field.name: getattr(self, field.name) for field in fields(self)} | {"case": self.case}
        if self.other_place and self.parties_same_village is None:
            known["parties_same_village"] = False
        return known


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise InvalidInput(f"“{key}”应当是不超过 200 字的文字")
    return value.strip()


def _parsed(key: str, value: Any) -> Any:
    try:
        return PARSERS[key](key, value)
    except InvalidInput as error:
        error.more["field"] = key
        raise


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"“{key}”只能是 true 或 false")
    return value


def _count(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000_000:
        raise InvalidInput(f"“{key}”应当是不小于 0 的整数")
    return value


def _amount(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e12:
        raise InvalidInput(f"“{key}”应当是不小于 0 的数（元）")
    return float(value)


def _injury(key: str, value: Any) -> Injury:
    if value not in list(Injury):
        raise InvalidInput(f"“{key}”只能是 none（无）、minor（轻微）或 serious（严重）")
    return Injury(value)


def _origin(key: str, value: Any) -> str:
    if value not in list(Origin):
        raise InvalidInput(f"“{key}”只能是 active（主动）、application（申请）或 referred（委托移送）")
    return str(value)


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidInput(f"“{key}”应当是文字列表")
    return tuple(_text(key, item) for item in value)


def _tiers(key: str, value: Any) -> tuple[Tier, ...]:
    names = _texts(key, value)
    if wrong := [name for name in names if name not in list(Tier)]:
        raise InvalidInput(f"“{key}”里有不认识的层级：{'、'.join(wrong)}；可用：{'、'.join(Tier)}")
    return tuple(sorted({Tier(name) for name in names}, key=lambda tier: tier.rank))


def _refusal(key: str, value: Any) -> bool | tuple[str, ...]:
    """true: refuses mediation; a name or a list of names: refuses these people or organisations (人民调解法 17、23)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return (_text(key, value),) if value.strip() else ()
    return _texts(key, value)


def _date(key: str, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"“{key}”应当是日期，例如 2026-05-01") from None


PARSERS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(
        (
            "category",
            "subcategory",
            "town",
            "village",
            "group",
            "respondent_org",
            "crisis",
            "language",
            "preferred_mediator",
            "preferred_organisation",
            "serve_town",
            "serve_village",
            "serve_group",
            "other_town",
            "other_village",
        ),
        _text,
    ),
    **dict.fromkeys(
        (
            "parties_same_group",
            "parties_same_village",
            "violence_risk",
            "emotional",
            "historical",
            "professional",
            "court_accepted",
            "vulnerable_party",
            "wants_court",
        ),
        _flag,
    ),
    "people_involved": _count,
    "amount_yuan": _amount,
    "injury": _injury,
    "origin": _origin,
    "prior_attempts": _tiers,
    "refused_by_party": _refusal,
    "refused": _texts,
    "party_names": _texts,
    "party_households": _texts,
    "event_date": _date,
}
