"""Calculators as the desk offers them: facts in, a result with its formula, or what has to be asked next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from api.domain.errors import InvalidInput, NotFound
from api.services.working_days import working_calendar
from knowledge_base import reading
from knowledge_base.calculators import FOLDER, Calculator, load_calculators
from knowledge_base.calculators.base import Amount, Result, cents, figure, plain
from knowledge_base.calculators.figures import Dated, LocalFigure, load_figures
from knowledge_base.citations import parse
from knowledge_base.fields import FactError, Field, check_all, described, spoken
from knowledge_base.statutes.catalogue import Catalogue


def jsonable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Typed facts as they travel and are kept between two messages."""
    return {key: _plain_value(value) for key, value in facts.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def refused(error: FactError) -> InvalidInput:
    return InvalidInput(error.detail, code=error.code)


def day_off(day: date) -> bool:
    return not working_calendar().is_working(day)


@dataclass(frozen=True)
class CalculatorDesk:
    """One per process; the county's figures are read at start."""

    calculators: Mapping[str, Calculator]
    figures: Mapping[str, LocalFigure]
    catalogue: Catalogue
    wording: Mapping[str, str]

    def listing(self) -> list[dict[str, Any]]:
        return [
            {"code": one.code, "title": one.title, "fields": [described(field) for field in one.fields]}
            for one in self.calculators.values()
        ]

    def of(self, code: str) -> Calculator:
        found = self.calculators.get(code)
        if found is None:
            raise NotFound(f"没有这个计算：{code[:40]}")
        return found

    def calculate(self, code: str, given: Mapping[str, Any], *, today: date) -> dict[str, Any]:
        """`result` when everything needed is there, else `missing` and the field to `ask` next."""
        calculator = self.of(code)
        try:
            facts = check_all(calculator.fields, given)
            filled, sources = self._with_figures(calculator, facts, today)
            missing = calculator.missing(filled)
            result = None if missing else calculator.calculate(filled, today=today, day_off=day_off)
        except FactError as error:
            raise refused(error) from error
        return {
            "code": code,
            "title": calculator.title,
            "facts": jsonable(facts),
            "missing": [described(one) for one in missing],
            "ask": described(missing[0]) if missing else None,
            "worth_asking": [described(one) for one in calculator.worth_asking(filled)],
            "result": self._told(calculator, facts, filled, result, sources) if result else None,
        }

    def prefill(self, code: str, text: str, entities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return jsonable(reading.prefill(self.of(code).fields, text, entities))

    def answer(self, code: str, field_id: str, text: str, entities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The value in an answer to one field's question."""
        return answered(self.of(code).fields, field_id, text, entities)

    def _with_figures(
        self, calculator: Calculator, facts: Mapping[str, Any], today: date
    ) -> tuple[dict[str, Any], list[str]]:
        """Facts with the county's figures where none was given, and a line on where each figure is from."""
        out, lines = dict(facts), []
        for field in calculator.fields:
            if not field.figure:
                continue
            if field.id in facts:
                lines.append(self._line("given", label=field.label, value=figure(facts[field.id]), unit=""))
            elif dated := self.figures[field.figure].on(calculator.figure_day(field, facts, today)):
                out[field.id] = dated.value
                lines.append(self._figure_line(self.figures[field.figure], dated))
        return out, lines

    def _figure_line(self, local: LocalFigure, dated: Dated) -> str:
        return self._line(
            "figure",
            label=local.label,
            value=figure(dated.value),
            unit=local.unit,
            since=dated.since,
            source=dated.source,
        )

    def _line(self, key: str, **values: object) -> str:
        return self.wording[key].format(**values)

    def _told(
        self,
        calculator: Calculator,
        given: Mapping[str, Any],
        facts: Mapping[str, Any],
        result: Result,
        sources: Sequence[str],
    ) -> dict[str, Any]:
        """`given` is what the person said, `facts` that and the county's figures."""
        basis = list(dict.fromkeys(calculator.articles(facts)))
        assumptions = [*sources, *calculator.assumptions, *result.assumptions]
        heard = self._heard(calculator, given)
        out = {
            "estimate": self.wording["estimate"],
            "heard": heard,
            "lead": list(result.lead),
            "amounts": [amount_out(one) for one in result.amounts],
            "days": {label: day.isoformat() for label, day in result.days.items()},
            "steps": list(result.steps),
            "assumptions": assumptions,
            "notes": list(result.missing),
            "basis": [self._cited(one) for one in basis],
            "checked_on": calculator.checked_on.isoformat(),
            "rights": self.wording["rights"],
        }
        text = self._text(calculator.title, heard, result, assumptions, basis)
        return {**out, "text": text}

    def _heard(self, calculator: Calculator, given: Mapping[str, Any]) -> str:
        """What was said, read back, so that a number heard wrong is seen before it is believed."""
        said = [f"{one.label} {spoken(one, given[one.id])}" for one in calculator.fields if one.id in given]
        return self._line("heard", facts="，".join(said)) if said else ""

    def _cited(self, article: str) -> dict[str, str | None]:
        effective = self.catalogue.laws[parse(article).law].effective
        return {"id": article, "effective": effective.isoformat() if effective else None}

    def _text(self, title: str, heard: str, result: Result, assumptions: Sequence[str], basis: Sequence[str]) -> str:
        """The result as a message for people."""
        lines = [self._line("title", title=title), *([heard] if heard else [])]
        lines += [f"{one.rstrip('。')}。" for one in result.lead]
        lines += [self._amount_line(one) for one in result.amounts]
        lines += [self._line("day", label=label, value=day) for label, day in result.days.items()]
        numbered = [f"{number}. {step}" for number, step in enumerate(result.steps, 1)]
        lines += [f"{self.wording['steps']}：", *numbered]
        for key, said in (("notes", result.missing), ("assumptions", assumptions)):
            lines += [f"{self.wording[key]}：{'；'.join(one.rstrip('。') for one in said)}。"] if said else []
        cited = "、".join(self._line("basis_line", law=one.law, article=one.label) for one in map(parse, basis))
        return "\n".join([*lines, f"{self.wording['basis']}：{cited}", self.wording["rights"]])

    def _amount_line(self, one: Amount) -> str:
        high = plain(one.high) if one.high is not None else ""
        return self._line(
            "range" if high else "amount", label=one.label, value=plain(one.yuan), high=high, unit=one.unit
        )


def answered(
    fields: Sequence[Field], field_id: str, text: str, entities: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    field = next((one for one in fields if one.id == field_id), None)
    if field is None:
        raise NotFound(f"没有这一项：{field_id[:40]}")
    try:
        return jsonable(reading.answer(fields, field, text, entities))
    except FactError as error:
        raise refused(error) from error


def amount_out(one: Amount) -> dict[str, Any]:
    high = float(cents(one.high)) if one.high is not None else None
    return {"label": one.label, "value": float(cents(one.yuan)), "high": high, "unit": one.unit}


def open_calculators(catalogue: Catalogue, home: Path) -> CalculatorDesk:
    """Raises KnowledgeError when the calculators or the county's figures are not fit to be used."""
    figures = load_figures(home / "local_figures.yml")
    wording = yaml.safe_load((FOLDER / "wording.yml").read_text(encoding="utf8"))
    return CalculatorDesk(load_calculators(catalogue, figures), figures, catalogue, wording)
