"""Calculators: pure functions, their rates and questions as data beside them. `load_calculators` reads them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from knowledge_base.calculators import (
    child_support,
    double_wage,
    late_interest,
    limitation,
    litigation_fee,
    loan_interest,
    overtime,
    personal_injury,
    probation,
    severance,
    unpaid_wages,
    work_injury,
)
from knowledge_base.calculators.base import Context, Result, add_months
from knowledge_base.fields import Field, field_of
from knowledge_base.schema import KnowledgeError, Problem
from knowledge_base.statutes.catalogue import Catalogue

FOLDER = Path(__file__).parent
# In the order in which a message is matched against them: the narrower matter first.
MODULES: tuple[ModuleType, ...] = (
    double_wage,
    probation,
    overtime,
    work_injury,
    severance,
    unpaid_wages,
    personal_injury,
    child_support,
    late_interest,
    loan_interest,
    litigation_fee,
    limitation,
)


@dataclass(frozen=True)
class Calculator:
    """`words` say what it is about, `cues` are sentences that ask for it; `sources` maps each number to its article."""

    code: str
    title: str
    fields: tuple[Field, ...]
    numbers: Mapping[str, Any]
    sources: Mapping[str, str]
    basis: tuple[str, ...]
    assumptions: tuple[str, ...]
    words: tuple[str, ...]
    cues: tuple[re.Pattern[str], ...]
    checked_on: date
    facts: type[Any]
    function: Callable[[Any, Context], Result]

    def calculate(self, facts: Mapping[str, Any], *, today: date, day_off: Callable[[date], bool]) -> Result:
        """From typed facts (see knowledge_base.fields.check_all). Raises FactError."""
        return self.function(self.facts(**facts), Context(self.numbers, today, day_off))

    def missing(self, facts: Mapping[str, Any]) -> tuple[Field, ...]:
        """The required facts not given, in the order they are asked."""
        return tuple(self.asking(one, facts) for one in self.fields if one.required and self._open(one, facts))

    def worth_asking(self, facts: Mapping[str, Any]) -> tuple[Field, ...]:
        """Facts without which there is a result, but not of what matters most."""
        return tuple(self.asking(one, facts) for one in self.fields if one.worth and self._wanted(one, facts))

    def asking(self, field: Field, facts: Mapping[str, Any]) -> Field:
        """The field with the question that fits what is known: every time limit asks for its own first day."""
        clock = self.numbers.get("clocks", {}).get(facts.get("kind")) if field.id == "start" else None
        if clock:
            return replace(field, question=clock["question"])
        old = field.figure_on and self._before_the_cap(facts.get(field.figure_on))
        return replace(field, question=self.numbers["question_of_old"]) if old else field

    def figure_day(self, field: Field, facts: Mapping[str, Any], today: date) -> date:
        """For which day a county's figure is needed: that of the loan, or today's where an old loan is sued for."""
        told = facts.get(field.figure_on)
        if told is None and field.figure_on and facts.get("months"):
            told = add_months(today, -int(facts["months"]))
        return today if told is None or self._before_the_cap(told) else told

    def _before_the_cap(self, day: date | None) -> bool:
        return day is not None and "cap_from" in self.numbers and day < self.numbers["cap_from"]

    def articles(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        clock = self.numbers.get("clocks", {}).get(facts.get("kind"))
        return (*clock["articles"], *self.basis) if clock else self.basis

    def _open(self, field: Field, facts: Mapping[str, Any]) -> bool:
        if not self._wanted(field, facts):
            return False
        known = {one.id for one in self.fields if one.id in facts and one.asked(facts)}
        return not any(known.issuperset(others) for others in INSTEAD.get((self.code, field.id), ()))

    @staticmethod
    def _wanted(field: Field, facts: Mapping[str, Any]) -> bool:
        return field.id not in facts and field.asked(facts)


# Facts that may be given together instead of a required one.
INSTEAD = {
    ("severance", "worked"): (("started", "left_on"),),
    ("unpaid_wages", "monthly_wage"): (("daily_wage", "owed_days"),),
    ("unpaid_wages", "owed_months"): (("owed_to",), ("owed_days",)),
    ("late_interest", "due"): (("days",),),
    ("loan_interest", "months"): (("until",), ("signed_on",)),
    ("personal_injury", "medical"): (("lost_days",), ("age",)),
}


def _refusals(calculator: Calculator, catalogue: Catalogue, figures: Mapping[str, Any]) -> list[str]:
    clocks = calculator.numbers.get("clocks", {}).values()
    cited = [*calculator.basis, *calculator.sources.values(), *(one for clock in clocks for one in clock["articles"])]
    out = [why for one in dict.fromkeys(cited) if (why := catalogue.refusal(one, on=calculator.checked_on))]
    known = {one.name: one.default is MISSING for one in dataclass_fields(calculator.facts)}
    if known.keys() != {one.id for one in calculator.fields}:
        out.append("fields 和程序要的不一致")
    out += [f"没有这个地方数据：{one.figure}" for one in calculator.fields if one.figure and one.figure not in figures]
    return out


def _load(module: ModuleType, path: Path) -> Calculator:
    raw = yaml.safe_load(path.read_text(encoding="utf8"))
    numbers = raw["numbers"]
    return Calculator(
        code=raw["code"],
        title=raw["title"],
        fields=tuple(field_of(row) for row in raw["fields"]),
        numbers={name: one["value"] for name, one in numbers.items()},
        sources={name: one["article"] for name, one in numbers.items()},
        basis=tuple(raw["basis"]),
        assumptions=tuple(raw["assumptions"]),
        words=tuple(raw["words"]),
        cues=tuple(re.compile(cue) for cue in raw["cues"]),
        checked_on=raw["checked_on"],
        facts=module.Facts,
        function=module.calculate,
    )


def load_calculators(
    catalogue: Catalogue, figures: Mapping[str, Any], *, folder: Path = FOLDER
) -> dict[str, Calculator]:
    """All of them by code, or KnowledgeError with everything that is wrong."""
    out: dict[str, Calculator] = {}
    problems: list[Problem] = []
    for module in MODULES:
        path = folder / f"{module.__name__.rpartition('.')[2]}.yml"
        try:
            calculator = _load(module, path)
        except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, re.error) as error:
            problems.append(Problem(path.name, "", "", f"读不懂（{type(error).__name__}: {error}）"))
            continue
        problems += [Problem(path.name, calculator.code, "", why) for why in _refusals(calculator, catalogue, figures)]
        out[calculator.code] = calculator
    if problems:
        raise KnowledgeError(problems)
    return out
