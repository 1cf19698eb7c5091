"""The kinds of records as the desk uses them: the rules of the domain beside the fields to fill in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from api.domain.deadline import LOCAL
from api.domain.errors import NotFound
from api.domain.lifecycle import Status
from api.domain.records import Hand, RecordKind, RecordStep, Sees
from knowledge_base.desk.records import KindContent, StepContent, load_records
from knowledge_base.fields import described
from knowledge_base.statutes.catalogue import load_catalogue


@dataclass(frozen=True)
class RecordBook:
    kinds: Mapping[str, RecordKind]
    content: Mapping[str, KindContent]

    def of(self, code: str) -> RecordKind:
        """Raises NotFound."""
        if code not in self.kinds:
            raise NotFound(f"没有这种记录：{code[:40]}")
        return self.kinds[code]

    def step(self, kind: str, code: str) -> StepContent:
        found = self.content[kind]
        return found.add if code == "add" else found.steps[code]

    def listing(self) -> list[dict[str, Any]]:
        """For programs and forms that fill records in."""
        return [
            {
                "kind": one.code,
                "zh": one.zh,
                "sees": one.sees,
                "states": dict(one.states),
                "part_of": one.part_of,
                "because": one.because,
                "basis": list(one.basis),
                "add": _form(one.add),
                "steps": [_form(step) for step in one.steps.values()],
            }
            for one in self.content.values()
        ]


def _form(step: StepContent) -> dict[str, Any]:
    rows = {
        name: {"zh": one.zh, "most": one.most, "fields": [described(f) for f in one.fields]}
        for name, one in step.rows.items()
    }
    fields = [described(one) for one in step.fields]
    return {"step": step.code, "zh": step.zh, "from": list(step.start), "to": step.to, "fields": fields, "rows": rows}


@cache
def record_book() -> RecordBook:
    """Raises KnowledgeError for content that is not fit to be used."""
    content = load_records(load_catalogue(), today=datetime.now(LOCAL).date())
    return RecordBook({code: _kind(one) for code, one in content.items()}, content)


def _kind(one: KindContent) -> RecordKind:
    return RecordKind(
        code=one.code,
        zh=one.zh,
        sees=Sees(one.sees),
        states=one.states,
        add=_step(one.add),
        steps={code: _step(step) for code, step in one.steps.items()},
        statuses=frozenset(map(Status, one.while_)),
        part_of=one.part_of,
        once=one.once,
        protective=one.protective,
    )


def _step(one: StepContent) -> RecordStep:
    return RecordStep(
        one.code, one.zh, frozenset(one.start), one.to, frozenset(map(Hand, one.by)), frozenset(one.under)
    )
