"""Limits set by law as people see them: computed by the calculator, with what to ask and what to do."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from api.db.tables.desk import TicketRow
from api.domain import deadline
from api.domain.calendar import LOCAL
from api.domain.deadline import LegalClock
from api.domain.policy import Policy
from api.services.ticket_facts import policy_facts
from api.services.working_days import working_calendar
from knowledge_base.calculators import limitation
from knowledge_base.calculators.base import Context


def legal_list(clocks: Iterable[LegalClock], policy: Policy, today: date) -> list[dict[str, Any]]:
    """As stored and shown; `question` asks for the first day while it is not known."""
    return [_told(one, policy, today) for one in clocks]


def of_ticket(row: TicketRow, policy: Policy, now: datetime) -> list[dict[str, Any]]:
    """From the facts known today, not those of the day it was opened."""
    found = deadline.legal_clocks(policy_facts(row, policy), policy, now, working_calendar())
    return legal_list(found, policy, now.astimezone(LOCAL).date())


def _told(clock: LegalClock, policy: Policy, today: date) -> dict[str, Any]:
    told: dict[str, Any] = {
        "key": clock.key,
        "text": clock.zh,
        "because": clock.because,
        "basis": list(clock.basis),
        "starts": clock.start.isoformat() if clock.start else None,
        "ends": clock.ends.isoformat() if clock.ends else None,
        "passed": clock.passed,
        "left_days": max((clock.ends - today).days, 0) if clock.ends else None,
        "question": None,
        "steps": [],
        "notes": [],
        "advice": _advice(clock, policy, today),
    }
    if not clock.limit:
        return told
    kind = limitation.clocks()[clock.limit]
    if clock.start is None:
        return told | {"question": kind["question"], "notes": list(kind.get("notes", ()))}
    context = Context({"clocks": limitation.clocks()}, today, lambda day: not working_calendar().is_working(day))
    result = limitation.calculate(limitation.Facts(clock.limit, clock.start), context)
    return told | {"steps": list(result.steps), "notes": list(result.missing)}


def _advice(clock: LegalClock, policy: Policy, today: date) -> str:
    advice = policy.legal_advice
    if clock.ends is None:
        return ""
    if clock.passed:
        return advice.passed
    return advice.soon if (clock.ends - today).days <= advice.soon_days else ""
