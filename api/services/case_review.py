"""Drawing files for review, taking in the two sheets, settling where they are far apart."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import case_reviews as store
from api.db import tickets
from api.db.tables.desk import MemberRow, TicketRow
from api.db.tables.oversight import CaseReview, ReviewSheet
from api.domain.access import Viewer
from api.domain.case_review import Point, Reader, ReviewStatus, outcome, total_of, two_readers
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.domain.subsidy import drawn
from api.services.subsidy import may_manage, month
from knowledge_base.desk.case_review import load_case_review

MISSING = "没有这次评查，或者您无权查看"


@cache
def review_rules() -> Mapping[str, Any]:
    return load_case_review()


def points() -> list[Point]:
    return [Point(one["code"], one["zh"], one["most"]) for one in review_rules()["points"]]


async def draw(
    session: AsyncSession, *, town: str, period: str, percent: int | None, by: Viewer, at: datetime
) -> list[CaseReview]:
    """A random sample of a town's files closed in a month, each with two readers who had no part in it."""
    if not may_manage(by, town):
        raise Forbidden("案卷评查由司法所、镇和县里组织")
    rules, words = review_rules(), review_rules()["words"]
    share = rules["percent"]["usual"] if percent is None else percent
    if not rules["percent"]["least"] <= share <= rules["percent"]["most"]:
        raise InvalidInput(words["percent"].format(**rules["percent"]), code="bad_percent")
    since, until = month(period)
    rows = {row.no: row for row in await store.to_draw_from(session, town, since, until, rules["outcomes"])}
    if not rows:
        raise InvalidInput(words["nothing"], code="nothing_to_review")
    seed = secrets.token_hex(8)
    chosen = [rows[no] for no in drawn(list(rows), share, rules["at_least"], seed)]
    readers = await _readers(session, town, chosen, seed)
    reviews = []
    for row in chosen:
        first, second = readers[row.id]
        for one in (first, second):
            await tickets.grant(session, row, one.organisation, "reviews")
        reviews.append(
            CaseReview(
                ticket_id=row.id,
                town=town,
                period=period,
                seed=seed,
                drawn_at=at,
                drawn_by=by.actor,
                first_id=first.member,
                second_id=second.member,
                status=ReviewStatus.READING,
            )
        )
    session.add_all(reviews)
    await session.flush()
    return reviews


async def _readers(
    session: AsyncSession, town: str, rows: Sequence[TicketRow], seed: str
) -> dict[int, tuple[Reader, Reader]]:
    """Raises Conflict when a file has no two readers."""
    pool = await store.readers(session, town, review_rules()["reader_roles"])
    handled = await store.handled_by(session, [row.id for row in rows])
    load: dict[int, int] = {}
    luck = Random(seed)
    found: dict[int, tuple[Reader, Reader]] = {}
    for row in rows:
        pair = two_readers(pool, frozenset(handled.get(row.id, ())), load, luck)
        if len(pair) < 2:
            raise Conflict(review_rules()["words"]["few_readers"], code="few_readers")
        found[row.id] = (pair[0], pair[1])
    return found


async def hand_in(
    session: AsyncSession, id: int, given: Mapping[str, int], remarks: Mapping[str, str], *, by: Viewer, at: datetime
) -> CaseReview:
    """One reader's sheet; the second one in decides. A sheet is handed in once and not changed."""
    review = await find(session, id, by=by)
    member = int(by.member or 0)
    if member not in (review.first_id, review.second_id):
        raise Forbidden("只有抽到的评查人能打分")
    if any(sheet.member_id == member for sheet in review.sheets):
        raise Conflict(review_rules()["words"]["twice"], code="handed_in")
    total = total_of(given, points(), review_rules()["words"])
    text = json.dumps(dict(remarks), ensure_ascii=False)
    sheet = ReviewSheet(review_id=id, member_id=member, points=dict(given), remarks=text, total=total, at=at)
    review.sheets.append(sheet)
    if len(review.sheets) == 2:
        first, second = (one.total for one in review.sheets)
        review.status, review.score = outcome(first, second, review_rules()["gap"])
    await session.flush()
    return review


async def settle(session: AsyncSession, id: int, score: int, note: str, *, by: Viewer) -> CaseReview:
    """Where the two are far apart, a third person decides with a written reason; neither reader may."""
    review = await find(session, id, by=by)
    if review.status != ReviewStatus.DISPUTED:
        raise Conflict("两位评查人没有分歧，不用另定", code="not_disputed")
    if not may_manage(by, review.town) or int(by.member or 0) in (review.first_id, review.second_id):
        raise Forbidden("分歧要由没有参加这次评查的人来定")
    if not 0 <= score <= 100 or not note.strip():
        raise InvalidInput("要写 0 到 100 的分数和理由", code="note_required")
    review.status, review.score, review.note, review.settled_by = ReviewStatus.SETTLED, score, note.strip(), by.actor
    await session.flush()
    return review


async def find(session: AsyncSession, id: int, *, by: Viewer) -> CaseReview:
    """Raises NotFound for whoever neither reads nor manages it."""
    review = await store.find(session, id)
    if review is None or not (_reads(by, review) or may_manage(by, review.town)):
        raise NotFound(MISSING)
    return review


def _reads(by: Viewer, review: CaseReview) -> bool:
    return bool(by.member) and int(by.member) in (review.first_id, review.second_id)


def sheets_for(review: CaseReview, viewer: Viewer) -> list[ReviewSheet]:
    """A reader sees their own sheet and never the other one; who manages sees both, once both are in."""
    if _reads(viewer, review):
        return [sheet for sheet in review.sheets if str(sheet.member_id) == viewer.member]
    done = review.status != ReviewStatus.READING
    return list(review.sheets) if done and may_manage(viewer, review.town) else []


async def names(session: AsyncSession, review: CaseReview) -> dict[int, str]:
    found = {}
    for id in (review.first_id, review.second_id):
        member = await session.get(MemberRow, id)
        found[id] = member.name if member else ""
    return found


async def listed(
    session: AsyncSession, *, town: str, period: str, own: bool, by: Viewer, limit: int = 100
) -> Sequence[CaseReview]:
    everything = may_manage(by, town) if town else may_manage(by, by.scope.town if by.scope else "")
    scoped = town or (by.scope.town if by.scope and not by.everything else "")
    return await store.listed(session, by, everything=everything, town=scoped, period=period, own=own, limit=limit)
