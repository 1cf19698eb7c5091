"""What some kinds of records need beyond their fields, and what else they bring about: by kind, before and after."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from api.db.tables.desk import PartyRow
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.lifecycle import Move
from api.services import agreements, casefile, tickets
from api.services.clock_book import clock_book
from api.services.desk_rules import desk_rules
from api.services.record_writing import Writing
from api.services.recording import bad, moment
from api.services.respondents import body_kind
from api.services.routing import facts_of
from api.services.tickets import MoveRequest

PARTY_FIELDS = ("role", "kind", "name", "phone", "represents", "authority")
RULES = Viewer.tool("分流规则")


async def before_party(writing: Writing) -> None:
    """Writes the party itself; the record keeps what was there before."""
    content = writing.content
    parties = {one.id: one for one in writing.ticket.parties}
    row = parties.get(content["party"]) if content.get("party") else None
    if content.get("party") and row is None:
        raise bad("party", "这张工单上没有这位当事人。")
    if content.get("represents") and content["represents"] not in parties:
        raise bad("represents", "这张工单上没有被代理的这位当事人。")
    if content["role"] == "representative" and not content.get("represents"):
        raise bad("represents", "代理人要写明代理谁。")
    if row is None and not content.get("name"):
        raise bad("name", "“姓名或名称”还没有填。")
    if row is None:
        kind = body_kind(content["name"], writing.desk.policy) if content["role"] == "respondent" else ""
        row = PartyRow(ticket_id=writing.ticket.id, role=content["role"], kind=content.get("kind") or kind or "person")
        writing.session.add(row)
    else:
        content["before"] = {name: value for name in PARTY_FIELDS if (value := getattr(row, name))}
    for name in PARTY_FIELDS:
        if name in writing.new:
            setattr(row, name, writing.new[name])
    await writing.session.flush()
    content["party"] = row.id


async def before_call_out(writing: Writing) -> None:
    if writing.step in ("add", "correct") and moment(writing.content["deadline"]) <= writing.at:
        raise bad("deadline", "报到期限要在现在以后。")


async def before_supervision(writing: Writing) -> None:
    if writing.step in ("add", "correct") and moment(writing.content["deadline"]) <= writing.at:
        raise bad("deadline", "答复期限要在现在以后。")


async def before_pause(writing: Writing) -> None:
    """Only what can be waited for: from a day of this case on, and not longer than the county allows."""
    if writing.step not in ("add", "correct"):
        return
    since, until = writing.day("since"), writing.day("until")
    if since < writing.ticket.opened_at.astimezone(LOCAL).date():
        raise bad("since", "暂停不能早于工单登记的日子。")
    if until < writing.today:
        raise bad("until", "最迟等到的日子不能是过去的日期。")
    if until <= since:
        raise bad("until", "最迟等到的日子要在暂停那天以后。")
    days = clock_book().pause_days[writing.content["why"]]
    if until > since + timedelta(days=days):
        raise bad("until", f"这种情形最多暂停 {days} 天；还要等的，到时候恢复了再停。")


async def before_meeting(writing: Writing) -> None:
    """One that was held without being planned may be entered later, but none from before the case."""
    opened = writing.ticket.opened_at.astimezone(LOCAL).date()
    if writing.step in ("add", "correct") and moment(writing.content["at"]).astimezone(LOCAL).date() < opened:
        raise bad("at", "开会时间不能早于工单登记的日子。")


async def before_obligation(writing: Writing) -> None:
    """A part that was paid makes the rest no sooner due."""
    if writing.step == "enforce" and writing.today.isoformat() <= writing.content["due"]:
        raise bad("due", "还没有到约定的日期，不能申请强制履行。")
    await agreements.before_obligation(writing)


async def before_danger_notice(writing: Writing) -> None:
    if writing.step == "tell" and not writing.content["safe"]:
        raise bad("safe", "确认安全以前，先不要告知当事人。")


async def before_docking(writing: Writing) -> None:
    if writing.step == "add" and "answer_by" not in writing.content:
        answer = writing.day("sent_on") + timedelta(days=desk_rules().agreement.docking_days)
        writing.content["answer_by"] = answer.isoformat()


async def before_archive(writing: Writing) -> None:
    await casefile.check(writing.session, writing.ticket, "archive", writing.content.get("incomplete_reason", ""))


async def after_objection(writing: Writing, _row: RecordRow) -> None:
    """人民调解法 19, 23: another mediator takes it; when nobody else is there, the next tier up."""
    ticket = writing.ticket
    current = ticket.mediator.name if ticket.mediator else ""
    unwanted = writing.content.get("mediator") or current
    if not unwanted:
        return
    refused = list(dict.fromkeys([*ticket.facts.get("refused", ()), unwanted]))
    ticket.facts = {**ticket.facts, "refused": refused}
    await writing.session.flush()
    if unwanted != current or ticket.organisation_id is None:
        return
    other = await writing.desk.next_in_turn(writing.session, str(ticket.organisation_id), facts_of(ticket), writing.at)
    request = MoveRequest(note=f"当事人要求换调解员：{writing.content['reason']}")
    move = Move.ASSIGN if other else Move.ESCALATE
    await tickets.move(writing.session, writing.desk, ticket.no, move, request, by=RULES, at=writing.at)


async def after_share(writing: Writing, _row: RecordRow) -> None:
    """Who leaves the batch goes on alone: the ticket they came with opens again, if its time is not over."""
    no = writing.content.get("ticket")
    if writing.step != "leave" or not no:
        return
    row = await tickets.find_for(writing.session, no, RULES)
    if row and row.merged_into == writing.ticket.no and tickets.as_ticket(row).can(Move.REOPEN):
        request = MoveRequest(note=f"退出批量案 {writing.ticket.no}，单独办理")
        await tickets.move(writing.session, writing.desk, no, Move.REOPEN, request, by=RULES, at=writing.at)


BEFORE: Mapping[str, Callable[[Writing], Awaitable[None]]] = {
    "party": before_party,
    "call_out": before_call_out,
    "supervision": before_supervision,
    "pause": before_pause,
    "meeting": before_meeting,
    "danger_notice": before_danger_notice,
    "agreement": agreements.before_agreement,
    "obligation": before_obligation,
    "confirmation": agreements.before_confirmation,
    "docking": before_docking,
    "archive": before_archive,
}
AFTER: Mapping[str, Callable[[Writing, RecordRow], Awaitable[None]]] = {
    "objection": after_objection,
    "agreement": agreements.after_agreement,
    "share": after_share,
}
