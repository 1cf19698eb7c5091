"""Calculators: open to everybody, nothing is stored."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.domain.deadline import LOCAL
from api.http.deps import AppRuntime, Now
from api.http.schemas.work import AnswerIn, CalculateIn, ReckoningOut, SaidIn

router = APIRouter(prefix="/api/v1/calculators", tags=["calculators"])
Code = Annotated[str, Path(max_length=40, examples=["severance"])]


@router.get("")
async def listing(app: AppRuntime) -> dict[str, list[dict[str, Any]]]:
    """All calculators with the facts they take: label, type, choices, whether required."""
    return {"calculators": app.calculators.listing()}


@router.post("/{code}")
async def calculate(code: Code, body: CalculateIn, app: AppRuntime, now: Now) -> ReckoningOut:
    """The result with its formula, or what has to be asked next. An estimate, never a decision."""
    today = now.astimezone(LOCAL).date()
    return ReckoningOut.model_validate(app.calculators.calculate(code, body.facts, today=today))


@router.post("/{code}/answer")
async def read_answer(code: Code, body: AnswerIn, app: AppRuntime) -> dict[str, Any]:
    """The value of one fact in the words of an answer; 422 with what to say when it is none."""
    return {"facts": app.calculators.answer(code, body.field, body.text, body.found)}


@router.post("/{code}/prefill")
async def prefill(code: Code, body: SaidIn, app: AppRuntime) -> dict[str, Any]:
    """What a message already says about the facts of this calculator."""
    return {"facts": app.calculators.prefill(code, body.text, body.found)}
