"""The app: everything the outside touches, with Rasa's action endpoint mounted in it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from actions.desk import Desk
from actions.registry import build_executor
from api.channels.chatwoot.routes import chatwoot_router
from api.channels.wechat.wiring import wechat_router
from api.channels.wecom.routes import wecom_router
from api.http import errors
from api.http.routes import (
    actions,
    auth,
    calculators,
    case_reviews,
    chat,
    clocks,
    directory,
    directory_files,
    documents,
    evidence,
    exports,
    handover,
    health,
    hotline,
    knowledge,
    my_data,
    notices,
    papers,
    photos,
    places,
    public,
    questions,
    quick,
    records,
    reports,
    review,
    routing,
    subsidies,
    ticket_life,
    ticket_routing,
    tickets,
    training,
    villagers,
    wishes,
    work,
)
from api.http.runtime import Runtime
from api.logs import configure_logging
from api.services.calculating import open_calculators
from api.services.check_codes import CheckCodes
from api.services.knowledge import open_library
from api.services.papers import open_papers
from api.services.review import review_queue
from api.services.watching import Watcher
from api.services.wishes import Wisher
from api.settings import Settings
from api.web import console, hotline_pages, quick_pages, report_pages, review_pages, talk_pages, webchat
from api.wiring import open_core
from knowledge_base.statutes.catalogue import load_catalogue

ROUTERS = (
    health.router,
    chat.router,
    handover.router,
    photos.router,
    hotline.router,
    knowledge.router,
    calculators.router,
    papers.router,
    papers.downloads,
    wishes.router,
    routing.router,
    places.router,
    questions.router,
    review.router,
    clocks.router,
    evidence.router,
    villagers.router,
    records.router,
    notices.router,
    ticket_life.router,
    documents.router,
    tickets.router,
    ticket_routing.router,
    reports.router,
    exports.router,
    directory.router,
    directory_files.router,
    work.router,
    quick.router,
    subsidies.router,
    case_reviews.router,
    my_data.router,
    public.router,
    training.router,
    auth.router,
    actions.router,
    webchat.router,
    console.router,
    talk_pages.router,
    report_pages.router,
    review_pages.router,
    quick_pages.router,
    hotline_pages.router,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    token = secrets.token_urlsafe(32)
    catalogue = load_catalogue()
    calculators = open_calculators(catalogue, settings.home)
    papers_desk = open_papers(
        catalogue,
        secret=settings.secret_key.get_secret_value(),
        hours=settings.paper_link_hours,
        today=settings.now().date(),
        public_url=settings.public_url,
    )
    inside = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        open_core(settings, bot_transport=app.state.bot_transport) as core,
        httpx.AsyncClient(transport=inside, base_url="http://desk", headers=headers) as desk_http,
    ):
        app.state.routing_desk = core.desk
        app.state.runtime = Runtime(
            settings=settings,
            database=core.database,
            bot=core.bot,
            inbox=core.inbox,
            crisis=core.crisis,
            knowledge=open_library(settings.statutes_path),
            calculators=calculators,
            papers=papers_desk,
            wisher=Wisher(calculators, papers_desk),
            policy=core.policy,
            content=core.content,
            triage=core.triage,
            review=review_queue(core.policy, settings.secret_key.get_secret_value()),
            codes=CheckCodes(settings.secret_key.get_secret_value().encode()),
            watcher=Watcher(core.database),
            executor=build_executor(Desk(desk_http)),
            internal_token=token,
        )
        yield


def allow_widget(app: FastAPI, origins: list[str]) -> None:
    """Pages of these sites may embed the chat; without cookies, so nobody is logged in through them."""
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["Content-Type"]
        )


def create_app(settings: Settings | None = None, *, bot_transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """One app per process; settings come from the environment unless given, the bot is reached over its transport."""
    app = FastAPI(
        title="枫桥助手",
        description="乡村法律咨询与矛盾纠纷分流调解平台的接口。错误一律是 {error, detail}。",
        lifespan=lifespan,
        responses={400: {"description": "请求读不出来"}},
    )
    app.state.settings = settings or Settings()
    app.state.bot_transport = bot_transport
    configure_logging(app.state.settings.log_level)
    errors.install(app)
    allow_widget(app, app.state.settings.widget_origin_list)
    for router in ROUTERS:
        app.include_router(router)
    for channel in (wechat_router, wecom_router, chatwoot_router):
        app.include_router(channel(app.state.settings))
    webchat.mount_static(app)
    return app
