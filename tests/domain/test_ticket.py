from datetime import datetime, timedelta

import pytest

from api.domain.access import Viewer, ViewerKind, may_move, may_see
from api.domain.errors import InvalidInput, TransitionNotAllowed
from api.domain.lifecycle import FINAL, MOVE_ZH, STATUS_ZH, TRANSITIONS, Move, Status
from api.domain.organisation import Place
from api.domain.policy import WarningLevel
from api.domain.ticket import Target, Ticket, apply
from api.domain.tier import Tier
from tests.domain.factories import FRIDAY, TOWN, opened

UP = Target(organisation="village")
BOTH = Target(consents=frozenset({"applicant", "respondent"}))


def moved(ticket: Ticket, *moves: Move, at: datetime = FRIDAY, target: Target = UP) -> Ticket:
    for move in moves:
        ticket, _ = apply(ticket, move, at, "staff:1", "理由", target)
    return ticket


class TestLifeCycle:
    def test_a_dispute_that_is_agreed(self) -> None:
        ticket = moved(opened(), Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_AGREEMENT, Move.CLOSE)
        assert (ticket.status, ticket.outcome) == (Status.CLOSED, "agreed")

    def test_failed_then_escalated_must_be_accepted_again(self) -> None:
        ticket = moved(opened(), Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_FAILURE, Move.ESCALATE)
        assert (ticket.status, ticket.tier, ticket.organisation) == (Status.SUBMITTED, Tier.VILLAGE, "village")
        assert ticket.trail == (("group", "grid"),)

    def test_returned_to_sender_falls_back_one_tier(self) -> None:
        ticket = moved(opened(), Move.ESCALATE, Move.RETURN_TO_SENDER)
        assert (ticket.tier, ticket.organisation, ticket.trail) == (Tier.GROUP, "grid", ())

    def test_nothing_to_return_without_an_escalation(self) -> None:
        with pytest.raises(TransitionNotAllowed):
            moved(opened(), Move.RETURN_TO_SENDER)

    def test_top_tier_cannot_escalate(self) -> None:
        with pytest.raises(TransitionNotAllowed, match="人民法庭"):
            moved(opened(tier=Tier.COURT), Move.ESCALATE)

    def test_refusal_stops_it_for_good(self) -> None:
        ticket = moved(opened(), Move.ACCEPT, Move.REFUSE)
        assert (ticket.status, ticket.outcome) == (Status.CLOSED, "refused")
        with pytest.raises(TransitionNotAllowed):
            moved(ticket, Move.REOPEN)

    @pytest.mark.parametrize("before", [(), (Move.ACCEPT,), (Move.ACCEPT, Move.START_MEDIATION)])
    def test_withdrawn_any_time_before_agreement(self, before: tuple[Move, ...]) -> None:
        assert moved(opened(), *before, Move.WITHDRAW).status is Status.WITHDRAWN

    def test_not_withdrawn_after_agreement(self) -> None:
        agreed = moved(opened(), Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_AGREEMENT)
        with pytest.raises(TransitionNotAllowed):
            moved(agreed, Move.WITHDRAW)

    def test_reopened_only_within_the_set_time(self) -> None:
        withdrawn = moved(opened(), Move.WITHDRAW)
        assert moved(withdrawn, Move.REOPEN, at=FRIDAY + timedelta(days=29)).status is Status.SUBMITTED
        with pytest.raises(TransitionNotAllowed, match="30 天"):
            moved(withdrawn, Move.REOPEN, at=FRIDAY + timedelta(days=31))

    def test_protective_tickets_are_never_mediated_but_can_be_closed(self) -> None:
        accepted = moved(opened(protective=True), Move.ACCEPT)
        with pytest.raises(TransitionNotAllowed):
            moved(accepted, Move.START_MEDIATION)
        assert moved(accepted, Move.CLOSE).outcome == "handled"

    def test_accepted_without_a_result_cannot_be_closed(self) -> None:
        with pytest.raises(TransitionNotAllowed):
            moved(opened(), Move.ACCEPT, Move.CLOSE)

    def test_extended_once_and_only_when_both_sides_agree(self) -> None:
        mediating = moved(opened(), Move.ACCEPT, Move.START_MEDIATION)
        for sides in ((), ("applicant",), ("respondent",)):
            with pytest.raises(InvalidInput) as refusal:
                moved(mediating, Move.EXTEND, target=Target(consents=frozenset(sides)))
            assert refusal.value.code == "consent_required"
        extended = moved(mediating, Move.EXTEND, target=BOTH)
        with pytest.raises(TransitionNotAllowed, match="一次"):
            moved(extended, Move.EXTEND, target=BOTH)

    @pytest.mark.parametrize("before", [(), (Move.ACCEPT,), (Move.ACCEPT, Move.START_MEDIATION, Move.RECORD_FAILURE)])
    def test_mediation_can_be_left_for_another_way_at_any_time(self, before: tuple[Move, ...]) -> None:
        left = moved(opened(), *before, Move.LEAVE)
        assert (left.status, left.outcome) == (Status.CLOSED, "referred")

    def test_a_refusal_names_what_is_possible_now(self) -> None:
        with pytest.raises(TransitionNotAllowed) as refusal:
            moved(opened(), Move.RECORD_AGREEMENT)
        assert set(refusal.value.more["allowed"]) >= {"accept", "decline", "withdraw"}
        assert "record_agreement" not in refusal.value.more["allowed"]

    def test_a_merged_ticket_can_be_taken_out_again(self) -> None:
        merged = moved(opened(), Move.MERGE, target=Target(ticket="T-20261120-0009"))
        alone = moved(merged, Move.REOPEN)
        assert (alone.status, alone.merged_into) == (Status.SUBMITTED, "")

    def test_a_person_may_change_the_warning_with_a_reason(self) -> None:
        higher = Target(warning_level=WarningLevel.MAJOR)
        assert moved(opened(), Move.REGRADE, target=higher).warning_level is WarningLevel.MAJOR

    @pytest.mark.parametrize("move", [Move.DECLINE, Move.ESCALATE, Move.TRANSFER, Move.ADD_NOTE])
    def test_reason_is_required(self, move: Move) -> None:
        with pytest.raises(InvalidInput) as refusal:
            apply(opened(), move, FRIDAY, "staff:1", "  ", UP)
        assert refusal.value.code == "note_required"

    @pytest.mark.parametrize("move", [Move.TRANSFER, Move.ASSIGN, Move.MERGE, Move.REGRADE, Move.ESCALATE])
    def test_target_is_required(self, move: Move) -> None:
        with pytest.raises(InvalidInput) as refusal:
            apply(opened(), move, FRIDAY, "staff:1", "理由")
        assert refusal.value.code == "target_required"

    def test_naive_time_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            apply(opened(), Move.ACCEPT, FRIDAY.replace(tzinfo=None), "staff:1")


class TestTable:
    def test_only_final_statuses_are_final(self) -> None:
        for status in Status:
            ways = {move for (origin, move) in TRANSITIONS if origin is status}
            assert (ways <= {Move.REOPEN}) == (status in FINAL)

    def test_every_status_is_reachable(self) -> None:
        reached = {Status.SUBMITTED}
        for _ in Status:
            reached |= {way.to for (origin, _), way in TRANSITIONS.items() if origin in reached and way.to}
        assert reached == set(Status)

    def test_everything_has_a_chinese_name(self) -> None:
        assert set(STATUS_ZH) == set(Status)
        assert set(MOVE_ZH) == set(Move)


def staff(organisation: str, **fields: object) -> Viewer:
    return Viewer(ViewerKind.STAFF, "某", member="m", role="mediator", organisation=organisation, **fields)  # type: ignore[arg-type]


class TestAccess:
    def test_own_organisation_sees_and_moves(self) -> None:
        assert may_see(staff("grid"), opened())
        assert may_move(staff("grid"), opened(), Move.ACCEPT)

    def test_others_do_not_see(self) -> None:
        assert not may_see(staff("elsewhere"), opened())

    def test_village_mediator_does_not_see_the_judicial_office(self) -> None:
        village = staff("village", scope=Place(town="青石镇", village="东沟村"), scope_tier=Tier.VILLAGE)
        assert may_see(village, opened())
        assert not may_see(village, opened(tier=Tier.JUDICIAL_OFFICE, organisation="office"))

    def test_the_tier_above_supervises_its_own_town_only(self) -> None:
        office = staff("office", scope=TOWN, scope_tier=Tier.JUDICIAL_OFFICE)
        other = staff("office2", scope=Place(town="白桦镇"), scope_tier=Tier.JUDICIAL_OFFICE)
        assert may_see(office, opened())
        assert may_move(office, opened(), Move.ESCALATE)
        assert not may_move(office, opened(), Move.RECORD_AGREEMENT)
        assert not may_see(other, opened())

    def test_protective_ticket_is_for_those_who_were_told(self) -> None:
        supervisor = staff("town", scope=TOWN, scope_tier=Tier.TOWN)
        protective = opened(protective=True)
        assert not may_see(supervisor, protective)
        assert may_see(supervisor, protective, told=frozenset({"town"}))

    def test_sender_of_an_escalation_still_sees_it(self) -> None:
        assert may_see(staff("grid"), moved(opened(), Move.ESCALATE))

    def test_applicant_sees_only_their_own_and_cannot_accept(self) -> None:
        own = Viewer.applicant("web", "visitor")
        assert may_see(own, opened())
        assert may_move(own, opened(), Move.WITHDRAW)
        assert not may_move(own, opened(), Move.ACCEPT)
        assert not may_see(Viewer.applicant("web", "another"), opened())
        assert not may_see(Viewer.applicant("", ""), opened(channel="", sender=""))

    def test_applicant_never_ends_a_protective_ticket(self) -> None:
        own, protective = Viewer.applicant("web", "visitor"), opened(protective=True)
        for move in (Move.WITHDRAW, Move.REFUSE, Move.LEAVE):
            assert may_move(own, opened(), move)
            assert not may_move(own, protective, move)
        assert may_move(own, protective, Move.ADD_NOTE)
        assert may_move(Viewer.tool(), protective, Move.WITHDRAW)

    def test_tool_has_every_staff_scope(self) -> None:
        assert may_see(Viewer.tool(), opened())
        assert may_move(Viewer.tool(), opened(), Move.ACCEPT)
