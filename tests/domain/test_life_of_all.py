"""Anybody tries any move and any record in any order: what the law and the desk promise holds all the same."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api.domain.access import APPLICANT_MOVES, Viewer, ViewerKind, may_move, may_see
from api.domain.errors import Conflict, DomainError, Forbidden, TransitionNotAllowed
from api.domain.events import Event
from api.domain.history import open_ticket, replay
from api.domain.lifecycle import FINAL, NEEDS_NOTE, RECORDED, Move, Status
from api.domain.needs import lacking
from api.domain.organisation import Place
from api.domain.policy import WarningLevel
from api.domain.records import Record, RecordKind, Sees, check_add, check_step, may_act, may_read
from api.domain.ticket import SIDES, Target, Ticket, apply, remember
from api.domain.tier import Tier
from api.services.desk_rules import desk_rules
from api.services.record_book import record_book
from tests.domain.factories import FRIDAY, TOWN, VILLAGE, make_ticket


def staff(member: str, organisation: str, role: str = "mediator", **fields: object) -> Viewer:
    return Viewer(ViewerKind.STAFF, member, member=member, role=role, organisation=organisation, **fields)  # type: ignore[arg-type]


ACTORS = (
    Viewer.applicant("web", "visitor"),
    Viewer.applicant("web", "stranger"),
    Viewer.tool(),
    staff("g1", "grid", "grid_worker"),
    staff("g2", "grid", "group_leader"),
    staff("v1", "village", "village_director", scope=VILLAGE, scope_tier=Tier.VILLAGE),
    staff("o1", "office", "judicial_officer", scope=TOWN, scope_tier=Tier.JUDICIAL_OFFICE),
    staff("t1", "town", "town_leader", scope=TOWN, scope_tier=Tier.TOWN),
    staff("x1", "elsewhere", "village_director", scope=Place(town="白桦镇"), scope_tier=Tier.TOWN),
    staff("c1", "court", "tribunal_contact"),
    staff("op", "hotline", "operator", everything=True),
    staff("ad", "centre", "admin", everything=True),
)
RECEIVER = {Tier.VILLAGE: "village", Tier.JUDICIAL_OFFICE: "office", Tier.TOWN: "town", Tier.COURT: "court"}
KINDS = record_book().kinds
NEEDS = desk_rules().needs
TARGETS = st.builds(
    Target,
    organisation=st.sampled_from(["", "village", "office"]),
    mediator=st.sampled_from(["", "g1"]),
    ticket=st.sampled_from(["", "T-20261120-0009"]),
    warning_level=st.sampled_from([None, *WarningLevel]),
    consents=st.frozensets(st.sampled_from(SIDES)),
)


class EverybodysTicket(RuleBasedStateMachine):
    ticket: Ticket
    events: list[Event]
    records: list[Record]

    @initialize(protective=st.booleans())
    def open(self, protective: bool) -> None:
        self.ticket, event = open_ticket(make_ticket(protective=protective), "tool:test")
        self.events, self.records, self.now = [event], [], FRIDAY

    @rule(
        who=st.sampled_from(ACTORS),
        move=st.sampled_from(Move),
        noted=st.booleans(),
        goal=TARGETS,
        days=st.integers(0, 9),
    )
    def anybody_moves(self, who: Viewer, move: Move, noted: bool, goal: Target, days: int) -> None:
        self.now += timedelta(days=days)
        before = self.ticket
        if not may_see(who, before) or not may_move(who, before, move):
            return
        if move is Move.ESCALATE and before.tier.above:
            goal = replace(goal, organisation=RECEIVER[before.tier.above])
        missing = lacking(NEEDS, [(one.kind, one.state) for one in self.records])
        try:
            after, event = apply(before, move, self.now, who.actor, "理由" if noted else "", goal, missing)
        except TransitionNotAllowed as refusal:
            allowed = refusal.more["allowed"]
            assert move.value not in allowed or move is Move.REOPEN
            return
        except DomainError:
            return
        self.ticket = after
        self.events.append(event)
        self.promises(who, move, before, noted, goal)

    def promises(self, who: Viewer, move: Move, before: Ticket, noted: bool, goal: Target) -> None:
        assert noted or move not in NEEDS_NOTE
        assert who.sender != "stranger"
        assert who.organisation != "elsewhere"
        if who.kind is ViewerKind.APPLICANT:
            assert move in APPLICANT_MOVES
        if move in (Move.ACCEPT, Move.RECORD_AGREEMENT, Move.RECORD_FAILURE):
            handler = who.organisation == before.organisation
            assert handler or who.role == "admin" or who.kind is ViewerKind.TOOL
        if move is Move.RECORD_AGREEMENT:
            assert ("agreement", "effective") in [(one.kind, one.state) for one in self.records]
        if move is Move.EXTEND:
            assert goal.consents == set(SIDES)
        if before.outcome == "refused":
            raise AssertionError("mediation went on after a refusal")
        if move is Move.ESCALATE:
            assert self.ticket.status is Status.SUBMITTED  # nobody has it before the receiver accepts

    @rule(who=st.sampled_from(ACTORS), kind=st.sampled_from(list(KINDS.values())))
    def anybody_records(self, who: Viewer, kind: RecordKind) -> None:
        if not may_see(who, self.ticket):
            return
        try:
            check_add(who, self.ticket, kind)
        except (Forbidden, Conflict):
            return
        target = "office" if kind.code == "call_out" else ""
        self.records.append(Record(kind.code, kind.add.to, who.actor, target))
        self.remember(kind.code, kind.add.to, who)
        assert not (self.ticket.protective and kind.code in ("meeting", "agreement"))
        assert not kind.statuses or self.ticket.status in kind.statuses

    @rule(
        who=st.sampled_from(ACTORS),
        which=st.integers(0, 30),
        code=st.sampled_from(["hold", "cancel", "finish", "remove", "take_effect", "void"]),
    )
    def anybody_goes_on(self, who: Viewer, which: int, code: str) -> None:
        if not self.records or not may_see(who, self.ticket):
            return
        number = which % len(self.records)
        record = self.records[number]
        kind = KINDS[record.kind]
        possible = [one.code for one in kind.steps_of(record) if may_act(who, self.ticket, one, record)]
        try:
            step = check_step(who, self.ticket, kind, record, code)
        except TransitionNotAllowed as refusal:
            allowed = refusal.more["allowed"]
            assert allowed == possible
            return
        except Forbidden:
            assert code not in possible
            return
        assert code in possible
        self.records[number] = replace(record, state=step.to)
        self.remember(kind.code, step.to, who)

    def remember(self, kind: str, state: str, who: Viewer) -> None:
        before = self.ticket
        self.ticket, event = remember(before, self.now, who.actor, {"kind": kind, "state": state, "digest": "0"})
        assert event.move == RECORDED
        assert replace(self.ticket, version=before.version, head=before.head) == before
        self.events.append(event)

    @invariant()
    def the_history_tells_the_ticket(self) -> None:
        assert replay(self.events) == self.ticket

    @invariant()
    def an_end_has_a_time_and_an_outcome(self) -> None:
        ended = self.ticket.status in FINAL
        assert bool(self.ticket.ended_at) == ended
        assert not ended or self.ticket.outcome

    @invariant()
    def the_applicant_is_never_kept_from_leaving(self) -> None:
        """人民调解法 3: before an agreement they may go to arbitration or court at any time.

        A protective ticket is no mediation; it keeps nobody from anything and is ended at the desk.
        """
        if self.ticket.status in (Status.SUBMITTED, Status.ACCEPTED, Status.MEDIATING, Status.FAILED):
            assert self.ticket.can(Move.LEAVE)
            assert may_move(ACTORS[0], self.ticket, Move.LEAVE) is not self.ticket.protective

    @invariant()
    def what_is_sealed_is_its_authors_alone(self) -> None:
        for record in self.records:
            kind = KINDS[record.kind]
            if kind.sees is Sees.AUTHOR:
                assert [who.actor for who in ACTORS if may_read(who, kind, record)] == [record.author]


TestEverybodysTicket = EverybodysTicket.TestCase
