"""What to ask for a kind of dispute."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.domain.errors import NotFound
from api.http.deps import AppRuntime
from api.http.schemas.desk import QuestionOut, QuestionsOut

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
