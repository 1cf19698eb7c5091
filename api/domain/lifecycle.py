"""Statuses, moves, and the law of the ticket: one table of what may follow what, with the article behind each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MEDIATING = "mediating"
    AGREED = "agreed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"

    @property
    def final(self) -> bool:
        return self in FINAL


FINAL = frozenset({Status.DECLINED, Status.WITHDRAWN, Status.CLOSED})


class Move(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    ASSIGN = "assign"
    TRANSFER = "transfer"
    START_MEDIATION = "start_mediation"
    EXTEND = "extend"
    RECORD_AGREEMENT = "record_agreement"
    RECORD_FAILURE = "record_failure"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    RETURN_TO_SENDER = "return_to_sender"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    LEAVE = "leave"
    REGRADE = "regrade"
    ADD_NOTE = "add_note"


@dataclass(frozen=True, slots=True)
class Transition:
    """`to` None keeps the status; `basis` is the article the step rests on."""

    to: Status | None
    basis: str = ""


def _same(*moves: Move) -> dict[Move, Transition]:
    return {move: Transition(None, BASIS.get(move, "")) for move in moves}


BASIS: Mapping[Move, str] = {
    Move.ASSIGN: "人民调解法#第十九条",
    Move.START_MEDIATION: "人民调解法#第二十一条",
    Move.RECORD_AGREEMENT: "人民调解法#第二十八条",
    Move.RECORD_FAILURE: "人民调解法#第二十六条",
    Move.REFUSE: "人民调解法#第十七条",
    Move.LEAVE: "人民调解法#第三条",
    Move.WITHDRAW: "人民调解法#第二十三条",
    Move.CLOSE: "人民调解法#第二十七条",
    Move.REGRADE: "人民调解法#第二十五条",
}
_ANY_TIME = _same(Move.ADD_NOTE, Move.REGRADE)
_BEFORE_AGREEMENT = _ANY_TIME | {
    Move.WITHDRAW: Transition(Status.WITHDRAWN, BASIS[Move.WITHDRAW]),
    Move.REFUSE: Transition(Status.CLOSED, BASIS[Move.REFUSE]),
    Move.ESCALATE: Transition(Status.SUBMITTED),
    Move.TRANSFER: Transition(Status.SUBMITTED),
    Move.MERGE: Transition(Status.CLOSED),
    Move.LEAVE: Transition(Status.CLOSED, BASIS[Move.LEAVE]),
    Move.ASSIGN: Transition(None, BASIS[Move.ASSIGN]),
}
_MOVES_FROM: Mapping[Status, dict[Move, Transition]] = {
    Status.SUBMITTED: _BEFORE_AGREEMENT
    | {
        Move.ACCEPT: Transition(Status.ACCEPTED, "人民调解法#第十七条"),
        Move.DECLINE: Transition(Status.DECLINED, "人民调解法#第十八条"),
        Move.RETURN_TO_SENDER: Transition(Status.SUBMITTED),
    },
    Status.ACCEPTED: _BEFORE_AGREEMENT
    | {
        Move.START_MEDIATION: Transition(Status.MEDIATING, BASIS[Move.START_MEDIATION]),
        Move.CLOSE: Transition(Status.CLOSED, BASIS[Move.CLOSE]),
    },
    Status.MEDIATING: _BEFORE_AGREEMENT
    | _same(Move.EXTEND)
    | {
        Move.RECORD_AGREEMENT: Transition(Status.AGREED, BASIS[Move.RECORD_AGREEMENT]),
        Move.RECORD_FAILURE: Transition(Status.FAILED, BASIS[Move.RECORD_FAILURE]),
    },
    Status.AGREED: _ANY_TIME | {Move.CLOSE: Transition(Status.CLOSED, BASIS[Move.CLOSE])},
    Status.FAILED: _ANY_TIME
    | {
        Move.ESCALATE: Transition(Status.SUBMITTED),
        Move.CLOSE: Transition(Status.CLOSED, BASIS[Move.RECORD_FAILURE]),
        Move.LEAVE: Transition(Status.CLOSED, BASIS[Move.RECORD_FAILURE]),
        Move.WITHDRAW: Transition(Status.WITHDRAWN, BASIS[Move.WITHDRAW]),
    },
    Status.DECLINED: {},
    Status.WITHDRAWN: {Move.REOPEN: Transition(Status.SUBMITTED)},
    Status.CLOSED: {Move.REOPEN: Transition(Status.SUBMITTED)},
}
TRANSITIONS: Mapping[tuple[Status, Move], Transition] = {
    (status, move): transition for status, moves in _MOVES_FROM.items() for move, transition in moves.items()
}
NEEDS_NOTE = frozenset(
    {
        Move.DECLINE,
        Move.RECORD_FAILURE,
        Move.ESCALATE,
        Move.RETURN_TO_SENDER,
        Move.TRANSFER,
        Move.REOPEN,
        Move.REGRADE,
        Move.EXTEND,
        Move.MERGE,
        Move.LEAVE,
        Move.ADD_NOTE,
    }
)
OUTCOMES = {
    Move.RECORD_AGREEMENT: "agreed",
    Move.RECORD_FAILURE: "failed",
    Move.REFUSE: "refused",
    Move.WITHDRAW: "withdrawn",
    Move.DECLINE: "declined",
    Move.MERGE: "merged",
    Move.LEAVE: "referred",
}
STATUS_ZH = {
    Status.SUBMITTED: "待受理",
    Status.ACCEPTED: "已受理",
    Status.DECLINED: "不予受理",
    Status.MEDIATING: "调解中",
    Status.AGREED: "达成协议",
    Status.FAILED: "调解不成",
    Status.WITHDRAWN: "已撤回",
    Status.CLOSED: "已结案",
}
MOVE_ZH = {
    Move.ACCEPT: "受理",
    Move.DECLINE: "不予受理",
    Move.ASSIGN: "指派",
    Move.TRANSFER: "转办",
    Move.START_MEDIATION: "开始调解",
    Move.EXTEND: "延期",
    Move.RECORD_AGREEMENT: "记录达成协议",
    Move.RECORD_FAILURE: "记录调解不成",
    Move.REFUSE: "记录当事人拒绝调解",
    Move.WITHDRAW: "撤回",
    Move.ESCALATE: "上报",
    Move.RETURN_TO_SENDER: "退回",
    Move.CLOSE: "结案",
    Move.REOPEN: "重启",
    Move.MERGE: "并案",
    Move.LEAVE: "离开调解，转其他途径",
    Move.REGRADE: "调整预警等级",
    Move.ADD_NOTE: "补充情况",
}
# Besides the moves: what opens a history, and what a record on the ticket leaves in it.
OPENED, RECORDED = "submit", "record"
EVENT_ZH: Mapping[str, str] = {OPENED: "登记", RECORDED: "记录"} | {move.value: zh for move, zh in MOVE_ZH.items()}
