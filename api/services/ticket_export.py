"""Tickets in the form of a province or a court: one entry only, nothing is typed again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import exports
from api.db.tables.desk import TicketRow
from api.db.tables.statistics import CountedRow
from api.domain.access import Viewer, ViewerKind
from api.domain.deadline import LOCAL
from api.domain.errors import Forbidden, InvalidInput, NotFound
from api.domain.masking import masked
from api.domain.period import Period
from api.domain.statistics import MEASURES, CountQuery
from api.services.count_rules import CountRules, count_rules
from api.services.sheets import to_csv, to_xlsx
from knowledge_base.desk.forms import load_forms

AT_ONCE = 500
DEFAULT_MEASURE = "registered"
# Names stand only in forms marked as personal; numbers of telephones and identity cards in none.
PERSONAL = frozenset({"applicants", "respondents", "text"})


@dataclass(frozen=True)
class Exported:
    """One ticket as the fields of forms read it; `number` counts the rows."""

    number: int
    ticket: TicketRow
    counted: CountedRow
    rules: CountRules

    def names(self, role: str) -> str:
        limits = self.rules.content["exports"]
        if self.ticket.protective:
            return str(limits["protected"])
        return "、".join(masked(one.name) for one in self.ticket.parties if one.role == role and one.name)

    def text(self) -> str:
        limits = self.rules.content["exports"]
        words = limits["protected"] if self.ticket.protective else masked(self.ticket.text)
        return str(words)[: limits["text"]]


def _day(at: datetime | None) -> str:
    return at.astimezone(LOCAL).date().isoformat() if at else ""


FIELDS: Mapping[str, Callable[[Exported], Any]] = {
    "number": lambda one: one.number,
    "no": lambda one: one.ticket.no,
    "opened_on": lambda one: _day(one.ticket.opened_at),
    "category": lambda one: one.ticket.category,
    "category_zh": lambda one: one.rules.name("category", one.ticket.category),
    "subcategory": lambda one: one.ticket.subcategory,
    "subcategory_zh": lambda one: one.rules.names["subcategory"].get(
        f"{one.ticket.category}.{one.ticket.subcategory}", ""
    ),
    "county": lambda one: one.ticket.county,
    "town": lambda one: one.ticket.town,
    "village": lambda one: one.ticket.village,
    "place": lambda one: f"{one.ticket.town}{one.ticket.village}{one.ticket.group_name}",
    "applicants": lambda one: one.names("applicant"),
    "respondents": lambda one: one.names("respondent"),
    "text": lambda one: one.text(),
    "organisation": lambda one: one.ticket.organisation.name if one.ticket.organisation else "",
    "mediator": lambda one: one.ticket.mediator.name if one.ticket.mediator else "",
    "kind_zh": lambda one: one.rules.name("kind", one.counted.kind),
    "tier_zh": lambda one: one.rules.name("tier", one.ticket.tier),
    "origin": lambda one: one.counted.origin,
    "people": lambda one: one.counted.people,
    "complexity": lambda one: one.ticket.complexity,
    "warning_level": lambda one: one.ticket.warning_level,
    "accepted_on": lambda one: _day(one.counted.accepted_at),
    "outcome": lambda one: one.counted.outcome,
    "outcome_zh": lambda one: one.rules.content["outcomes"][one.counted.outcome],
    "decided_on": lambda one: _day(one.counted.decided_at),
    "referred_on": lambda one: _day(one.counted.referred_at),
    "form": lambda one: one.counted.form,
    "amount_yuan": lambda one: one.counted.cents / 100 if one.counted.cents else "",
    "confirmed": lambda one: "yes" if one.counted.confirmed_at else "no",
    "performed": lambda one: "yes" if one.counted.performed_at else "no",
    "performed_on": lambda one: _day(one.counted.performed_at),
}


@cache
def forms() -> Mapping[str, Mapping[str, Any]]:
    """Raises ValueError for a form that asks for what a ticket does not have: a bug in the content."""
    found = load_forms()
    for name, form in found.items():
        asked = {column["field"] for column in form["columns"]}
        if unknown := asked - set(FIELDS):
            raise ValueError(f"{name}.yml: {sorted(unknown)}")
        if asked & PERSONAL and not form["personal"]:
            raise ValueError(f"{name}.yml: personal must be true for {sorted(asked & PERSONAL)}")
        if form.get("measure", DEFAULT_MEASURE) not in MEASURES:
            raise ValueError(f"{name}.yml: {form['measure']}")
    return found


async def export(
    session: AsyncSession,
    name: str,
    period: Period,
    *,
    kind: str,
    visible_to: Viewer,
    progress: Callable[[str, int, int], None] | None = None,
) -> bytes:
    """xlsx or csv. Raises NotFound for an unknown form, Forbidden for names without being an administrator."""
    form = forms().get(name)
    if form is None:
        raise NotFound(f"没有这种表：{name[:40]}；现有：{'、'.join(forms())}")
    if form["personal"] and visible_to.kind is not ViewerKind.TOOL and visible_to.role != "admin":
        raise Forbidden("这张表有姓名，只有系统管理员能导出。")
    rules, wanted = count_rules(), CountQuery(MEASURES[form.get("measure", DEFAULT_MEASURE)], period)
    total = await exports.count(session, wanted, visible_to=visible_to)
    if total > (most := rules.content["exports"]["rows"]):
        raise InvalidInput(f"一次最多导出 {most} 行，这段时间有 {total} 行，请分几次导出", code="too_many_rows")
    columns = form["columns"]
    rows: list[list[Any]] = [[column["zh"] for column in columns]]
    last = 0
    while found := await exports.batch(session, wanted, visible_to=visible_to, after=last, limit=AT_ONCE):
        for ticket, counted in found:
            one = Exported(len(rows), ticket, counted, rules)
            rows.append([_shown(column, FIELDS[column["field"]](one)) for column in columns])
        last = found[-1][0].id
        session.expunge_all()
        if progress:
            progress("导出", len(rows) - 1, total)
    return to_csv(rows) if kind == "csv" else to_xlsx({form["zh"][:31]: rows})


def _shown(column: Mapping[str, Any], value: Any) -> Any:
    value = column.get("codes", {}).get(value, value)
    return column.get("empty", "") if value in ("", None) else value
