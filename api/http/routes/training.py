"""Training over HTTP: attendance, quizzes, and the article behind every question."""

from dataclasses import asdict
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.domain.deadline import LOCAL
from api.http.deps import AppRuntime, Now, ReadSession, StaffViewer, WriteSession
from api.http.schemas.desk import Short, Strict
from api.services import training
from api.services.articles import find_article
from knowledge_base.statutes.catalogue import load_catalogue

router = APIRouter(prefix="/api/v1", tags=["training"])
CATALOGUE = load_catalogue()
Course = Annotated[str, Path(max_length=40, examples=["W-20261120-0001"])]


class AttendIn(Strict):
    members: list[Short] = Field(min_length=1, max_length=500, examples=[["donggou1_grid"]])


class DrawIn(Strict):
    """`course`: the number of a course; its range of questions is used when no `topic` is named."""

    topic: Short = ""
    course: Short = ""


class QuestionOut(Strict):
    id: str
    topic: str
    text: str
    options: list[str]


class QuizOut(Strict):
    id: int
    questions: list[QuestionOut]


class AnswersIn(Strict):
    """Question id → index of the chosen option, from 0."""

    answers: dict[str, int] = Field(max_length=100)


class MarkedOut(Strict):
    """`link` opens the article behind the question."""

    id: str
    text: str
    right: bool
    chosen: str | None
    answer: str
    why: str
    article: str
    link: str


class ScoreOut(Strict):
    score: int
    passed: bool
    items: list[MarkedOut]


class CourseResultOut(Strict):
    attended: int
    attempts: int
    passed: int
    average: int | None


class OwnOut(Strict):
    courses: int
    hours: str


class ArticleOut(Strict):
    id: str
    law: str
    label: str
    effective: str | None
    text: str | None


@router.get("/statutes/article")
async def article(
    app: AppRuntime, now: Now, id: Annotated[str, Query(max_length=200, examples=["人民调解法#第十七条"])]
) -> ArticleOut:
    """One article by its id; its text once the law has been imported."""
    on = now.astimezone(LOCAL).date()
    found = find_article(id, catalogue=CATALOGUE, statutes=app.settings.statutes_path, on=on)
    return ArticleOut(**asdict(found))


@router.post("/training/courses/{no}/attendance")
async def attend(no: Course, body: AttendIn, session: WriteSession, viewer: StaffViewer, now: Now) -> dict[str, int]:
    """Who came; the same person twice counts once."""
    return {"attended": await training.attend(session, no, body.members, by=viewer, at=now)}


@router.get("/training/courses/{no}/result")
async def result(no: Course, session: ReadSession, viewer: StaffViewer) -> CourseResultOut:
    return CourseResultOut(**asdict(await training.result(session, no, by=viewer)))


@router.get("/training/own")
async def own(session: ReadSession, viewer: StaffViewer) -> OwnOut:
    """The courses and hours of whoever asks."""
    courses, hours = await training.own_hours(session, by=viewer)
    return OwnOut(courses=courses, hours=hours)


@router.post("/training/quizzes", status_code=201)
async def draw(body: DrawIn, session: WriteSession, viewer: StaffViewer, now: Now) -> QuizOut:
    attempt = await training.draw(session, topic=body.topic, course=body.course, by=viewer, at=now)
    questions = [training.the_quiz().questions[one] for one in attempt.questions]
    return QuizOut(
        id=attempt.id,
        questions=[
            QuestionOut(id=one.id, topic=one.topic, text=one.text, options=list(one.options)) for one in questions
        ],
    )


@router.post("/training/quizzes/{id}/answers")
async def answer(
    id: Annotated[int, Path(ge=1, le=2**31 - 1)], body: AnswersIn, session: WriteSession, viewer: StaffViewer, now: Now
) -> ScoreOut:
    """The score, and for every question what is right, why, and the article."""
    attempt, marked = await training.answer(session, id, body.answers, by=viewer, at=now)
    return ScoreOut(score=attempt.score or 0, passed=bool(attempt.passed), items=[marked_out(one) for one in marked])


def marked_out(one: training.Marked) -> MarkedOut:
    question, options = one.question, one.question.options
    chosen = options[one.chosen] if one.chosen is not None and 0 <= one.chosen < len(options) else None
    return MarkedOut(
        id=question.id,
        text=question.text,
        right=one.right,
        chosen=chosen,
        answer=options[question.right],
        why=question.why,
        article=question.article,
        link=f"/api/v1/statutes/article?id={quote(question.article, safe='')}",
    )
