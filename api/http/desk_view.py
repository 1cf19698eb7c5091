"""Stored tickets and routing decisions in the shapes of contracts.md."""

from datetime import datetime
from typing import Any

from api.db.tables.desk import EventRow, MemberRow, OrganisationRow, PartyRow, TicketRow
from api.domain.access import Viewer, ViewerKind, may_move
from api.domain.calendar import LOCAL
from api.domain.lifecycle import EVENT_ZH, MOVE_ZH, RECORDED, STATUS_ZH, Move, Status
from api.domain.needs import Needs
from api.domain.organisation import Member, Organisation, OrganisationKind, Place
from api.domain.policy import Policy, Reason
from api.domain.routing import RoutingDecision
from api.domain.ticket import Blocked, Ticket, blocked
from api.domain.tier import Tier
from api.http.schemas import desk as out
from api.services import legal_clocks
from api.services.progress import due_text
from api.services.record_book import record_book
from api.services.ticket_opening import due_list
from api.services.tickets import as_ticket
from api.services.triage import referral_out

STAFF_TITLE = "工作人员"
CORRECTED = "更正"


def place_out(place: Place) -> out.PlaceOut:
    label = f"{place.town}{place.village}{place.group}"
    return out.PlaceOut(county=place.county, town=place.town, village=place.village, group=place.group, label=label)


def organisation_out(one: Organisation | OrganisationRow | None, policy: Policy) -> out.OrganisationOut | None:
    if one is None:
        return None
    kind = OrganisationKind(one.kind)
    return out.OrganisationOut(id=str(one.id), name=one.name, kind=kind.value, kind_zh=policy.kind_zh[kind])


def mediator_out(one: Member | MemberRow | None) -> out.MediatorOut | None:
    return out.MediatorOut(id=str(one.id), name=one.name, role=one.role) if one else None


def due_out(due: list[dict[str, Any]]) -> dict[str, out.DueOut]:
    return {one["key"]: out.DueOut.model_validate(one) for one in due}


def summary_fields(row: TicketRow, policy: Policy) -> dict[str, Any]:
    category = policy.categories[row.category]
    return {
        "no": row.no,
        "status": row.status,
        "status_zh": STATUS_ZH[Status(row.status)],
        "category": row.category,
        "category_zh": category.zh,
        "subcategory": row.subcategory,
        "subcategory_zh": category.subcategories.get(row.subcategory, ""),
        "tier": row.tier,
        "tier_zh": policy.tier_zh[Tier(row.tier)],
        "organisation": organisation_out(row.organisation, policy),
        "mediator": mediator_out(row.mediator),
        "complexity": row.complexity,
        "warning_level": row.warning_level,
        "flags": row.flags,
        "due": due_out(row.due),
        "due_text": due_text(row),
        "outcome": row.outcome,
        "protective": row.protective,
        "crisis": row.crisis,
        "channel": row.channel,
        "place": place_out(Place(row.county, row.town, row.village, row.group_name)),
        "opened_at": row.opened_at,
        "ended_at": row.ended_at,
    }


def summary_out(row: TicketRow, policy: Policy) -> out.TicketSummary:
    return out.TicketSummary(**summary_fields(row, policy))


def ticket_out(
    row: TicketRow, policy: Policy, viewer: Viewer, similar: list[str], *, now: datetime, lacking: Needs
) -> out.TicketOut:
    """As this viewer may see it: an applicant sees neither staff notes nor the other side's telephone.

    `lacking`: the records that moves from here still wait for (services.tickets.lacking).
    """
    ticket = as_ticket(row)
    waiting = [one for one in blocked(ticket, now, lacking) if may_move(viewer, ticket, one.move)]
    not_now = {one.move for one in waiting}
    own = viewer.kind is ViewerKind.APPLICANT
    return out.TicketOut(
        **summary_fields(row, policy),
        reasons=[one["text"] for one in row.reasons],
        explained=[out.ReasonOut(**one) for one in row.reasons],
        rejected=[] if own else [out.RejectedOut(**one) for one in row.rejected],
        legal=[out.LegalOut(**one) for one in legal_clocks.of_ticket(row, policy, now)],
        parties=[party_out(party, hide_phone=own and party.role != "applicant") for party in row.parties],
        events=events_out(row, viewer),
        moves=[move.value for move in Move if move not in not_now and _may(viewer, ticket, move)],
        blocked=[blocked_out(one) for one in waiting],
        similar=similar,
        facts=row.facts,
        text=row.text,
        merged_into=row.merged_into,
        version=row.version,
        rights=policy.rights,
    )


def _may(viewer: Viewer, ticket: Ticket, move: Move) -> bool:
    return ticket.can(move) and may_move(viewer, ticket, move)


def blocked_out(one: Blocked) -> out.BlockedOut:
    missing = [out.MissingOut(kind=need.kind, zh=need.zh, states=sorted(need.states)) for need in one.missing]
    basis = list(dict.fromkeys(cited for need in one.missing for cited in need.basis))
    return out.BlockedOut(move=one.move, move_zh=MOVE_ZH[one.move], because=one.because, basis=basis, missing=missing)


def party_out(party: PartyRow, *, hide_phone: bool) -> out.PartyOut:
    phone = None if hide_phone else party.phone
    return out.PartyOut(
        id=party.id, role=party.role, kind=party.kind, name=party.name, phone=phone, represents=party.represents
    )


def event_zh(event: EventRow) -> str:
    """For staff: of a record its kind and step, never what it says."""
    if event.move != RECORDED:
        return EVENT_ZH[event.move]
    kind = record_book().kinds[event.changes["record.kind"]]
    steps = {step.code: step.zh for step in (kind.add, *kind.steps.values())}
    return f"{kind.zh}·{steps.get(event.changes['record.step'], CORRECTED)}"


def events_out(row: TicketRow, viewer: Viewer) -> list[out.EventOut]:
    own = viewer.kind is ViewerKind.APPLICANT
    shown = []
    for event in row.events:
        mine = not own or event.seq == 0 or event.actor == viewer.actor
        shown.append(
            out.EventOut(
                seq=event.seq,
                move=event.move,
                move_zh=EVENT_ZH[event.move] if own else event_zh(event),
                at=event.at,
                actor=event.actor_name if mine else STAFF_TITLE,
                note=event.note if mine else "",
                changes={} if own else event.changes,
                hash=event.hash,
            )
        )
    return shown


def reasons_out(reasons: tuple[Reason, ...]) -> list[out.ReasonOut]:
    return [out.ReasonOut(text=one.text, basis=list(one.basis)) for one in reasons]


def routing_out(decision: RoutingDecision, policy: Policy, *, now: datetime) -> out.RoutingOut:
    notify = [organisation_out(one, policy) for one in decision.notify]
    legal = legal_clocks.legal_list(decision.legal, policy, now.astimezone(LOCAL).date())
    return out.RoutingOut(
        tier=decision.tier,
        tier_zh=policy.tier_zh[decision.tier] if decision.tier else None,
        organisation=organisation_out(decision.organisation, policy),
        mediator=mediator_out(decision.mediator),
        mediable=decision.mediable,
        complexity=decision.complexity,
        warning_level=decision.warning_level,
        due=due_out(due_list(decision)),
        reasons=[one.text for one in decision.reasons],
        explained=reasons_out(decision.reasons),
        flags=list(decision.flags),
        rejected=[out.RejectedOut(organisation=one.organisation, why=one.why) for one in decision.rejected],
        referral=out.ReferralOut(**referral_out(decision.referral)) if decision.referral else None,
        legal=[out.LegalOut(**one) for one in legal],
        notify=[one for one in notify if one],
        rights=policy.rights,
        policy=decision.policy_version,
    )
