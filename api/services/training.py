"""Training: who came to a course, and the quiz whose wrong answers lead to the article."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import SystemRandom

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.session import insert_into
from api.db.tables.desk import MemberRow
from api.db.tables.oversight import Attendance, QuizAttempt
from api.db.tables.work import WorkRow
from api.domain.access import Viewer
from api.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.domain.work import may_write
from api.services import work
from api.services.work import filled, record_of
from knowledge_base.desk.quiz import Question, Quiz, load_quiz

COURSE = "course"
MISSING = "没有这份测验，或者不是您的"


@dataclass(frozen=True)
class Marked:
    question: Question
    chosen: int | None

    @property
    def right(self) -> bool:
        return self.chosen == self.question.right


@cache
def the_quiz() -> Quiz:
    return load_quiz()


async def attend(session: AsyncSession, no: str, usernames: Sequence[str], *, by: Viewer, at: datetime) -> int:
    """Marks who came; who runs the course marks anybody, a member of staff themselves. Returns how many came in all."""
    row = await work.get(session, COURSE, no, visible_to=by)
    members = await _members(session, usernames)
    mine = {int(by.member)} if by.member else set()
    if set(members) - mine and not may_write(by, record_of(row)):
        raise Forbidden("只能登记自己参加，别人由办课的单位登记")
    for member in members:
        values = {"record_id": row.id, "member_id": member, "at": at, "by": by.actor}
        await session.execute(insert_into(session, Attendance).values(values).on_conflict_do_nothing())
    return await session.scalar(select(func.count()).where(Attendance.record_id == row.id)) or 0


async def _members(session: AsyncSession, usernames: Sequence[str]) -> list[int]:
    wanted = list(dict.fromkeys(usernames))
    query = select(MemberRow.id, MemberRow.username).where(MemberRow.username.in_(wanted), MemberRow.active.is_(True))
    known = {row.username: row.id for row in await session.execute(query)}
    if missing := [one for one in wanted if one not in known]:
        raise InvalidInput(f"没有这个账号：{'、'.join(missing[:5])}", code="unknown_member")
    return list(known.values())


async def draw(session: AsyncSession, *, topic: str, course: str, by: Viewer, at: datetime) -> QuizAttempt:
    """Questions in random order, of the course's range when it has one. Raises InvalidInput for an unknown range."""
    if not by.member:
        raise Forbidden("测验要用自己的账号做")
    row = await work.get(session, COURSE, course, visible_to=by) if course else None
    wanted = topic or (str(filled(row).get("topic", "")) if row else "")
    pool = [one.id for one in the_quiz().questions.values() if wanted in ("", one.topic)]
    if not pool:
        ranges = "、".join(the_quiz().topics)
        raise InvalidInput(f"没有这个测验范围，可选：{ranges}", code="unknown_topic")
    chosen = SystemRandom().sample(pool, min(the_quiz().per_quiz, len(pool)))
    attempt = QuizAttempt(
        member_id=int(by.member), record_id=row.id if row else None, questions=chosen, answers={}, drawn_at=at
    )
    session.add(attempt)
    await session.flush()
    return attempt


async def answer(
    session: AsyncSession, id: int, given: Mapping[str, int], *, by: Viewer, at: datetime
) -> tuple[QuizAttempt, list[Marked]]:
    """Scores an attempt, once; what is not answered is wrong. `score` is percent, rounded down."""
    attempt = await session.get(QuizAttempt, id, with_for_update=True)
    if attempt is None or str(attempt.member_id) != by.member:
        raise NotFound(MISSING)
    if attempt.answered_at is not None:
        raise Conflict("这份测验已经交过了，可以再抽一份", code="handed_in")
    if strange := set(given) - set(attempt.questions):
        raise InvalidInput(f"不是这份测验的题：{sorted(strange)[0]}", code="unknown_question")
    marked = [Marked(the_quiz().questions[one], given.get(one)) for one in attempt.questions]
    attempt.answers = dict(given)
    attempt.score = 100 * sum(one.right for one in marked) // len(marked)
    attempt.passed, attempt.answered_at = attempt.score >= the_quiz().pass_percent, at
    await session.flush()
    return attempt, marked


@dataclass(frozen=True)
class CourseResult:
    """How a course went: numbers only, nobody is ranked. `average` is percent of the answered attempts."""

    attended: int
    attempts: int
    passed: int
    average: int | None


async def result(session: AsyncSession, no: str, *, by: Viewer) -> CourseResult:
    row: WorkRow = await work.get(session, COURSE, no, visible_to=by)
    attended = await session.scalar(select(func.count()).where(Attendance.record_id == row.id)) or 0
    answered = select(QuizAttempt.score, QuizAttempt.passed).where(
        QuizAttempt.record_id == row.id, QuizAttempt.answered_at.is_not(None)
    )
    scores = [(one.score, one.passed) for one in await session.execute(answered)]
    average = sum(score for score, _ in scores) // len(scores) if scores else None
    return CourseResult(attended, len(scores), sum(bool(passed) for _, passed in scores), average)


async def own_hours(session: AsyncSession, *, by: Viewer) -> tuple[int, str]:
    """(courses, hours) the viewer attended."""
    query = select(WorkRow.facts).join(Attendance, Attendance.record_id == WorkRow.id)
    rows = (await session.scalars(query.where(Attendance.member_id == int(by.member or 0)))).all()
    hours = sum(float(facts.get("hours", 0)) for facts in rows)
    return len(rows), f"{hours:g}"
