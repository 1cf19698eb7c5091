"""What to ask for a kind of dispute."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.domain.errors import NotFound
from api.http.deps import AppRuntime
from api.http.schemas.desk import KnownOut, OpenQuestionsIn, OpenQuestionsOut, QuestionOut, QuestionsOut
from knowledge_base.routing.asking import sort_out

router = APIRouter(prefix="/api/v1", tags=["questions"])


@router.get("/questions")
async def questions(
    app: AppRuntime,
    category: Annotated[str, Query(max_length=40)],
    subcategory: Annotated[str, Query(max_length=40)] = "",
) -> QuestionsOut:
    """At most five short questions, most useful first."""
    if category not in app.policy.categories:
        raise NotFound(f"没有这个纠纷类别：{category}")
    found = app.content.questions_for(category, subcategory)
    return QuestionsOut(questions=[QuestionOut.model_validate(one) for one in found])


@router.post("/questions")
async def open_questions(body: OpenQuestionsIn, app: AppRuntime) -> OpenQuestionsOut:
    """The same without what the words already answer; `known` says what that was."""
    if body.category not in app.policy.categories:
        raise NotFound(f"没有这个纠纷类别：{body.category}")
    words = {one.entity: one.text or str(one.value) for one in reversed(body.entities)}
    ours = app.content.questions_for(body.category, body.subcategory or "")
    asked, known = sort_out(ours, body.text, words)
    _, beside = sort_out(app.content.common_facts(but=ours), body.text, {})
    return OpenQuestionsOut(
        questions=[QuestionOut.model_validate(one) for one in asked],
        known=[KnownOut.model_validate(one, from_attributes=True) for one in known],
        beside=[KnownOut.model_validate(one, from_attributes=True) for one in beside],
    )
