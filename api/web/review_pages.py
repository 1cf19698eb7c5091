"""The reviewer's page: one sentence after the other, a label or nothing."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.http.deps import AppRuntime, Now, ReadSession, WriteSession
from api.services import review
from api.web.console import OurForm, Staff
from api.web.pages import PageRoute, go, page

MOST = 10

router = APIRouter(prefix="/console/review", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def queue(request: Request, app: AppRuntime, session: ReadSession, staff: Staff) -> HTMLResponse:
    rows, count = await review.waiting(session, most=MOST)
    labels = {
        f"{code}.{sub}": f"{category.zh}·{zh}"
        for code, category in app.policy.categories.items()
        for sub, zh in category.subcategories.items()
    }
    return page(request, "review", viewer=staff, rows=rows, waiting=count, labels=labels)


@router.post("/{item}", dependencies=[OurForm])
async def decide(
    item: int,
    app: AppRuntime,
    session: WriteSession,
    now: Now,
    staff: Staff,
    label: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    await app.review.decide(session, item, label or None, by=staff.actor, at=now)
    return go("review")
