"""Triage, answers and statute search."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput
from api.http.deps import AppRuntime, Now
from api.http.schemas.knowledge import AskIn, FollowUpIn, StatuteOut, Triage, TriageIn
from api.http.schemas.villagers import MattersIn
from api.services.intake_text import readable
from api.services.matters import matters

router = APIRouter(prefix="/api/v1", tags=["knowledge"])


@router.post("/triage")
async def triage(body: TriageIn, app: AppRuntime) -> Triage:
    """One object for `text`, `{"results": […]}` in the same order for `texts`."""
    if body.text is not None:
        parse = body.parse.model_dump() if body.parse else (await app.bot.parse([body.text]))[0]
        return app.triage.judge(body.text, parse)
    texts = body.texts or []
    parses = await app.bot.parse(texts)
    return {"results": [app.triage.judge(text, parse) for text, parse in zip(texts, parses, strict=True)]}


@router.post("/ask")
async def ask(body: AskIn, app: AppRuntime, now: Now) -> dict[str, Any]:
    """The curated answer, or none with the statutes that most likely matter."""
    text = readable(body.text, max_chars=app.settings.message_max_chars)
    parse = body.parse.model_dump() if body.parse else (await app.bot.parse([text]))[0]
    judged = app.triage.judge(text, parse)
    if body.parse:  # out of a conversation, not a tool's question
        await app.queue_for_review(text, judged, at=now)
    if judged["category"] == "out_of_scope":
        return {**app.knowledge.nothing(), "wish": None, "triage": judged}
    entities = [one.model_dump() for one in body.parse.entities] if body.parse else parse.get("entities") or []
    found = app.knowledge.ask(text, judged, on=now.astimezone(LOCAL).date())
    answers = [{**one, "offer": app.wisher.named(one["leads_to"])} for one in found["answers"]]
    return {**found, "answers": answers, "wish": app.wisher.find(text, entities), "triage": judged}


@router.post("/follow-up")
async def follow_up(body: FollowUpIn, app: AppRuntime) -> dict[str, Any]:
    """A short question that leans on the matter asked about before."""
    return app.knowledge.follow_up(body.text, story=body.story, entry_id=body.entry)


@router.post("/matters")
async def several_matters(body: MattersIn, app: AppRuntime) -> dict[str, Any]:
    """The separate problems in one message; an empty list when there is only one."""
    rules = app.content.clarify["several"]
    return {"matters": await matters(body.text, parse=app.bot.parse, triage=app.triage, rules=rules)}


@router.get("/entries/{entry_id}")
async def entry(entry_id: str, app: AppRuntime) -> dict[str, Any]:
    found = app.knowledge.entry(entry_id)
    found["answer"]["offer"] = app.wisher.named(found["answer"]["leads_to"])
    return {**found, "mediable": app.triage.mediable(found["category"], found["subcategory"])}


@router.get("/statutes/search")
async def search(
    app: AppRuntime,
    now: Now,
    q: Annotated[str, Query(max_length=2000)],
    k: Annotated[int, Query(ge=1, le=100)] = 10,
) -> list[StatuteOut]:
    """Articles for a question in everyday words, best first."""
    if not q.strip():
        raise InvalidInput("请写上要查的内容。", code="empty_query")
    hits = app.knowledge.search(q, k, on=now.astimezone(LOCAL).date())
    return [
        StatuteOut(
            id=hit.id,
            law=hit.law,
            label=hit.label,
            text=hit.text,
            effective=hit.effective,
            score=float(hit.score),
            warning=hit.warning,
        )
        for hit in hits
    ]
