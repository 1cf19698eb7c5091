"""Records beside tickets in the shapes of schemas/beside.py."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from api.db.tables.desk import OrganisationRow
from api.db.tables.work import WorkEventRow, WorkRow
from api.db.work import Sum
from api.domain.access import Viewer, ViewerKind
from api.domain.covenant import Flag
from api.domain.organisation import Place
from api.domain.work import WorkKind, WorkMove, may_move
from api.http.desk_view import place_out
from api.http.schemas import beside as out
from api.services.covenants import COVENANT, checked
from api.services.work import filled, record_of
from api.services.work_rules import KindRules, work_rules
from knowledge_base.fields import described

OWN_STEPS = {"make": "登记", "correct": "更正"}


def kind_out(rules: KindRules) -> out.KindOut:
    kind = rules.kind
    return out.KindOut(
        code=kind.code,
        zh=kind.zh,
        level=kind.level,
        seen_by=kind.seen_by,
        owned=kind.owned,
        parents=sorted(kind.parents),
        fields=[described(one) for one in rules.fields],
        statuses=dict(kind.statuses),
        moves=[step_out(one) for one in kind.moves.values()],
        counts=list(kind.counts),
        basis=list(kind.basis),
    )


def step_out(move: WorkMove) -> out.StepOut:
    return out.StepOut(code=move.code, zh=move.zh, needs=list(move.needs), note=move.note)


def line_fields(row: WorkRow, today: date) -> dict[str, Any]:
    record = record_of(row)
    return {
        "no": row.no,
        "kind": row.kind,
        "kind_zh": record.kind.zh,
        "status": row.status,
        "status_zh": record.kind.statuses[row.status],
        "place": place_out(Place(row.county, row.town, row.village, row.group_name)),
        "organisation": named(row.organisation),
        "owner": named(row.owner) if row.owner else None,
        "parent": row.parent.no if row.parent else None,
        "day": row.day,
        "due": row.due_on,
        "overdue": record.overdue(today),
        "fields": filled(row),
        "tickets": row.tickets,
        "version": row.version,
    }


def named(row: OrganisationRow) -> out.NamedOut:
    return out.NamedOut(id=str(row.id), name=row.name)


def line_out(row: WorkRow, today: date) -> out.WorkOut:
    return out.WorkOut(**line_fields(row, today))


def whole_out(row: WorkRow, viewer: Viewer, today: date) -> out.WorkWhole:
    """A villager sees a public record without its history and steps."""
    record = record_of(row)
    inside = viewer.kind is not ViewerKind.APPLICANT
    return out.WorkWhole(
        **line_fields(row, today),
        moves=[step_out(one) for one in record.kind.from_here(row.status) if may_move(viewer, record, one)],
        flags=flags_of(row),
        events=[event_out(one, record.kind) for one in row.events] if inside else [],
    )


def flags_of(row: WorkRow) -> list[out.FlagOut]:
    """What the law does not allow in a covenant; other kinds have no such check."""
    if work_rules()[row.kind].kind.checked_by != COVENANT:
        return []
    return [flag_out(one) for one in checked(filled(row), adopted=row.status == "adopted")]


def flag_out(flag: Flag) -> out.FlagOut:
    return out.FlagOut(**asdict(flag) | {"basis": list(flag.basis)})


def event_out(row: WorkEventRow, kind: WorkKind) -> out.WorkEventOut:
    content: Mapping[str, Any] = json.loads(row.note)
    step = kind.moves.get(row.move)
    return out.WorkEventOut(
        seq=row.seq,
        move=row.move,
        move_zh=step.zh if step else OWN_STEPS.get(row.move, row.move),
        at=row.at,
        actor=row.actor_name,
        note=content["note"],
        changes=row.changes,
        words=content["words"],
    )


def sums_out(kind: str, found: Iterable[Sum]) -> out.SumsOut:
    lines = list(found)
    names = work_rules()[kind].kind.counts
    return out.SumsOut(
        kind=kind,
        records=sum(one.records for one in lines),
        sums={name: sum(one.sums[name] for one in lines) for name in names},
        places=[out.SumOut(town=one.town, village=one.village, records=one.records, sums=one.sums) for one in lines],
    )
