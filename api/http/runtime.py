"""Everything one app process holds, built once in api/main.py and handed to the routes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.clients.rasa import RasaBot
from api.db.session import Database
from api.domain.policy import Policy
from api.services.calculating import CalculatorDesk
from api.services.crisis import CrisisDesk
from api.services.inbox import Inbox
from api.services.knowledge import Library
from api.services.papers import PaperDesk
from api.services.triage import TriageDesk
from api.services.wishes import Wisher
from api.settings import Settings
from knowledge_base.routing.loader import RoutingContent

if TYPE_CHECKING:
    from rasa_sdk.executor import ActionExecutor


@dataclass(frozen=True)
class Runtime:
    """`internal_token` is made anew by every process: only the actions mounted in it know it."""

    settings: Settings
    database: Database
    bot: RasaBot
    inbox: Inbox
    crisis: CrisisDesk
    knowledge: Library
    calculators: CalculatorDesk
    papers: PaperDesk
    wisher: Wisher
    policy: Policy
    content: RoutingContent
    triage: TriageDesk
    executor: "ActionExecutor"
    internal_token: str
