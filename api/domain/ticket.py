"""The life of a ticket: a move returns a new ticket and its event. The table of moves is lifecycle.TRANSITIONS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from api.domain.errors import InvalidInput, TransitionNotAllowed
from api.domain.events import Event, Scalar, Trail
from api.domain.lifecycle import (
    MOVE_ZH,
    NEEDS_NOTE,
    OUTCOMES,
    RECORDED,
    STATUS_ZH,
    TRANSITIONS,
    Move,
    Status,
    Transition,
)
from api.domain.needs import NOTHING, Needs, RecordNeed
from api.domain.organisation import Place
from api.domain.policy import WarningLevel
from api.domain.tier import Tier

__all__ = ["TRANSITIONS", "Blocked", "Move", "Status", "Target", "Ticket", "apply", "blocked", "fold", "remember"]

SIDES = ("applicant", "respondent")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a move points: the receiving organisation, the mediator, the master ticket, the new warning level.

    `consents`: the sides that agreed to it, where the law asks both.
    """

    organisation: str = ""
    mediator: str = ""
    ticket: str = ""
    warning_level: WarningLevel | None = None
    consents: frozenset[str] = frozenset()


NOWHERE = Target()


@dataclass(frozen=True)
class Ticket:
    """`trail` remembers (tier, organisation) of every sender, latest last; `version` counts the events behind it."""

    no: str
    category: str
    subcategory: str
    tier: Tier
    organisation: str
    opened_at: datetime
    place: Place
    mediator: str = ""
    status: Status = Status.SUBMITTED
    warning_level: WarningLevel = WarningLevel.GENERAL
    channel: str = ""
    sender: str = ""
    protective: bool = False
    trail: Trail = ()
    outcome: str = ""
    ended_at: datetime | None = None
    reopen_days: int = 0
    extended: bool = False
    merged_into: str = ""
    version: int = 0
    head: str = field(default="", repr=False)

    def can(self, move: Move, lacking: Needs = NOTHING) -> bool:
        """Whether the move is worth offering; only the time limit of a reopening is left to `apply`."""
        timed = move is Move.REOPEN
        if (self.status, move) not in TRANSITIONS or move in lacking:
            return False
        return timed or not _refusal(self, move, self.opened_at)

    def possible(self, lacking: Needs = NOTHING) -> list[str]:
        """The moves from here, for those who ask what else they can do."""
        return [move.value for move in Move if self.can(move, lacking)]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A move that the table knows from here, but that cannot be made now: why, and the records it waits for."""

    move: Move
    because: str
    missing: tuple[RecordNeed, ...] = ()


def blocked(ticket: Ticket, at: datetime, lacking: Needs = NOTHING) -> list[Blocked]:
    found = (_blocked(ticket, move, at, lacking) for move in Move if (ticket.status, move) in TRANSITIONS)
    return [one for one in found if one]


def _blocked(ticket: Ticket, move: Move, at: datetime, lacking: Needs) -> Blocked | None:
    if refusal := _refusal(ticket, move, at):
        return Blocked(move, refusal)
    if missing := lacking.get(move, ()):
        named = "、".join(one.zh for one in missing)
        says = "；".join(one.says for one in missing)
        return Blocked(move, f"{MOVE_ZH[move]}以前要先有{named}：{says}", missing)
    return None


def apply(
    ticket: Ticket,
    move: Move,
    at: datetime,
    actor: str,
    note: str = "",
    target: Target = NOWHERE,
    lacking: Needs = NOTHING,
) -> tuple[Ticket, Event]:
    """The ticket after the move and the event that records it. A refused move raises and changes nothing.

    `lacking`: the records that moves from here still wait for.
    """
    if at.tzinfo is None:
        raise InvalidInput("时间必须带时区")
    transition = TRANSITIONS.get((ticket.status, move))
    if transition is None:
        refusal = f"工单现在是“{STATUS_ZH[ticket.status]}”，不能{MOVE_ZH[move]}"
        raise TransitionNotAllowed(refusal, more={"allowed": ticket.possible(lacking)})
    _not_blocked(ticket, move, at, lacking)
    if move in NEEDS_NOTE and not note.strip():
        raise InvalidInput(f"{MOVE_ZH[move]}要写明理由", code="note_required")
    _guard(ticket, move, target)
    changes = _changes(ticket, move, at, target, transition)
    event = Event.after(ticket.no, ticket.version, ticket.head, move, at, actor, note.strip(), changes)
    return fold(ticket, event), event


def _not_blocked(ticket: Ticket, move: Move, at: datetime, lacking: Needs) -> None:
    found = _blocked(ticket, move, at, lacking)
    if found is None:
        return
    more: dict[str, Any] = {"allowed": ticket.possible(lacking)}
    if found.missing:
        more["missing"] = [{"kind": one.kind, "zh": one.zh, "states": sorted(one.states)} for one in found.missing]
    code = "record_required" if found.missing else TransitionNotAllowed.code
    raise TransitionNotAllowed(found.because, code=code, more=more)


def _guard(ticket: Ticket, move: Move, target: Target) -> None:
    """What the move must point to."""
    needs_organisation = move in (Move.ESCALATE, Move.TRANSFER)
    if needs_organisation and not target.organisation:
        raise InvalidInput(f"{MOVE_ZH[move]}要说明交给哪个组织", code="target_required")
    if move is Move.ASSIGN and not target.mediator:
        raise InvalidInput("指派要说明调解员是谁", code="target_required")
    if move is Move.MERGE and target.ticket in ("", ticket.no):
        raise InvalidInput("合并要说明并入哪一张工单", code="target_required")
    if move is Move.EXTEND and not target.consents.issuperset(SIDES):
        raise InvalidInput("延长调解期限要双方都同意", code="consent_required")
    if move is Move.REGRADE and target.warning_level is None:
        raise InvalidInput("调整预警要说明新的等级", code="target_required")


def _refusal(ticket: Ticket, move: Move, at: datetime) -> str:
    match move:
        case Move.START_MEDIATION | Move.EXTEND if ticket.protective:
            return "保护性工单不安排双方当面调解，请按安全流程处置"
        case Move.CLOSE if ticket.status is Status.ACCEPTED and not ticket.protective:
            return "还没有调解结果，不能结案"
        case Move.ESCALATE if ticket.tier.above is None:
            return "已经到人民法庭诉调对接，不能再上报；请告知仲裁、诉讼等途径"
        case Move.RETURN_TO_SENDER if not ticket.trail:
            return "这张工单不是上报来的，没有可以退回的单位"
        case Move.EXTEND if ticket.extended:
            return "调解期限只能延长一次"
        case Move.REOPEN:
            return _reopen_refusal(ticket, at)
    return ""


def _reopen_refusal(ticket: Ticket, at: datetime) -> str:
    if ticket.outcome == "refused":
        return "一方不愿调解的工单不能重启，可以另行申请"
    if ticket.ended_at is None or at > ticket.ended_at + timedelta(days=ticket.reopen_days):
        return f"结束已超过 {ticket.reopen_days} 天，不能重启，可以另行申请"
    return ""


def _changes(
    ticket: Ticket, move: Move, at: datetime, target: Target, transition: Transition
) -> dict[str, Scalar | Trail]:
    changes: dict[str, Scalar | Trail] = {}
    status = transition.to or ticket.status
    if status is not ticket.status:
        changes["status"] = status
    if move in OUTCOMES or (move is Move.CLOSE and not ticket.outcome):
        changes["outcome"] = OUTCOMES.get(move, "handled")
    if status.final:
        changes["ended_at"] = at.isoformat()
    return changes | _specific(ticket, move, target)


def _specific(ticket: Ticket, move: Move, target: Target) -> dict[str, Scalar | Trail]:
    """What a move sets besides status and outcome."""
    moved: dict[str, Scalar | Trail] = {"organisation": target.organisation, "mediator": target.mediator}
    match move:
        case Move.ESCALATE:
            return moved | _raised(ticket)
        case Move.RETURN_TO_SENDER:
            tier, organisation = ticket.trail[-1]
            return {"tier": tier, "organisation": organisation, "mediator": "", "trail": ticket.trail[:-1]}
        case Move.TRANSFER:
            return moved
        case Move.ASSIGN | Move.EXTEND | Move.MERGE | Move.REGRADE | Move.REOPEN:
            return _set_by(target)[move]
        case _:
            return {}


def _raised(ticket: Ticket) -> dict[str, Scalar | Trail]:
    above = ticket.tier.above
    assert above is not None
    trail = (*ticket.trail, (ticket.tier.value, ticket.organisation))
    return {"tier": above.value, "trail": trail, "outcome": "", "extended": False}


def _set_by(target: Target) -> dict[Move, dict[str, Scalar | Trail]]:
    consents: dict[str, Scalar | Trail] = {f"consent.{side}": True for side in sorted(target.consents)}
    return {
        Move.ASSIGN: {"mediator": target.mediator},
        Move.EXTEND: {"extended": True, **consents},
        Move.MERGE: {"merged_into": target.ticket},
        Move.REGRADE: {"warning_level": target.warning_level},
        Move.REOPEN: {"outcome": "", "ended_at": None, "merged_into": ""},
    }


def remember(ticket: Ticket, at: datetime, actor: str, particulars: Mapping[str, Scalar]) -> tuple[Ticket, Event]:
    """The event of a record on the ticket: it says that something was recorded, with a digest of what."""
    if at.tzinfo is None:
        raise InvalidInput("时间必须带时区")
    changes: dict[str, Scalar | Trail] = {f"record.{key}": value for key, value in particulars.items()}
    event = Event.after(ticket.no, ticket.version, ticket.head, RECORDED, at, actor, "", changes)
    return fold(ticket, event), event


def fold(ticket: Ticket, event: Event) -> Ticket:
    """The ticket after an event that has already been decided; no rule is asked again.

    Particulars with a dot in their name (consent.applicant, record.digest) are told, but are not part of the ticket.
    """
    values = {key: PARSE.get(key, _as_is)(value) for key, value in event.changes.items() if "." not in key}
    return replace(ticket, **values, version=ticket.version + 1, head=event.hash)


def _as_is(value: Any) -> Any:
    return value


def _when(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None


def _trail(value: object) -> Trail:
    assert isinstance(value, list | tuple)
    return tuple((str(tier), str(organisation)) for tier, organisation in value)


PARSE: dict[str, Callable[[Any], Any]] = {
    "status": Status,
    "tier": Tier,
    "warning_level": WarningLevel,
    "ended_at": _when,
    "trail": _trail,
}
