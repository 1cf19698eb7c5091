"""The rules of agreements, their obligations, and judicial confirmation (人民调解法 28-33, 民事诉讼法 205)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db.tables.records import RecordRow
from api.domain.agreement import (
    SIGNER_ZH,
    FoundTerm,
    confirm_by,
    enforcement_routes,
    forbidden,
    missing_signatures,
    reminder_days,
)
from api.domain.errors import InvalidInput, TransitionNotAllowed
from api.domain.lifecycle import Move, Status
from api.services import recording, tickets
from api.services.desk_rules import desk_rules
from api.services.record_dates import zh_day
from api.services.record_writing import Writing
from api.services.recording import Written, bad
from api.services.tickets import MoveRequest
from api.services.working_days import working_calendar

OPEN_OBLIGATIONS = ("due", "part", "unpaid")
PENDING = ("applied", "accepted")
COPIED = ("debtor", "creditor", "what", "amount", "due")


async def before_agreement(writing: Writing) -> None:
    match writing.step:
        case "add" | "correct":
            if writing.row and writing.row.state != "draft":
                raise TransitionNotAllowed("协议已经生效，不能改；要改请作废后重新订立", more={"allowed": ["void"]})
            _check_terms(writing)
            _check_dates(writing)
            _check_signed(writing)
            sums = [one["amount"] for one in writing.content.get("obligations", []) if "amount" in one]
            writing.content["amount"] = sum(sums) if sums else None
        case "take_effect":
            await _check_effect(writing)
        case "void":
            await _check_void(writing)


def _check_terms(writing: Writing) -> None:
    content = writing.content
    found = _doubtful(content)
    told = _told(found)
    refused = [told[number] for number, one in enumerate(found) if one.rule.refuses]
    if refused:
        detail = "；".join(f"“{one['text']}”：{one['because']}" for one in refused)
        raise InvalidInput(f"协议里有不能写的内容。{detail}", code="forbidden_terms", more={"terms": refused})
    content["warnings"] = told


def _doubtful(content: Mapping[str, Any]) -> list[FoundTerm]:
    duties = (one["what"] for one in content.get("obligations", []))
    return forbidden([content["terms"], content.get("performance", ""), *duties], desk_rules().agreement)


def _told(found: list[FoundTerm]) -> list[dict[str, Any]]:
    return [{"text": one.text, "because": one.rule.because, "basis": list(one.rule.basis)} for one in found]


def _check_dates(writing: Writing) -> None:
    for number, one in enumerate(writing.content.get("obligations", [])):
        if one["due"] < writing.content["agreed_on"]:
            raise bad(f"obligations.{number}.due", f"第 {number + 1} 项履行日期早于谈成日期。")


def _check_signed(writing: Writing) -> None:
    for number, one in enumerate(writing.content.get("signatures", [])):
        if one["day"] > writing.today.isoformat():
            raise bad(f"signatures.{number}.day", f"第 {number + 1} 个签名的日期不能是将来的日期。")


async def _check_effect(writing: Writing) -> None:
    content = writing.content
    _check_signed(writing)
    await _check_no_other(writing)
    rules = desk_rules().agreement
    roles = [one["role"] for one in content.get("signatures", [])]
    if missing := missing_signatures(content["form"], roles, rules):
        zh = "、".join(SIGNER_ZH[one] for one in missing)
        raise InvalidInput(f"书面协议还缺签名：{zh}", code="signatures_missing", more={"missing": missing})
    effective = writing.day("effective_on")
    signed = [one["day"] for one in content.get("signatures", [])]
    if content["form"] == "written" and (last := max(signed)) > content["effective_on"]:
        raise bad("effective_on", f"书面协议各方签名盖章齐了才生效，最后一个是{_zh(last)}签的。")
    content["confirm_by"] = confirm_by(effective, rules, working_calendar()).isoformat()
    content["remind_on"] = [day.isoformat() for day in reminder_days(effective, rules)]


async def _check_no_other(writing: Writing) -> None:
    """One agreement at a time. What the court confirmed cannot be voided, and stands beside that of a new round."""
    rows = await store.of_ticket(writing.session, writing.ticket.id, kinds=["agreement"])
    in_force = [row for row in rows if row.state == "effective"]
    this_round = ("agreement", "effective") in await store.states_of(writing.session, writing.ticket.id)
    if this_round or not all([await _confirmed(writing.session, row) for row in in_force]):
        raise TransitionNotAllowed("已经有一份生效的协议，先作废再订新的", more={"allowed": []})


async def _check_void(writing: Writing) -> None:
    """What is before the court, or decided there, is not for the committee to take back."""
    rows = await store.of_ticket(writing.session, writing.ticket.id, kinds=["confirmation"])
    mine = [row for row in rows if writing.row and row.parent_id == writing.row.id]
    if any(row.state == "confirmed" for row in mine):
        raise TransitionNotAllowed("协议已经法院司法确认，不能作废", more={"allowed": []})
    if any(row.state in PENDING for row in mine):
        raise TransitionNotAllowed("司法确认还在办，先撤回申请再作废", more={"allowed": []})


async def after_agreement(writing: Writing, row: RecordRow) -> None:
    match writing.step:
        case "take_effect":
            await _spawn_obligations(writing, row)
            if writing.ticket.status == Status.MEDIATING:
                request = MoveRequest(note="")
                await tickets.move(
                    writing.session,
                    writing.desk,
                    writing.ticket.no,
                    Move.RECORD_AGREEMENT,
                    request,
                    by=writing.by,
                    at=writing.at,
                )
        case "void":
            await _release_obligations(writing, row)


async def _spawn_obligations(writing: Writing, agreement: RecordRow) -> None:
    for number, one in enumerate(writing.content.get("obligations", []), 1):
        content = {"number": number} | {key: one[key] for key in COPIED if key in one}
        written = Written("add", content)
        await recording.add(
            writing.session, writing.ticket, "obligation", written, by=writing.by, at=writing.at, parent=agreement
        )


async def _release_obligations(writing: Writing, agreement: RecordRow) -> None:
    for row in await store.of_ticket(writing.session, writing.ticket.id, kinds=["obligation"]):
        if row.parent_id == agreement.id and row.state in OPEN_OBLIGATIONS:
            written = Written("release", store.content_of(row) | {"why": writing.content["why"]})
            await recording.change(
                writing.session, writing.ticket, row, written, by=writing.by, at=writing.at, state="released"
            )


async def before_obligation(writing: Writing) -> None:
    content, due = writing.content, writing.content["due"]
    match writing.step:
        case "perform":
            content["late"] = "late" if content["paid_on"] > due else "in_time"
        case "pay_part":
            if content.get("amount") is None or content["paid"] >= content["amount"]:
                raise bad("paid", "部分履行的金额要少于约定的金额。")
            _check_paid(writing)
            content["routes"] = await _routes(writing)
        case "miss":
            if writing.today.isoformat() <= due:
                raise bad("due", "还没有到约定的日期。")
            content["routes"] = await _routes(writing)
        case "enforce":
            if content["route"] not in await _routes(writing):
                raise bad("route", "申请强制执行要先有法院的司法确认；请选别的途径。")


def _check_paid(writing: Writing) -> None:
    """What was paid in all grows with the days; the same day again corrects what was written for it."""
    before = store.content_of(writing.row) if writing.row else {}
    if "paid" not in before:
        return
    content, told = writing.content, f"{_zh(before['paid_on'])}已经记了累计 {before['paid']:g} 元"
    if content["paid_on"] < before["paid_on"]:
        raise bad("paid_on", f"{told}，日期不能比那天早。")
    if content["paid_on"] > before["paid_on"] and content["paid"] <= before["paid"]:
        raise bad("paid", f"{told}，这里要写连同这次一共付了多少。")


async def _routes(writing: Writing) -> list[str]:
    """Which ways of enforcement are open for this agreement today."""
    assert writing.parent
    confirmed = await _confirmed(writing.session, writing.parent)
    last = store.content_of(writing.parent).get("confirm_by", "")
    return enforcement_routes(confirmed=confirmed, still_confirmable=writing.today.isoformat() <= last)


async def _confirmed(session: AsyncSession, agreement: RecordRow) -> bool:
    rows = await store.of_ticket(session, agreement.ticket_id, kinds=["confirmation"])
    return any(row.parent_id == agreement.id and row.state == "confirmed" for row in rows)


async def before_confirmation(writing: Writing) -> None:
    if writing.step not in ("add", "correct"):
        return
    assert writing.parent
    agreement = store.content_of(writing.parent)
    _check_confirmable(agreement)
    for side in ("applicant", "respondent"):
        if not writing.content[f"{side}_consents"]:
            raise InvalidInput(
                "司法确认要双方一起申请，缺一方同意就不能申请",
                code="consent_required",
                more={"field": f"{side}_consents"},
            )
    last = agreement["confirm_by"]
    if writing.content["applied_on"] > last:
        raise InvalidInput(
            f"协议生效已经超过期限（到 {_zh(last)} 为止），不能再申请司法确认；可以就协议向法院起诉",
            code="confirmation_expired",
            more={"field": "applied_on", "last_day": last},
        )
    writing.content["last_day"] = last


def _check_confirmable(agreement: Mapping[str, Any]) -> None:
    """What nobody can agree on with effect (who is married to whom, whose land it is) no court confirms."""
    if found := [one for one in _doubtful(agreement) if not one.rule.confirmable]:
        why = "；".join(f"“{one.text}”：{one.rule.because}" for one in found)
        detail = desk_rules().words["not_confirmable"].format(why=why)
        raise InvalidInput(detail, code="not_confirmable", more={"terms": _told(found)})


def _zh(day: str) -> str:
    return zh_day(date.fromisoformat(day))


def obligations_of(rows: list[RecordRow], agreement: RecordRow) -> list[dict[str, Any]]:
    """Obligations with their state, in the order of the agreement."""
    mine = [row for row in rows if row.kind == "obligation" and row.parent_id == agreement.id]
    return [store.content_of(row) | {"state": row.state, "record": row.no} for row in mine]
