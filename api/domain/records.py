"""Records on a ticket: who may add, move on and read which kind. What a record holds is checked by its fields."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api.domain.access import Viewer, ViewerKind, supervises
from api.domain.errors import Conflict, Forbidden, TransitionNotAllowed
from api.domain.lifecycle import STATUS_ZH, Status
from api.domain.ticket import Ticket


class Sees(StrEnum):
    PARTIES = "parties"
    STAFF = "staff"
    AUTHOR = "author"


class Hand(StrEnum):
    """In what part somebody may act: SYSTEM is the product itself."""

    HANDLER = "handler"
    SUPERVISOR = "supervisor"
    TARGET = "target"
    APPLICANT = "applicant"
    STAFF = "staff"
    AUTHOR = "author"
    SYSTEM = "system"


@dataclass(frozen=True)
class RecordStep:
    """`start` is empty for adding. `under`: in which states of the record it hangs under (empty: any)."""

    code: str
    zh: str
    start: frozenset[str]
    to: str
    by: frozenset[Hand]
    under: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RecordKind:
    """`statuses`: of the ticket, in which one may be added (empty: all). `part_of`: the kind it hangs under."""

    code: str
    zh: str
    sees: Sees
    states: Mapping[str, str]
    add: RecordStep
    steps: Mapping[str, RecordStep] = field(default_factory=dict)
    statuses: frozenset[Status] = frozenset()
    part_of: str = ""
    once: bool = False
    protective: bool = True

    def steps_from(self, state: str) -> list[RecordStep]:
        return [step for step in self.steps.values() if state in step.start]

    def steps_of(self, record: "Record") -> list[RecordStep]:
        """As things stand with it and with the record it hangs under."""
        return [step for step in self.steps_from(record.state) if not step.under or record.parent in step.under]


@dataclass(frozen=True)
class Record:
    """`target`: the organisation it calls, by id. `parent`: the state of the record it hangs under."""

    kind: str
    state: str
    author: str
    target: str = ""
    parent: str = ""


def may_read(viewer: Viewer, kind: RecordKind, record: Record) -> bool:
    """Only for a ticket the viewer may see. What is sealed opens to its author alone, whatever else one may do."""
    if kind.sees is Sees.AUTHOR:
        return viewer.actor == record.author
    return viewer.kind is not ViewerKind.APPLICANT or kind.sees is Sees.PARTIES or viewer.actor == record.author


def may_act(viewer: Viewer, ticket: Ticket, step: RecordStep, record: Record | None = None) -> bool:
    hands = step.by
    if viewer.kind is ViewerKind.APPLICANT:
        return Hand.APPLICANT in hands
    if viewer.kind is ViewerKind.TOOL or viewer.role == "admin":
        return hands != {Hand.SYSTEM}
    own = bool(viewer.organisation) and viewer.organisation == ticket.organisation
    parts = {
        Hand.STAFF: True,
        Hand.HANDLER: own,
        Hand.SUPERVISOR: not own and (viewer.everything or supervises(viewer, ticket)),
        Hand.TARGET: record is not None and bool(record.target) and record.target == viewer.organisation,
        Hand.AUTHOR: record is not None and record.author == viewer.actor,
    }
    return any(parts.get(hand, False) for hand in hands)


def check_add(viewer: Viewer, ticket: Ticket, kind: RecordKind) -> None:
    """Raises Forbidden or TransitionNotAllowed."""
    if not may_act(viewer, ticket, kind.add):
        raise Forbidden(f"您没有权限登记{kind.zh}")
    if ticket.protective and not kind.protective:
        raise TransitionNotAllowed(f"保护性工单不安排双方当面调解，不能登记{kind.zh}")
    if kind.statuses and ticket.status not in kind.statuses:
        possible = [status.value for status in Status if status in kind.statuses]
        zh = "、".join(STATUS_ZH[Status(one)] for one in possible)
        raise TransitionNotAllowed(
            f"工单现在是“{STATUS_ZH[ticket.status]}”，“{zh}”时才能登记{kind.zh}", more={"allowed_in": possible}
        )


def check_step(viewer: Viewer, ticket: Ticket, kind: RecordKind, record: Record, code: str) -> RecordStep:
    """The step, or Forbidden, or TransitionNotAllowed naming the steps that are possible now."""
    step = kind.steps.get(code)
    allowed = [one.code for one in kind.steps_of(record) if may_act(viewer, ticket, one, record)]
    if step is None or record.state not in step.start:
        name = step.zh if step else code
        raise TransitionNotAllowed(
            f"{kind.zh}现在是“{kind.states[record.state]}”，不能{name}", more={"allowed": allowed}
        )
    if step not in kind.steps_of(record):
        raise TransitionNotAllowed(
            f"这条{kind.zh}所属的记录已经不在能{step.zh}的状态", code="record_required", more={"allowed": allowed}
        )
    if not may_act(viewer, ticket, step, record):
        raise Forbidden(f"您没有权限办{kind.zh}的“{step.zh}”")
    return step


def check_version(version: int | None, current: int) -> None:
    """Raises Conflict when the caller looked at an older state."""
    if version is not None and version != current:
        raise Conflict.changed_meanwhile(version=current)


def salted_digest(salt: str, content: Mapping[str, Any]) -> str:
    """What stands in the history instead of the content: proves it unchanged and tells nobody what it says."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
