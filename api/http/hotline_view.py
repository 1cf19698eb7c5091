"""Calls and hints in the shapes of the API."""

from collections.abc import Sequence
from typing import Any

from api.db.tables.hotline import CallRow
from api.domain.deadline import readable
from api.domain.policy import Policy
from api.http.desk_view import place_out, summary_out
from api.http.schemas import hotline as out
from api.http.talk_view import messages
from api.services.conversations import Queued
from api.services.hints import Hints
from api.services.hotline import Caller
from api.services.similar import Batch


def call_out(row: CallRow) -> out.CallOut:
    return out.CallOut(
        id=row.id,
        sender=row.sender,
        phone=row.phone,
        status=row.status,
        operator=row.operator_name,
        rang_at=row.rang_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        summary=row.summary,
    )


def queued_out(one: Queued) -> out.QueuedOut:
    talk = one.talk
    return out.QueuedOut(
        channel=talk.channel,
        sender=talk.sender,
        owner=talk.owner,
        attention=talk.attention,
        reason=talk.handoff_reason or "",
        operator=talk.operator_name,
        since=talk.handoff_at,
        last=one.last,
    )


def caller_out(call: CallRow, known: Caller, policy: Policy) -> out.CallerOut:
    due = known.callback
    note = None
    if due:
        text = readable(due.due_at)
        note = out.CallbackNote(id=due.id, due_text=text, wish=due.wish, operator=due.operator_name)
    return out.CallerOut(
        call=call_out(call),
        tickets=[summary_out(row, policy) for row in known.tickets],
        calls=[call_out(row) for row in known.calls],
        lines=messages(known.lines),
        noted=messages(known.noted),
        callback=note,
    )


def hints_out(hints: Hints) -> out.HintsOut:
    judged, batch = hints.triage, hints.similar.batch
    return out.HintsOut(
        text=hints.text,
        act=judged["act"],
        **{key: judged[key] for key in ("category", "category_zh", "subcategory", "subcategory_zh")},
        **{key: judged[key] for key in ("warning_level", "crisis", "mediable", "referral")},
        questions=[] if judged["crisis"] else judged["questions"],  # nobody in danger is asked for sums
        help=[reply.text for reply in hints.help],
        card=card_out(hints.answer),
        others=[choice["title"] for choice in hints.answer.get("choices") or ()],
        place=place_out(hints.place) if hints.place else None,
        respondent=hints.respondent,
        phone=hints.phone,
        similar=[out.LikeOut(no=one.no, points=one.points, why=list(one.why)) for one in hints.similar.duplicates],
        batch=batch_out(batch) if batch else None,
    )


def batch_out(batch: Batch) -> out.BatchOut:
    return out.BatchOut(
        respondent=batch.respondent, tickets=list(batch.tickets), count=batch.count, offered=batch.offered
    )


def card_out(found: Any) -> out.CardOut | None:
    answer = found.get("answer")
    if not answer:
        return None
    return out.CardOut(
        entry=answer["entry"],
        title=answer["title"],
        text=answer["text"],
        steps=list(answer.get("steps") or ()),
        evidence=list(answer.get("evidence") or ()),
        citations=citation_lines([one["id"] for one in found.get("citations") or ()]),
    )


def citation_lines(ids: Sequence[str]) -> list[str]:
    """To be read out: 《民法典》第二百九十条、第二百九十一条, one line a law."""
    laws: dict[str, list[str]] = {}
    for one in ids:
        law, _, article = one.partition("#")
        laws.setdefault(law, []).append(article)
    return [f"《{law}》{'、'.join(articles)}" for law, articles in laws.items()]
