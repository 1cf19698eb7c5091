"""《矛盾纠纷排查化解流向表》: one row for every passing on of a ticket, from its history."""

from collections import Counter
from datetime import datetime

from api.db.flow import Passed, passed
from api.domain.deadline import LOCAL
from api.domain.lifecycle import MOVE_ZH, STATUS_ZH, Move, Status
from api.domain.masking import masked
from api.services.reports.counts import TICKETS, Asked
from api.services.reports.model import Cell, Column, Row, Section, Table

COLUMNS = (
    *(("at", "流转日期"), ("category", "纠纷类别"), ("place", "地点"), ("complexity", "难易"), ("level", "态势")),
    *(("move", "流转"), ("sender", "移交单位"), ("receiver", "接收单位"), ("accepted", "接收日期"), ("reason", "理由")),
    ("status", "现在"),
)


async def flow(asked: Asked) -> list[Section]:
    limits = asked.rules.content["flow"]
    found, count = await passed(asked.session, asked.period, visible_to=asked.viewer, limit=limits["rows"])
    words = asked.rules.content["flow_words"]
    said = [words["said" if count else "none"].format(period=asked.period.zh, count=count)]
    if count > len(found):
        said.append(words["cut"].format(rows=len(found), rest=count - len(found)))
    heads = tuple(Column(code, zh) for code, zh in COLUMNS)
    rows = tuple(_row(asked, one) for one in found)
    return [
        Section("流向", tuple(said), (Table("flow", "流向表", "工单号", heads, rows),)),
        Section("各级之间", (), (_between(asked, found),)),
    ]


def _row(asked: Asked, one: Passed) -> Row:
    ticket, rules = one.ticket, asked.rules
    longest = rules.content["flow"]["reason"]
    words = {
        "at": _day(one.at),
        "category": rules.name("category", ticket.category),
        "place": f"{ticket.town}{ticket.village}{ticket.group_name}",
        "complexity": rules.name("complexity", ticket.complexity),
        "level": rules.name("warning_level", ticket.warning_level),
        "move": MOVE_ZH[Move(one.move)],
        "sender": one.sender,
        "receiver": one.receiver,
        "accepted": _day(one.accepted_at) if one.accepted_at else rules.content["flow_words"]["unaccepted"],
        "reason": masked(one.note)[:longest],
        "status": STATUS_ZH[Status(ticket.status)],
    }
    return Row(ticket.no, ticket.no, tuple(Cell(words[code], f"{TICKETS}/{ticket.no}") for code, _ in COLUMNS))


def _between(asked: Asked, found: list[Passed]) -> Table:
    """How often from which level to which."""
    pairs = Counter((one.sender_tier, one.receiver_tier) for one in found)
    order = list(asked.rules.names["tier"])
    tiers = [tier for tier in order if any(tier in pair for pair in pairs)]
    heads = tuple(Column(tier, asked.rules.name("tier", tier), "次") for tier in tiers)
    rows = tuple(
        Row(tier, asked.rules.name("tier", tier), tuple(Cell(pairs[tier, other]) for other in tiers)) for tier in tiers
    )
    return Table("between", "由左边一级移交到上边一级的次数", "层级", heads, rows)


def _day(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y-%m-%d")
