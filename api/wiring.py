"""Puts the parts of one process together; nothing else decides which implementation is used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from api.clients.rasa import RasaBot
from api.db.base import DataKeys
from api.db.session import Database
from api.domain.conversation import Reply
from api.domain.policy import Policy
from api.domain.safety import SafetyGate
from api.services import protective
from api.services.care import Care
from api.services.crisis import CrisisDesk
from api.services.desk_rules import desk_rules
from api.services.help_texts import HelpTexts
from api.services.inbox import Inbox, InboxRules
from api.services.policy_file import read_policy
from api.services.record_book import record_book
from api.services.routing import RoutingDesk
from api.services.triage import TriageDesk
from api.services.working_days import County
from api.settings import Settings
from knowledge_base import safety
from knowledge_base.routing import loader as routing_content
from knowledge_base.routing.loader import RoutingContent
from knowledge_base.safety.second_opinion import load_second_opinion
from knowledge_base.wording import load_wording

TURN_ATTEMPTS = 2


@dataclass(frozen=True)
class Core:
    """What app and worker have in common."""

    settings: Settings
    database: Database
    bot: RasaBot
    crisis: CrisisDesk
    inbox: Inbox
    policy: Policy
    content: RoutingContent
    triage: TriageDesk
    desk: RoutingDesk


def inbox_rules(settings: Settings) -> InboxRules:
    wording = load_wording()
    return InboxRules(
        turn_timeout=settings.turn_timeout_seconds * (TURN_ATTEMPTS + 1),
        lease=timedelta(seconds=settings.turn_lease_seconds),
        attempts=TURN_ATTEMPTS,
        fallback=Reply(wording["turn_failed"]),
        busy=Reply(wording["turn_busy"]),
    )


@asynccontextmanager
async def open_core(
    settings: Settings, *, bot_transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Core]:
    """Opens the database and the client of the bot, and closes them again."""
    DataKeys.use([settings.data_key.get_secret_value()])
    County.use(settings.home)
    database = Database(settings.database_url)
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
    timeout = settings.turn_timeout_seconds
    async with httpx.AsyncClient(timeout=timeout, limits=limits, transport=bot_transport) as http:
        bot = RasaBot(http, settings.rasa_url)
        desk_rules(), record_book()  # read and checked before anybody waits for them
        content = routing_content.load()
        policy = read_policy()
        desk = RoutingDesk(policy)
        gate = SafetyGate(safety.load_rules())
        care = Care.of(load_second_opinion(), gate)
        texts = HelpTexts(gate, safety.load_texts().by_kind)
        crisis = CrisisDesk(database, gate, texts, care, protective.opener(desk), now=settings.now)
        inbox = Inbox(database, bot, crisis, inbox_rules(settings), now=settings.now)
        try:
            triage = TriageDesk(policy, gate, care.opinion, content)
            yield Core(settings, database, bot, crisis, inbox, policy, content, triage, desk)
        finally:
            await database.close()
