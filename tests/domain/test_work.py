"""Records beside tickets as the domain knows them: steps of every kind, who sees and who writes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.access import Viewer, ViewerKind
from api.domain.errors import InvalidInput, TransitionNotAllowed
from api.domain.organisation import Place
from api.domain.tier import Tier
from api.domain.work import SeenBy, WorkKind, WorkRecord, may_move, may_see, may_write
from api.services.work_rules import work_rules

KINDS = [rules.kind for rules in work_rules().values()]
EAST = Place("清和县", "青石镇", "东沟村")


def filled(kind: WorkKind) -> dict[str, bool]:
    return dict.fromkeys(kind.labels, True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_status_can_be_reached_and_only_by_its_steps(kind: WorkKind) -> None:
    reached = {kind.first}
    for _ in kind.statuses:
        reached |= {move.to for status in reached for move in kind.from_here(status)}
    assert reached == set(kind.statuses)
    assert kind.waits <= set(kind.statuses)
    assert all(kind.from_here(status) for status in kind.waits)


@given(st.sampled_from(KINDS), st.data())
def test_a_step_is_made_exactly_where_the_kind_has_it(kind: WorkKind, data: st.DataObject) -> None:
    status = data.draw(st.sampled_from(sorted(kind.statuses)))
    code = data.draw(st.sampled_from([*sorted(kind.moves), "nothing"]))
    move = kind.moves.get(code)
    if move is None or status not in move.sources:
        with pytest.raises(TransitionNotAllowed):
            kind.moved(status, code, filled(kind), "理由")
        return
    assert kind.moved(status, code, filled(kind), "理由").to in kind.statuses
    for name in move.needs:
        with pytest.raises(InvalidInput):
            kind.moved(status, code, filled(kind) | {name: False}, "理由")
    if move.note:
        with pytest.raises(InvalidInput):
            kind.moved(status, code, filled(kind), " ")


def record(kind: str = "sweep", **changed: object) -> WorkRecord:
    values: dict[str, object] = {
        "no": "W-1",
        "kind": work_rules()[kind].kind,
        "status": work_rules()[kind].kind.first,
        "place": EAST,
        "tier": Tier.VILLAGE,
        "organisation": "7",
        "owner": "9",
    }
    return WorkRecord(**(values | changed))  # type: ignore[arg-type]


def member(organisation: str, scope: Place | None = None, tier: Tier | None = None) -> Viewer:
    return Viewer(ViewerKind.STAFF, "某岗位", member="1", organisation=organisation, scope=scope, scope_tier=tier)


KEEPER, OWNER, STRANGER = member("7"), member("9"), member("8")
TOWN = member("3", Place("清和县", "青石镇"), Tier.TOWN)
OTHER_TOWN = member("4", Place("清和县", "白桦镇"), Tier.TOWN)
VILLAGER = Viewer.applicant("web", "visitor")


@pytest.mark.parametrize(
    ("viewer", "sees", "writes"),
    [
        (KEEPER, True, True),
        (OWNER, True, False),
        (STRANGER, False, False),
        (TOWN, True, True),
        (OTHER_TOWN, False, False),
        (VILLAGER, False, False),
        (Viewer.tool(), True, True),
    ],
)
def test_the_keeper_and_those_above_write_the_owner_only_sees(viewer: Viewer, sees: bool, writes: bool) -> None:
    assert (may_see(viewer, record()), may_write(viewer, record())) == (sees, writes)


def test_the_owner_makes_only_the_steps_that_are_theirs() -> None:
    kind = work_rules()["decision"].kind
    for code, allowed in (("finish", True), ("drop", False), ("confirm", False)):
        assert may_move(OWNER, record("decision"), kind.moves[code]) is allowed
    assert not may_move(VILLAGER, record("decision", owner=""), kind.moves["finish"])


def test_a_public_kind_is_seen_by_everybody_and_written_by_its_keeper() -> None:
    point = record("point")
    assert point.kind.seen_by is SeenBy.PUBLIC
    assert may_see(VILLAGER, point)
    assert not may_write(VILLAGER, point)
    assert not may_write(STRANGER, point)


@pytest.mark.parametrize(
    ("due", "status", "late"),
    [
        (date(2026, 11, 28), "planned", True),
        (date(2026, 11, 29), "planned", False),
        (date(2026, 11, 28), "done", False),
        (None, "planned", False),
    ],
)
def test_overdue_means_still_to_be_done_and_past_its_day(due: date | None, status: str, late: bool) -> None:
    assert record(due=due, status=status).overdue(date(2026, 11, 29)) is late
