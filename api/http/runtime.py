"""Everything one app process holds, built once in api/main.py and handed to the routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.clients.rasa import RasaBot
from api.db.session import Database
from api.domain.policy import Policy
from api.services.calculating import CalculatorDesk
from api.services.check_codes import CheckCodes
from api.services.crisis import CrisisDesk
from api.services.inbox import Inbox
from api.services.knowledge import Library
from api.services.papers import PaperDesk
from api.services.review import ReviewQueue
from api.services.triage import TriageDesk
from api.services.watching import Watcher
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
    review: ReviewQueue
    codes: CheckCodes
    watcher: Watcher
    executor: "ActionExecutor"
    internal_token: str

    async def queue_for_review(self, text: str, judged: Mapping[str, Any], *, at: datetime) -> None:
        """Keeps a sentence the triage was unsure of; the transaction is taken only where there is something to keep."""
        if self.review.unsure(text, judged):
            async with self.database.transaction() as session:
                await self.review.offer(session, text, judged, at=at)
