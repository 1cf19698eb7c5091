"""What a mediation agreement needs to take effect, what must not stand in it, and the days for its confirmation."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.domain.clauses import negated
from api.domain.deadline import WorkingCalendar

PARTIES = ("applicant", "respondent")
SIGNER_ZH = {"applicant": "申请人", "respondent": "被申请人", "mediator": "调解员", "committee": "调解委员会印章"}
ENFORCED_BY = {True: ("execution",), False: ("lawsuit", "payment_order")}


@dataclass(frozen=True)
class TermRule:
    """`always`: also where a clause forbids something (it is the forbidding that is wrong).

    `confirmable`: False where no court confirms an agreement that says so.
    """

    key: str
    refuses: bool
    pattern: re.Pattern[str]
    because: str
    basis: tuple[str, ...]
    always: bool = False
    confirmable: bool = True


@dataclass(frozen=True)
class FoundTerm:
    text: str
    rule: TermRule


@dataclass(frozen=True)
class AgreementRules:
    """`signers`: by the form of the agreement. `confirm_days`, `remind_on`: counted from the day after effect.

    `unless`: words that turn what follows in the same clause into something not to be done.
    """

    signers: Mapping[str, tuple[str, ...]]
    confirm_days: int
    remind_on: tuple[int, ...]
    docking_days: int
    unless: re.Pattern[str]
    terms: tuple[TermRule, ...]


def forbidden(texts: Iterable[str], rules: AgreementRules) -> list[FoundTerm]:
    """Sentences of the agreement that the law or our own rules do not allow, or that need a second look."""
    return [
        FoundTerm(found, rule)
        for text in texts
        for rule in rules.terms
        if (found := _agreed_on(text, rule, rules.unless)) is not None
    ]


def _agreed_on(text: str, rule: TermRule, unless: re.Pattern[str]) -> str | None:
    """The words of the text that the rule is about, where they are agreed on and not themselves forbidden."""
    hits = rule.pattern.finditer(text)
    return next((hit[0] for hit in hits if rule.always or not negated(text, hit.start(), unless)), None)


def missing_signatures(form: str, roles: Sequence[str], rules: AgreementRules) -> list[str]:
    """A representative may sign for one side."""
    missing = [role for role in rules.signers[form] if role not in roles]
    stand_ins = roles.count("representative")
    for role in [one for one in missing if one in PARTIES][:stand_ins]:
        missing.remove(role)
    return missing


def confirm_by(effective_on: date, rules: AgreementRules, calendar: WorkingCalendar) -> date:
    """The last day for the joint application; the day of effect does not count, a day off moves it on."""
    last = effective_on + timedelta(days=rules.confirm_days)
    while not calendar.is_working(last):
        last += timedelta(days=1)
    return last


def reminder_days(effective_on: date, rules: AgreementRules) -> list[date]:
    return [effective_on + timedelta(days=day) for day in rules.remind_on]


def enforcement_routes(*, confirmed: bool, still_confirmable: bool) -> list[str]:
    """The ways open to the side that was promised something; none of them is decided here."""
    return [*ENFORCED_BY[confirmed], *(["confirmation"] if still_confirmable and not confirmed else [])]
